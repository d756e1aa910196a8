"""What a training starts from, and what is drawn of its scores."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "models" / "training"
PIXELS = " ".join(map(str, np.arange(2304) % 251))


def made(folder: Path, monkeypatch: pytest.MonkeyPatch, usages: tuple[str, ...]) -> None:
    faces, votes = folder / "fer2013.csv", folder / "fer2013new.csv"
    head = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
    faces.write_text(
        "emotion,pixels,Usage\n"
        + "".join(
            f"{k},{PIXELS},{usage}\n" for k, usage in enumerate(("Training", "PublicTest", "PrivateTest"))
        )
    )
    votes.write_text(
        head + "".join(f"{usage},fer{k}.png,{k},10,0,0,0,0,0,0,0,0\n" for k, usage in enumerate(usages))
    )
    monkeypatch.setattr(sys, "argv", ["data_emotion.py", str(faces), str(votes), str(folder / "out")])
    runpy.run_path(str(TRAINING / "emotion" / "data_emotion.py"), run_name="__main__")


def test_the_published_tables_become_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, monkeypatch, ("Training", "PublicTest", "PrivateTest"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["train.npz", "valid.npz"]
    with np.load(tmp_path / "out" / "valid.npz") as stored:
        assert stored["images"].shape == (1, 48, 48)
        assert stored["images"][0, 0, :3].tolist() == [0, 1, 2]
        assert stored["votes"].tolist() == [[1, 10, 0, 0, 0, 0, 0, 0, 0, 0]]
        assert stored["fer_label"].tolist() == [1]
        assert stored["row"].tolist() == [1]


def test_tables_that_do_not_belong_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="do not agree"):
        made(tmp_path, monkeypatch, ("Training", "PrivateTest", "PublicTest"))


def test_the_points_of_a_curve_are_those_of_the_scores() -> None:
    curves = runpy.run_path(str(TRAINING / "common" / "curves.py"))
    scores, right = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, False, True, False])
    assert curves["precision_recall"](scores, right, 4) == [[0.25, 1.0, 0.9], [0.5, 0.6667, 0.3]]
    assert curves["precision_recall"](scores, right & False, 4) == []
    assert curves["reliability"](np.array([0.5, 0.52, 0.99]), np.array([True, False, True])) == [
        [0.51, 0.5, 2],
        [0.99, 1.0, 1],
    ]


@pytest.mark.parametrize("task", ["face", "emotion"])
def test_the_plots_are_of_the_file_that_ships(task: str) -> None:
    drawn = json.loads((ROOT / "docs" / "models" / f"{task}.json").read_text())
    shipped = json.loads((ROOT / "models" / task / "manifest.json").read_text())
    assert drawn["sha256"] == shipped["sha256"], "run models/training/common/report.py: README there"
