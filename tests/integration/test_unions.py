"""A new event, command, effect or message that is not handled everywhere fails the type check.

A copy of the package gets one more member in each union (`Extra...`).  mypy, run once, must then complain of
it in every module that matches the union.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import moodspeaker

PACKAGE = Path(moodspeaker.__file__).parent
ROOT = PACKAGE.parent
UNIONS = {
    "domain/commands.py": ("Command",),
    "domain/player.py": ("PlayerEvent",),
    "director/effects.py": ("MusicRequest", "PlayerEffect", "Effect", "DirectorCommand", "Event"),
    "wire/__init__.py": ("FromVision", "ToVision"),
    "vision/trace.py": ("Line",),
    "adapters/mqtt/connection.py": ("LinkEvent",),
    "adapters/mqtt/link_faults.py": ("Failure",),
}
FLAGS = ("--strict", "--follow-imports=silent", "--no-error-summary", "--no-pretty", "--no-color-output")


def extended(source: str, union: str) -> str:
    """Return a module with one more member in a union."""
    [alias] = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == union
    ]
    assert alias.value is not None
    assert alias.end_lineno is not None
    value = alias.value.value if isinstance(alias.value, ast.Constant) else ast.unparse(alias.value)
    member = f"class Extra{union}: ...\n\n\n{union}: TypeAlias = '{value} | Extra{union}'\n"
    lines = source.splitlines(keepends=True)
    return "".join([*lines[: alias.lineno - 1], member, *lines[alias.end_lineno :]])


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Module and text of each error that mypy finds in the copy."""
    folder = tmp_path_factory.mktemp("unions")
    copy = folder / "moodspeaker"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for module, unions in UNIONS.items():
        for union in unions:
            (copy / module).write_text(extended((copy / module).read_text(), union))
    shutil.copy(ROOT / "pyproject.toml", folder)
    command = [
        sys.executable,
        "-m",
        "mypy",
        *FLAGS,
        "--cache-dir",
        str(folder / "cache"),
        "-p",
        "moodspeaker",
    ]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    found = re.findall(r"^moodspeaker/(\S+?):\d+: error: (.*)", told, re.MULTILINE)
    assert found, told
    return found


@pytest.mark.parametrize(
    ("union", "modules"),
    [
        ("Command", {"cli/command.py", "speaker/loop.py"}),
        ("DirectorCommand", {"director/director.py"}),
        ("PlayerEvent", {"director/director.py", "speaker/loop.py"}),
        ("Event", {"director/director.py"}),
        (
            "PlayerEffect",
            {"director/director.py", "director/flow.py", "speaker/loop.py", "speaker/performer.py"},
        ),
        ("MusicRequest", {"speaker/loop.py"}),
        ("Effect", {"speaker/loop.py"}),
        ("FromVision", {"speaker/seeing.py", "wire/__init__.py"}),
        ("ToVision", {"vision/server.py", "wire/__init__.py"}),
        ("Line", {"cli/replay.py", "vision/cameras/replay.py"}),
        ("LinkEvent", {"adapters/mqtt/client.py"}),
        ("Failure", {"adapters/mqtt/link_faults.py"}),
    ],
)
def test_a_member_that_is_not_handled_is_found_wherever_the_union_is_matched(
    complaints: list[tuple[str, str]], union: str, modules: set[str]
) -> None:
    found = {
        module
        for module, text in complaints
        if "assert_never" in text and re.search(rf"\bExtra{union}\b", text)
    }
    assert modules <= found
