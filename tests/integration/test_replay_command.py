"""`moodspeaker replay`: simulated time, the same answer every time, and one line for what is wrong."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from support.drawn import STANDINS, half_lit
from support.vision_process import write_replay

from moodspeaker.cli import main
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.resources import how_to_install

if TYPE_CHECKING:
    from pathlib import Path

HAPPY = {"probabilities": {str(emotion): 0.94 if emotion == "happy" else 0.01 for emotion in EMOTIONS}}


def replay(folder: Path, *words: str) -> int:
    return main(["replay", str(folder), "--set", f"models.path={STANDINS}", *words])


def written(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "trace.jsonl").write_text(text)
    return folder


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in capsys.readouterr().out.splitlines()]


def test_frames_become_mood_changes_the_same_every_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = [{"t": t, "frame": 0} for t in range(60)]
    looks += [{"t": t, "frame": 1} for t in range(60, 120)] + [
        {"t": t, "frame": None} for t in range(120, 220)
    ]
    folder = write_replay(tmp_path / "day", [half_lit(below=True), half_lit(below=False)], looks, crop=True)
    assert replay(folder) == 0
    first = capsys.readouterr().out
    assert replay(folder) == 0
    assert capsys.readouterr().out == first
    changes = [json.loads(line) for line in first.splitlines()]
    assert [(change["mood"], change["previous"], change["cause"]) for change in changes] == [
        ("unsure", "unsure", "start"),
        ("happy", "unsure", "face"),
        ("sad", "happy", "face"),
        ("nobody", "sad", "absence"),
    ]
    happy, sad = changes[1:3]
    assert happy["valence"] > 0 > sad["valence"]
    assert set(happy) == {"t", "mood", "previous", "cause", "confidence", "valence", "arousal"}
    assert 60 < sad["t"] < 90


def test_each_frame_is_told_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_replay(
        tmp_path / "day", [half_lit(below=True)], [{"t": 0, "frame": 0}, {"t": 1, "frame": None}], crop=True
    )
    assert replay(folder, "--frames") == 0
    seen = [line for line in said(capsys) if "frame" in line]
    assert [(line["t"], line["frame"]) for line in seen] == [(0, 0), (1, None)]
    assert max(seen[0]["probabilities"], key=seen[0]["probabilities"].get) == "happy"
    assert seen[1]["probabilities"] is None


def test_label_records_camera_and_commands_need_no_frames(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        {"crop": True},
        *({"t": t, "expressions": [HAPPY]} for t in range(30)),
        {"t": 30, "camera": "dark"},
        {"t": 31, "camera": "ok"},
        {"t": 32, "command": {"sensing": "off"}},
    ]
    assert replay(written(tmp_path / "day", "\n".join(map(json.dumps, lines)))) == 0
    assert [line["mood"] for line in said(capsys)] == ["unsure", "happy", "dark", "unsure", "paused"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-0.1", '"x"', "1e999", "[]"])
def test_an_expression_that_is_none_is_named(
    tmp_path: Path, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shares = ", ".join(f'"{emotion}": {number if emotion == "angry" else 0.1}' for emotion in EMOTIONS)
    folder = written(
        tmp_path / "day", '{"crop": true}\n{"t": 0, "expressions": [{"probabilities": {' + shares + "}}]}\n"
    )
    assert replay(folder) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "line 2" in line
    assert "share" in line


@pytest.mark.parametrize(
    "line",
    [
        '{"t": NaN, "frame": null}',
        '{"t": -1, "frame": null}',
        '{"t": ' + "9" * 400 + ', "frame": null}',
        "[" * 100_000,
        "no",
        '{"t": 5}',
        '{"t": 5, "frame": 9}',
        '{"t": 5, "frame": true}',
        '{"t": 5, "frame": -1}',
        '{"t": 5, "camera": "gone"}',
        '{"t": 5, "expressions": {}}',
        '{"t": 5, "command": {"sing": "on"}}',
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_replay(tmp_path / "day", [half_lit(below=True)], [{"t": 0, "frame": 0}], crop=True)
    with (folder / "trace.jsonl").open("a") as trace:
        trace.write(line + "\n")
    assert replay(folder) == 2
    [reason] = capsys.readouterr().err.splitlines()
    assert "trace.jsonl: line 3" in reason


def test_a_plot_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_replay(tmp_path / "day", [half_lit(below=True)], [{"t": 0, "frame": 0}], crop=True)
    assert replay(folder, "--plot", str(tmp_path / "day.png")) == 0
    assert (tmp_path / "day.png").read_bytes().startswith(b"\x89PNG")
    capsys.readouterr()
    (tmp_path / "folder.png").mkdir()
    for name, why in (
        ("missing/day.png", "there is no folder"),
        ("day.text", "no picture has the form .text"),
        ("folder.png", "it is a folder"),
    ):
        assert replay(folder, "--plot", str(tmp_path / name)) == 2
        told = capsys.readouterr()
        [reason] = told.err.splitlines()
        assert name in reason
        assert why in reason
        assert told.out == "", "nothing is replayed before that is found out"


def test_a_plot_without_matplotlib_is_refused_before_the_day_with_the_cure_of_this_python(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_replay(tmp_path / "day", [half_lit(below=True)], [{"t": 0, "frame": 0}], crop=True)
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    assert replay(folder, "--plot", str(tmp_path / "day.png")) == 2
    told = capsys.readouterr()
    assert "--plot needs matplotlib" in told.err
    assert how_to_install("matplotlib", "python3-matplotlib") in told.err
    assert told.out == ""
