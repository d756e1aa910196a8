"""Whose the music is after a restart of the speaker, on a real MPD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.servers import RealMpd
from support.speaker_process import SpeakerProcess, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def mpd_server(root: Path) -> Iterator[RealMpd]:
    folder = root / "mpd"
    folder.mkdir()
    server = RealMpd(folder)
    server.add_mood("happy")
    with server:
        yield server


@pytest.fixture
def speaker(root: Path, mpd_server: RealMpd) -> SpeakerProcess:
    settings = [
        f"mpd.host={mpd_server.socket}", "mqtt.host=", "camera.source=none", "vision.spawn=false",
        "listen.start=arrival",
    ]  # fmt: skip
    return SpeakerProcess(root, settings)


def state(server: RealMpd) -> str:
    with server.client() as client:
        return str(client.status()["state"])


def let_play(speaker: SpeakerProcess, server: RealMpd) -> None:
    eventually(lambda: speaker.status()["player"]["state"] != "down", 10, "player there")
    speaker.ask("/api/command", {"play": True})
    eventually(lambda: state(server) == "play", 5, "it plays")
    eventually(lambda: speaker.status()["selection"]["mood"], 5, "the start is confirmed")


def hold(speaker: SpeakerProcess) -> dict[str, Any]:
    """Return whose the music is in a speaker that knows its player."""
    eventually(lambda: speaker.status()["player"]["state"] != "down", 10, "player there")
    return dict(speaker.status()["hold"])


def let_run_out(server: RealMpd) -> None:
    """Let the queue come to its end as by itself."""
    with server.client() as client:
        client.play(int(client.status()["playlistlength"]) - 1)
        client.seekcur(299)
    eventually(lambda: state(server) == "stop", 10, "the music ran out")


def test_a_hold_outlasts_a_kill_and_a_restart_with_its_countdown(
    speaker: SpeakerProcess, mpd_server: RealMpd
) -> None:
    with speaker:
        let_play(speaker, mpd_server)
        speaker.ask("/api/command", {"hold": 20})
        before = hold(speaker)
        assert (before["control"], before["minutes"]) == ("held", 20)
    with speaker:
        assert hold(speaker) == before, "after a kill"
        speaker.terminate()
    with speaker:
        assert hold(speaker) == before, "after SIGTERM"
        assert speaker.status()["player"]["state"] == "play"
        speaker.ask("/api/command", {"resume": True})
    with speaker:
        assert hold(speaker)["control"] == "ours"


def test_a_stop_outlasts_a_kill_even_where_the_queue_is_cleared(
    speaker: SpeakerProcess, mpd_server: RealMpd
) -> None:
    with speaker:
        let_play(speaker, mpd_server)
        with mpd_server.client() as person:
            person.clear()
        eventually(lambda: hold(speaker)["control"] == "stopped_by_user", 5, "it is the person's stop")
    with speaker:
        assert hold(speaker)["control"] == "stopped_by_user"
        let_play(speaker, mpd_server)


def test_music_that_ran_out_while_the_speaker_was_dead_is_no_stop_and_a_stop_is_one(
    speaker: SpeakerProcess, mpd_server: RealMpd
) -> None:
    with speaker:
        let_play(speaker, mpd_server)
    let_run_out(mpd_server)
    with speaker:
        assert hold(speaker)["control"] == "ours"
        let_play(speaker, mpd_server)
    with mpd_server.client() as person:
        person.stop()
    with speaker:
        assert hold(speaker)["control"] == "stopped_by_user"
