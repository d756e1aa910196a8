"""`tune` and `forget`, as a person calls them, on a running speaker and without one."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.clock import Clock
from support.fake_daemon import running
from support.sqlite_store import decision, opened

from moodspeaker.cli import main
from moodspeaker.cli.client import lines
from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

GLAD = Probabilities(0.02, 0.01, 0.03, 0.8, 0.04, 0.05, 0.05)
GLUM = Probabilities(0.04, 0.01, 0.03, 0.02, 0.8, 0.02, 0.08)


@pytest.fixture(autouse=True)
def own_settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own settings out."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "none"))
    monkeypatch.setenv("MOODSPEAKER_PATHS__RUNTIME", str(root))
    monkeypatch.setenv("MOODSPEAKER_PATHS__STATE", str(root / "state"))


def looks() -> list[LookRecord]:
    """Return an hour: glad, dark for a minute, sad, and nobody for the last minutes."""
    found: list[LookRecord] = []
    for second in range(3600):
        at = Moment(float(second), 1e9 + second)
        if 1500 <= second < 1560:
            found.append(LookRecord(at, CameraState.DARK))
        elif second < 3000:
            found.append(LookRecord(at, CameraState.OK, (GLAD if second < 1500 else GLUM,)))
        else:
            found.append(LookRecord(at, CameraState.OK))
    return found


def test_tune_shows_what_the_day_would_have_been(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        daemon.seen = looks()
        assert main(["tune"]) == 0
        text = capsys.readouterr().out
        assert "3600 looks in 1.0 hours: sad 42%, happy 41%" in text
        assert "dark 2%" in text
        assert "the settings in force fit best" in text
        assert main(["tune", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == rows[-1]["in_force"] == rows[-1]["best"]
    assert rows[0] == {"mood.confirm": 3.0, "mood.dwell": 20.0, "mood.margin": 0.92} | {
        "changes": 2,
        "brief": 0,
        "lasting": 2,
    }


def test_what_is_on_record_can_be_replayed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        daemon.seen = looks()
        (root / "trace.jsonl").write_text("\n".join(lines(root / "api.sock", "/api/records")), "utf-8")
    assert main(["replay", str(root)]) == 0
    moods = [json.loads(line)["mood"] for line in capsys.readouterr().out.splitlines()]
    assert moods == ["unsure", "happy", "dark", "unsure", "sad", "nobody"]


def test_a_clock_that_was_set_back_spoils_no_record(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        daemon.seen = looks()
        late = daemon.seen[-1].at
        daemon.seen.append(LookRecord(Moment(late.monotonic + 1, late.wall - 100), CameraState.OK))
        assert main(["tune"]) == 0
    assert "3601 looks" in capsys.readouterr().out


def test_too_few_looks_say_so(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root):
        assert main(["tune"]) == 1
    assert "come back after an hour" in capsys.readouterr().out


def test_a_trace_with_pictures_is_no_record(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "trace.jsonl").write_text('{"crop": true}\n{"t": 0, "frame": 0}\n', "utf-8")
    assert main(["tune", str(root)]) == 2
    assert "line 2: a frame: only what was read from faces" in capsys.readouterr().err


def test_tune_without_a_speaker_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune"]) == 1
    assert "moodspeaker is not running" in capsys.readouterr().err


def test_a_running_speaker_forgets(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        daemon.seen = looks()
        assert main(["forget"]) == 0
        assert (daemon.seen, daemon.decided) == ([], [])
        daemon.refusal = StoreError("the disk is full: free some space")
        assert main(["forget"]) == 1
    told = capsys.readouterr()
    assert told.out == "the records of looks and decisions, and the calibration, are erased\n"
    assert "the disk is full" in told.err


def test_a_running_speaker_forgets_what_the_household_told_alone(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(root) as daemon:
        daemon.seen = seen = looks()
        assert main(["forget", "--household"]) == 0
        assert (daemon.household_forgotten, daemon.seen) == (True, seen)
        daemon.refusal = StoreError("the disk is full: free some space")
        assert main(["forget", "--household"]) == 1
    assert main(["forget", "--household"]) == 1
    told = capsys.readouterr()
    assert "the other speakers keep what they have learned" in told.out
    assert "the disk is full" in told.err
    assert "is not running" in told.err


def test_with_neither_speaker_nor_files_nothing_is_said_to_be_erased(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forget"]) == 1
    told = capsys.readouterr()
    assert (told.out, "nothing is erased" in told.err) == ("", True)
    assert not (root / "state").exists()


def test_without_a_speaker_its_files_are_erased(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(opened(root, clock=Clock())) as store:
        store.set("sensing", "off")
        store.record(decision(0, name="a secret"))
        store.record_look(LookRecord(Moment(-1, Clock()().wall - 1), CameraState.OK, (GLAD,)))
    assert main(["forget"]) == 0
    assert "are erased" in capsys.readouterr().out
    with closing(opened(root, clock=Clock())) as store:
        assert (store.decisions(5), list(store.looks()), store.get("sensing", "on")) == ([], [], "off")
