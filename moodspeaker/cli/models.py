"""`moodspeaker models`: whether the models are what their manifests say, and what the manifests say."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

TASKS: Final = ("face", "emotion", "music")
SUMMARY = "verify or show the models"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action", choices=("verify", "show"), help="verify: exit 1 unless all models are sound"
    )
    parser.add_argument(
        "--json", action="store_true", help="verify: one line a model; show: the whole manifests"
    )


def run(arguments: argparse.Namespace) -> int:
    """Verify or show; 1 when a model is not sound."""
    from moodspeaker import resources
    from moodspeaker.config.load import load

    path = load(arguments.config, arguments.set).models.path
    folder = resources.models_folder(path)
    folders = {task: folder / task for task in TASKS} | {"music": resources.music_model_folder(path)}
    act = _verify if arguments.action == "verify" else _show
    return act(folders, folder, as_json=arguments.json)


def _verify(folders: Mapping[str, Path], named: Path, *, as_json: bool) -> int:
    """Tell of each model whether it is sound; `named` is the folder that `models.path` names."""
    from moodspeaker.analysis.affect_model import AffectModel
    from moodspeaker.errors import ModelError
    from moodspeaker.vision.interpreter import ExpressionNet, FaceDetector

    code = 0
    for task, kind in (("face", FaceDetector), ("emotion", ExpressionNet), ("music", AffectModel)):
        try:
            manifest = kind(folders[task]).manifest
        except ModelError as error:
            print(f"moodspeaker: {error}", file=sys.stderr)
            code = 1
            if as_json:
                print(json.dumps({"model": task, "sound": False, "reason": str(error)}))
            continue
        if as_json:
            print(
                json.dumps({"model": task, "sound": True, "name": manifest.name, "version": manifest.version})
            )
        else:
            file = folders[task] / manifest.file
            note = _note(folders[task], named)
            print(f"{task}: {manifest.name} {manifest.version}, {file} is sound{note}")
    return code


def _note(folder: Path, named: Path) -> str:
    """Return that a model is not of the folder that `models.path` names, else nothing."""
    return "" if folder.parent == named else f" (it came with the program: {named} has no {folder.name}/)"


def _show(folders: Mapping[str, Path], named: Path, *, as_json: bool) -> int:
    """Print what the manifests say; `named` is the folder that `models.path` names."""
    from moodspeaker.model_files import read_table

    tables = {task: read_table(folders[task]) for task in TASKS}
    if as_json:
        print(json.dumps(tables, indent=2))
        return 0
    for task, table in tables.items():
        file, note = folders[task] / str(table.get("file")), _note(folders[task], named)
        print(f"{task}: {table.get('name')} {table.get('version')}  ({file}){note}")
        for key in (
            "sha256",
            "labels",
            "threshold",
            "threshold_fine",
            "heads",
            "parameters",
            "multiply_adds",
        ):
            if key in table:
                print(f"  {key}: {json.dumps(table[key])}")
        print(f"  training and metrics: {folders[task] / 'CARD.md'}, or --json")
    return 0
