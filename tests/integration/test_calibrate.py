"""`calibrate` on drawn faces, through the shipped models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.speaker_process import SpeakerProcess, eventually
from support.vision_process import write_replay

from moodspeaker.cli import main
from moodspeaker.demo.faces import HAPPY, Expression, Pose, frame

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pytest

REST, SAD, SMILE = range(3)
"""The frames: a face at rest that the models read as rather sad, a sad one, a smile; three of each."""
THREE = range(3)


def saddish(much: float) -> Expression:
    """Return a face that is this sad."""
    return Expression(
        brow_inner=much,
        brow_knit=0.3 * much,
        corners_down=much,
        chin_up=0.9 * much,
        eye_open=-0.6 * much,
    )


def frames() -> list[np.ndarray]:
    """Return three frames each of the face at rest, sad, smiling."""
    return [frame(face, Pose(), seed) for face in (saddish(0.74), saddish(1.1), HAPPY) for seed in THREE]


def showing(face: int, begin: int, end: int) -> list[dict[str, Any]]:
    """Return the lines of a trace that shows a face from second to second."""
    return [{"t": t, "frame": 3 * face + t % 3} for t in range(begin, end)]


def moods(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the moods of a replay, one after another."""
    assert main(["replay", str(folder)]) == 0
    return [json.loads(line)["mood"] for line in capsys.readouterr().out.splitlines()]


def test_a_resting_face_that_looks_sad_is_neutral_after_it_was_calibrated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = [*showing(REST, 60, 160), *showing(SAD, 160, 260), *showing(SMILE, 260, 360)]
    before = showing(REST, 0, 60)
    asked = [{"t": 20, "command": {"calibrate": "on"}}]
    as_it_is = write_replay(tmp_path / "as-it-is", frames(), [*before, *shown])
    assert moods(as_it_is, capsys) == ["unsure", "sad", "happy"]
    calibrated = write_replay(tmp_path / "calibrated", frames(), [*before[:20], *asked, *before[20:], *shown])
    assert moods(calibrated, capsys)[-3:] == ["neutral", "sad", "happy"]


def test_a_calibration_outlives_a_restart_and_forget_erases_it(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replay = write_replay(root / "replay", frames(), showing(REST, 0, 600))
    speaker = SpeakerProcess(root, [f"camera.source=replay:{replay}", "mpd.host="])
    there = ["--set", f"paths.runtime={root / 'run'}"]
    with speaker:
        eventually(lambda: speaker.status()["camera"]["state"] == "ok", 20, "the camera sees")
        assert main(["command", '{"calibrate": "on"}', *there]) == 0
        assert capsys.readouterr().out.startswith("ten seconds: look at the camera")
        assert speaker.status()["calibration"]["state"] == "running"
        eventually(lambda: speaker.status()["calibration"]["state"] == "done", 20, "it is calibrated")
        assert speaker.status()["calibration"]["lowered"] == ["sad"]
        speaker.terminate()
        speaker.start()
        assert speaker.status()["calibration"]["lowered"] == ["sad"]
        assert main(["forget", *there]) == 0
        assert speaker.status()["calibration"] == {
            "state": "none", "until": None, "reason": "", "lowered": [],
        }  # fmt: skip


def test_a_speaker_without_a_camera_says_why_it_cannot_calibrate(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with SpeakerProcess(root, ["camera.source=none", "mpd.host="]) as speaker:
        eventually(lambda: speaker.status()["camera"]["reason"], 20, "vision tells of its camera")
        assert main(["command", '{"calibrate": "on"}', "--set", f"paths.runtime={root / 'run'}"]) == 1
        told = capsys.readouterr().err
        assert told == "moodspeaker: nothing is seen to calibrate by: camera.source = none\n"
