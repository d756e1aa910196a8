"""`status`, `why` and `command`, as a person calls them."""

from __future__ import annotations

import copy
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.fake_daemon import CAMERA, DECISIONS, SNAPSHOT, running

from moodspeaker.cli import main
from moodspeaker.cli.command import changed
from moodspeaker.cli.status import clock, lines
from moodspeaker.cli.why import line
from moodspeaker.domain.aim import Aim
from moodspeaker.domain.commands import (
    Command,
    Dislike,
    Hold,
    Like,
    Next,
    Override,
    Pause,
    Play,
    Profile,
    Resume,
    Sensing,
    SetVolume,
    Target,
    WrongMood,
)
from moodspeaker.domain.emotion import Emotion
from moodspeaker.errors import NoPlayer, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

CHECKOUT = Path(__file__).parents[2]
NOBODY = {
    "mood": "nobody",
    "confidence": 0.45,
    "probabilities": {"happy": 0.2, "sad": 0.1, "neutral": 0.45, "angry": 0.25},
}
"""What the filter believes of a room without people: where it starts."""


@pytest.fixture(autouse=True)
def own_settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's own settings out."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "none"))
    monkeypatch.setenv("MOODSPEAKER_PATHS__RUNTIME", str(root))
    monkeypatch.setenv("MOODSPEAKER_PATHS__STATE", str(root / "state"))


def call(words: Sequence[str], **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "moodspeaker", *words],
        capture_output=True, check=False, cwd=CHECKOUT, env={**os.environ, **environment},
    )  # fmt: skip


# --- status


def test_status_shows_everything(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        shown = copy.deepcopy(SNAPSHOT)
        shown["hold"] = {"active": True, "until": "2026-03-01T11:00:00Z", "control": "held"}
        shown["override"] = "sad"
        shown["store"] = {"fault": "the disk is full: free some space"}
        daemon.shown = shown
        assert main(["status"]) == 0
    text = capsys.readouterr().out
    for part in (
        "happy, 83% sure",
        "A & B - <img",
        "mood-happy (stored playlist) for happy",
        "sad when this song ends",
        "hold       until 2026-03-01",
        "plays to sad",
        "ok, open, sensing on",
        "refused: the MQTT broker at hub:1883",
        "face 1.0.0, emotion 1.0.0",
        "the disk is full",
    ):
        assert part in text
    assert len([line for line in text.splitlines() if "%" in line and "█" in line]) == 4


def test_status_of_the_first_moment(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        daemon.shown = {
            "mood": "unsure", "since": None, "confidence": 0, "probabilities": None, "faces": 0,
            "sensing": False, "camera": {"state": "off", "open": False},
            "player": {"state": "off", "uri": None, "title": None, "artist": None},
            "broker": {"state": "off"}, "selection": None, "pending": None,
            "hold": {"active": True, "until": None}, "models": {},
        }  # fmt: skip
        assert main(["status"]) == 0
    text = capsys.readouterr().out
    assert "unsure: no mood has settled yet, since now" in text
    assert "off, closed, sensing off" in text
    assert "until you play or resume" in text
    assert "none yet" in text


@pytest.mark.parametrize(
    ("told", "mood"),
    [
        (NOBODY, "nobody, since"),
        ({**NOBODY, "mood": "dark"}, "dark: too dark to see faces, since"),
        ({**NOBODY, "mood": "paused"}, "paused: the camera is switched off, since"),
        ({**NOBODY, "mood": "sad", "confidence": 0.04}, "sad, turning neutral, since"),
        ({**NOBODY, "mood": "neutral", "confidence": 0.45}, "neutral, fading, since"),
    ],
)
def test_status_tells_no_shares_that_say_nothing(told: dict[str, object], mood: str) -> None:
    shown = list(lines({**SNAPSHOT, **told}))
    assert shown[0][0] == "mood"
    assert shown[0][1].startswith(mood)
    assert not any("%" in text for name, text in shown if name in {"mood", ""})


def test_status_tells_what_the_music_does_with_the_mood() -> None:
    target = {"aim": "calm", "chosen": None, "mood": "angry", "reason": "calm is set for angry"}
    steps = [
        {"valence": -0.45, "arousal": 0.6, "state": "plays", "song": "Storm", "reason": "step 1 of 2: here"},
        {"valence": 0.3, "arousal": -0.5, "state": "to come", "song": None, "reason": "step 2 of 2: there"},
    ]
    journey = {"aim": "calm", "mood": "angry", "step": 1, "ended": "skipped twice", "steps": steps}
    shown = list(lines({**SNAPSHOT, "target": target, "journey": journey, "profile": "Anna"}))
    assert ("target", "calm: calm is set for angry") in shown
    assert ("listener", "Anna") in shown
    at = shown.index(("journey", "calm from angry, step 1 of 2, over: skipped twice"))
    assert [text for _, text in shown[at + 1 : at + 3]] == [
        "-0.45 +0.60  plays     step 1 of 2: here: Storm",
        "+0.30 -0.50  to come   step 2 of 2: there",
    ]


@pytest.mark.parametrize(
    ("command", "more", "words"),
    [
        (Like(), {}, "kept: household likes it"),
        (Dislike(), {}, "kept: household does not like it"),
        (WrongMood(), {}, "kept: it does not fit this mood"),
        (WrongMood(Emotion.SAD), {},
         "kept: it is sad; songs like it follow a little (from the next scan on)"),
        (Like(), {"profile": "guest"}, "not kept: a guest, who teaches nothing"),
        (Profile("guest"), {"profile": "guest"}, "guest listens: a guest, who teaches nothing"),
        (Profile("Anna"), {"profile": "Anna"}, "Anna listens"),
        (Target(None), {"pending": None}, "target: match: match is set for happy"),
        (Target(Aim.OFF), {"target": {"aim": None, "chosen": "off"}, "pending": None},
         "target: off, once a mood is known"),
    ],
)  # fmt: skip
def test_a_command_of_the_listener_is_told(command: Command, more: dict[str, object], words: str) -> None:
    assert changed(command, {**SNAPSHOT, **more}) == words


@pytest.mark.parametrize(
    ("hold", "shown"),
    [
        ({"active": True, "control": "stopped_by_user", "until": None}, "until you play or resume"),
        ({"active": True, "control": "held", "until": None}, "as long as the stream plays"),
    ],
)
def test_status_tells_who_holds_the_music(hold: dict[str, object], shown: str) -> None:
    assert ("hold", shown) in list(lines({**SNAPSHOT, "hold": hold}))


@pytest.mark.parametrize(
    ("household", "words"),
    [
        ({"name": "home", "speakers": [], "reason": ""}, "home: no other speaker was heard yet"),
        ({"name": "home", "speakers": [], "reason": "mqtt.host is empty"}, "home: mqtt.host is empty"),
        (
            {"name": "home", "reason": "", "speakers": [
                {"speaker": "attic", "heard": "2026-03-01T10:00:00Z"},
                {"speaker": "den", "heard": "2026-02-01T10:00:00Z"},
            ]},
            f"home: learned with attic, den; last heard {clock('2026-03-01T10:00:00Z')}",
        ),
    ],
)  # fmt: skip
def test_status_tells_with_whom_it_learns(household: dict[str, object], words: str) -> None:
    assert ("household", words) in list(lines({**SNAPSHOT, "household": household}))


@pytest.mark.parametrize(("told", "shown"), [("sends", True), ("waits", False), (None, False)])
def test_status_says_when_a_browsers_camera_is_on(told: str | None, shown: bool) -> None:  # noqa: FBT001
    camera = {**CAMERA, "browser": told}
    assert ("browser" in dict(lines({**SNAPSHOT, "camera": camera}))) is shown


def test_status_tells_why_there_is_no_page() -> None:
    assert ("page", "the port is taken") in list(lines({**SNAPSHOT, "web": {"fault": "the port is taken"}}))


def test_status_tells_what_became_of_a_reload() -> None:
    told = {"reload_refused": ["unknown key mood.confrim"], "restart_for": ["mqtt", "web"]}
    shown = dict(lines({**SNAPSHOT, "config": {**told, "restart_for": []}}))
    assert shown["settings"] == (
        "the last reload was refused, the old settings stay: unknown key mood.confrim"
    )
    shown = dict(lines({**SNAPSHOT, "config": {**told, "reload_refused": []}}))
    assert shown["settings"] == "changed, and take effect with a restart: mqtt, web"
    shown = dict(lines({**SNAPSHOT, "config": {"left_out": ["mood.old is left out"]}}))
    assert shown["settings"] == "mood.old is left out"


def test_status_as_json_is_the_snapshot(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root):
        assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == SNAPSHOT


# --- why


def test_why_tells_rule_and_evidence_newest_last(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root):
        assert main(["why", "-n", "2"]) == 0
        older, newer = capsys.readouterr().out.splitlines()
        assert "kept      angry     no music for angry" in older
        assert "switches at the song's end  (confidence 0.71, song One)" in newer
        assert main(["why", "--json"]) == 0
        assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == DECISIONS


def test_why_gets_over_evidence_of_every_kind() -> None:
    evidence = {"songs": ["a"], "none": None, "empty": "", "more": {"a": 1}}
    assert line({**DECISIONS[1], "evidence": evidence}).endswith("(songs ['a'], more {'a': 1})")
    assert line({**DECISIONS[1], "evidence": None}).endswith("no music for angry")


@pytest.mark.parametrize("words", [["-n", "0"], ["-n", "x"], ["-n", "501"], ["-n", "0" * 20 + "1"]])
def test_why_refuses_a_count_that_is_none(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["why", *words])
    assert caught.value.code == 2
    assert "from 1 to 500" in capsys.readouterr().err


# --- command


def test_a_command_is_given_and_told_in_one_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root) as daemon:
        assert main(["command", '{"override": "sad"}']) == 0
        assert daemon.given == [Override(Emotion.SAD)]
        told = capsys.readouterr().out
        assert told == "the music is for sad, whatever the faces say, when this song ends\n"
        assert main(["command", '{"hold": 5}', "--json"]) == 0
        assert daemon.given[1:] == [Hold(5.0)]
        assert json.loads(capsys.readouterr().out) == SNAPSHOT
        daemon.refusal = StoreError("the disk is full")
        assert main(["command", '{"hold": 5}']) == 1
        assert "the disk is full" in capsys.readouterr().err
        daemon.refusal = NoPlayer("no player: no MPD answers: start it")
        assert main(["command", '{"next": "on"}']) == 1
        assert capsys.readouterr() == ("", "moodspeaker: no player: no MPD answers: start it\n")


DOWN = {"player": {"state": "down", "reason": "no MPD answers: start it"}}
HELD = {"hold": {"active": True, "until": None, "control": "stopped_by_user"}}


@pytest.mark.parametrize(
    ("command", "after", "told"),
    [
        (Sensing(on=True), {}, "the camera opens"),
        (
            Sensing(on=True),
            {"camera": {"state": "off", "locked": True, "reason": "locked by /x: remove it"}},
            "sensing is on, and the camera opens when it can: locked by /x: remove it",
        ),
        (
            Sensing(on=True),
            {"camera": {"state": "lost", "reason": "no camera answers"}},
            "sensing is on, and the camera opens when it can: no camera answers",
        ),
        (Sensing(on=False), {}, "the camera is closed, and stays closed after a restart"),
        (Override(None), {}, "the music follows the faces again (mood: happy)"),
        (Override(Emotion.SAD), {"pending": None}, "the music is for sad, whatever the faces say"),
        (
            Override(Emotion.SAD),
            HELD,
            "the music is for sad, whatever the faces say, but it is left alone until you play or resume",
        ),
        (Hold(5), HELD, "the music is left alone until you play or resume"),
        (Resume(), {}, "the music follows the mood"),
        (Play(), {}, "music is asked for"),
        (Next(), {}, "the next song is asked for"),
        (SetVolume(40), {}, "a volume of 40 is asked for"),
        (Play(), DOWN, "our music goes on when the player is back (no MPD answers: start it)"),
        (Pause(), DOWN, "our music stays paused when the player is back (no MPD answers: start it)"),
    ],
)
def test_each_command_says_what_it_changes(command: Command, after: dict[str, Any], told: str) -> None:
    assert changed(command, {**SNAPSHOT, **after}) == told


def test_a_malformed_command_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["command", '{"hold": "soon"}']) == 2
    assert "minutes" in capsys.readouterr().err


# --- all three


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["why"], ["command", '{"play": "on"}']])
@pytest.mark.parametrize("left", ["nothing", "a dead socket"])
def test_no_daemon_is_said(
    root: Path, words: list[str], left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if left == "a dead socket":
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(root / "api.sock"))
    assert main(words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert f"moodspeaker is not running (no answer on {root}/api.sock)" in err
    assert "moodspeaker run" in err


@pytest.mark.parametrize(
    "mistake", ["[mood]\nconfrim = 1\n", "[mood\nconfirm = 1\n", "[mqtt]\nport = 'many'\n"]
)
@pytest.mark.parametrize("words", [["status"], ["why"], ["command", '{"sensing": "off"}']])
def test_a_typo_in_the_settings_does_not_keep_anybody_from_the_running_speaker(
    root: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], mistake: str
) -> None:
    monkeypatch.delenv("MOODSPEAKER_PATHS__RUNTIME")
    file = root / "config.toml"
    file.write_text(f"[paths]\nruntime = '{root}'\n{mistake}", encoding="utf-8")
    with running(root) as daemon:
        assert main([*words, "--config", str(file)]) == 0
    assert daemon.given == ([Sensing(on=False)] if words[0] == "command" else [])


@pytest.mark.usefixtures("unmeasured")
def test_the_clients_load_neither_the_settings_nor_a_server(root: Path) -> None:
    (root / "moodspeaker").mkdir()
    (root / "moodspeaker" / "config.toml").write_text("[mood]\ndwell = 9\n", encoding="utf-8")
    script = (
        "import sys\n"
        "from moodspeaker.cli import main\n"
        "code = main(['status'])\n"
        "heavy = {'aiohttp', 'paho', 'mpd', 'cv2', 'numpy', 'sqlite3', 'pydantic', 'http.client',"
        " 'dataclasses', 'pathlib', 'moodspeaker.config.schema'} & set(sys.modules)\n"
        "sys.exit(f'{code} {sorted(heavy)}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=False, cwd=CHECKOUT,
        env={**os.environ, "XDG_CONFIG_HOME": str(root)},
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "1 []"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "ascii"])
@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["why"], ["command", '{"play": "on"}']])
def test_a_terminal_that_is_not_utf8_is_written_to(root: Path, words: list[str], encoding: str) -> None:
    with running(root) as daemon:
        daemon.shown = {**SNAPSHOT, "player": {"state": "play", "title": "Ödland ☂ \udce9", "uri": "x"}}
        done = call(words, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    if words == ["status"]:
        assert "happy    ####################      83%" in text
        assert "\\u2602 \\udce9" in text
    if "--json" in words:
        assert json.loads(text)["player"]["title"] == "Ödland ☂ \udce9"


def test_names_that_are_no_utf8_are_written_to_one_that_is(root: Path) -> None:
    with running(root) as daemon:
        daemon.shown = {**SNAPSHOT, "player": {"state": "play", "title": "caf\udce9", "uri": "x"}}
        done = call(["status"], PYTHONIOENCODING="utf-8")
    assert done.returncode == 0
    assert "play: caf\\udce9" in done.stdout.decode()
    assert "█" in done.stdout.decode()
