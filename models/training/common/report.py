"""Measure both models that ship again, draw their plots, write their cards: one command after new weights.

    report.py DATA [--models ../..] [--plots ../../../docs/models] [--few]
        [--face-float OUT/face.pt] [--emotion-float OUT/emotion.pt]

DATA holds `faces/` and `fer2013/`.  Every figure is measured through the files in MODELS and the shipped
code, and written into their manifests; `--face-float` and `--emotion-float` also measure the weights that the
files were made of.  What a look costs on ARM is the only part that stays as it was: `look_cost.py` counts
that in a virtual machine.  `--few` measures a few faces only, to see in minutes that everything runs: its
figures mean nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from manifest_file import write_manifest

TRAINING: Final = Path(__file__).resolve().parents[1]
CHECKOUT: Final = TRAINING.parents[1]


def ran(script: str, *arguments: object) -> None:
    """Run a script of the training and say which; raise CalledProcessError when it fails."""
    command = [sys.executable, str(TRAINING / script), *map(str, arguments)]
    print("==", script, *arguments, flush=True)
    subprocess.run(command, check=True, cwd=(TRAINING / script).parent)  # noqa: S603 - our own


def emotion(data: Path, folder: Path, plots: Path, weights: Path | None, few: list[str]) -> None:
    """Measure and draw the expression net."""
    floats = ["--float", weights] if weights else []
    ran("emotion/evaluate_emotion.py", data / "fer2013", folder, "--curves", plots / "emotion.json", *floats)
    ran("emotion/robustness_emotion.py", data / "fer2013", folder, *few)
    ran("common/plots.py", folder, plots / "emotion.json", plots)


def face(data: Path, models: Path, plots: Path, weights: Path | None, few: list[str]) -> None:
    """Measure and draw the detector."""
    folder, curves = models / "face", plots / "face.json"
    path = folder / "manifest.json"
    threshold = ["--threshold", str(json.loads(path.read_text())["threshold"])]
    ran("face/evaluate_face.py", data, folder, *threshold, "--curves", curves, "--write")
    if weights:
        with tempfile.NamedTemporaryFile(suffix=".json") as figures:
            ran("face/evaluate_face.py", data, weights, *threshold, "--json", figures.name)
            manifest = json.loads(path.read_text())
            manifest["metrics"]["float"] = json.loads(Path(figures.name).read_text())
            write_manifest(path, manifest)
    ran("face/reach_face.py", data, folder, "--crop", models / "emotion", *few)
    ran("face/robustness_face.py", data, folder, *(["--photos", "20"] if few else []))
    ran("common/plots.py", folder, curves, plots)


def main() -> None:
    """Measure, draw and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", type=Path, default=CHECKOUT / "models")
    parser.add_argument("--plots", type=Path, default=CHECKOUT / "docs" / "models")
    parser.add_argument("--face-float", type=Path)
    parser.add_argument("--emotion-float", type=Path)
    parser.add_argument("--few", action="store_true")
    given = parser.parse_args()
    data, models, plots = (path.resolve() for path in (given.data, given.models, given.plots))
    floats = [path.resolve() if path else None for path in (given.emotion_float, given.face_float)]
    plots.mkdir(parents=True, exist_ok=True)
    few = ["--faces", "10"] if given.few else []
    emotion(data, models / "emotion", plots, floats[0], few)
    face(data, models, plots, floats[1], few)
    ran("common/plots.py", "examples", models, plots)
    ran("common/card.py", models / "face", models / "emotion", "--plots", plots)


if __name__ == "__main__":
    main()
