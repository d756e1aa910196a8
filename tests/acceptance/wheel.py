"""The wheel in an empty environment: the examples of docs/library.md run, and are typed for others.

    .venv/bin/python tests/acceptance/wheel.py

It builds the wheel, installs it with what it needs (pip asks its index), runs each example in a folder of
its own, checks them with mypy --strict from outside, and runs a command.  It fails where one does not hold.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parents[2]
EXAMPLES: Final = re.findall(
    r"```python\n(.*?)```", (CHECKOUT / "docs" / "library.md").read_text(encoding="utf-8"), re.DOTALL
)
SAYS: Final = (
    r"a face at \d+,\d+, \d+ pixels wide: happy \d+%",
    r"unsure -> happy, .*\nhappy 0\.\d",
    r"\A3 heard",
)
DRAW: Final = """
from moodspeaker.demo.faces import HAPPY, Pose, frame
from moodspeaker.vision.opencv import cv2
cv2.imwrite("photo.jpg", frame(HAPPY, Pose(), seed=1))
"""


def run(folder: Path, *command: str | Path) -> str:
    """Run a command in a folder and return what it says; show all of it and end where it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return done.stdout


def main() -> None:
    """Build, install and try."""
    with tempfile.TemporaryDirectory(prefix="ms") as name:
        folder = Path(name)
        run(folder, sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", CHECKOUT)
        [wheel] = folder.glob("*.whl")
        venv.create(folder / "empty", with_pip=True)
        python = folder / "empty" / "bin" / "python"
        run(folder, python, "-m", "pip", "install", "--quiet", wheel)
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, installed")
        run(folder, python, "-c", DRAW)
        for number, (example, says) in enumerate(zip(EXAMPLES, SAYS, strict=True)):
            file = folder / f"example{number}.py"
            file.write_text(example, encoding="utf-8")
            said = run(folder, python, "-P", "-W", "error", file)
            if not re.search(says, said):
                sys.exit(f"example {number} says {said!r}")
        print(f"{len(EXAMPLES)} examples say what they promise")
        files = sorted(folder.glob("example*.py"))
        print(
            run(
                folder, sys.executable, "-m", "mypy", "--strict", "--python-executable", python, *files
            ).strip()
        )
        print(run(folder, folder / "empty" / "bin" / "moodspeaker", "models", "verify").strip())


if __name__ == "__main__":
    main()
