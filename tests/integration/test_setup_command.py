"""`moodspeaker setup` at a terminal, beside a real MPD."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest
from support.servers import RealMpd, free_port
from support.speaker_process import CHECKOUT, SpeakerProcess, eventually

from moodspeaker.cli import main
from moodspeaker.cli.setup.music import AskedMusic
from moodspeaker.config.load import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATIENCE = 40.0
"""Seconds in which a question must come."""


CLOSED = "\x04"
"""Ctrl-D: the person gives no more answers."""


class Terminal:
    """The command at a terminal of its own, and a person before it."""

    def __init__(self, home: Path, words: Sequence[str]) -> None:
        self._control, terminal = pty.openpty()
        os.set_blocking(self._control, False)
        self.screen = self.seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moodspeaker", "setup", *words],
            stdin=terminal, stdout=terminal, stderr=terminal, cwd=home,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "HOME": str(home), "XDG_CONFIG_HOME": str(home)},
        )  # fmt: skip
        os.close(terminal)

    def _read(self) -> None:
        try:
            read = os.read(self._control, 65536).decode(errors="replace")
        except OSError:  # nothing there, or it has ended
            return
        self.screen += read
        self.seen += read

    def answer(self, question: str, text: str) -> None:
        """Wait for a question, and answer it."""
        until = time.monotonic() + PATIENCE
        while question not in self.screen:
            self._read()
            assert time.monotonic() < until, self.screen
            time.sleep(0.05)
        self.screen = self.screen.partition(question)[2]
        os.write(self._control, text.encode() if text == CLOSED else f"{text}\n".encode())

    def ended(self) -> int:
        """Wait for its end; return the exit code."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            self._read()
            assert time.monotonic() < until, self.screen
            time.sleep(0.05)
        self._read()
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        os.close(self._control)


@pytest.fixture
def server(root: Path) -> Iterator[RealMpd]:
    folder = root / "mpd"
    folder.mkdir()
    server = RealMpd(folder)
    server.add_song("theirs.wav", seconds=300)
    with server:
        yield server


def words(root: Path, server: RealMpd) -> list[str]:
    """Return the words of the command: this machine's own settings are left alone."""
    file = root / "etc" / "config.toml"
    file.parent.mkdir()
    file.write_text(
        f'[mpd]\nhost = "{server.socket}"\n[paths]\nruntime = "{root / "run"}"\nstate = "{root / "state"}"\n'
    )
    return ["--config", str(file)]


def volume(server: RealMpd) -> int:
    with server.client() as client:
        return int(client.status()["volume"])


def test_alone_it_plays_the_chime_low_and_louder_as_told_and_writes_the_page_s_settings(
    root: Path, server: RealMpd
) -> None:
    with Terminal(root, words(root, server)) as terminal:
        terminal.answer("Did you hear them?", "louder")
        terminal.answer("at a volume of 40 %", "")
        terminal.answer("Did you hear them?", "yes")
        terminal.answer("shall phones in your network open it", "yes")
        assert terminal.ended() == 0, terminal.screen
        assert "Start the speaker again" in terminal.screen
        assert "moodspeaker doctor" in terminal.screen
    assert volume(server) == 40
    assert sorted(path.name for path in (root / "etc").iterdir()) == ["conf.d", "config.toml", "web-token"]


@pytest.mark.parametrize(("again", "left"), [("yes", 60), ("no", 30)])
def test_a_later_run_leaves_the_volume_as_it_was_unless_the_low_one_is_liked(
    root: Path, server: RealMpd, again: str, left: int
) -> None:
    with server.client() as client:
        client.setvol(60)
    with Terminal(root, words(root, server)) as terminal:
        terminal.answer("at a volume of 30 %", "yes")
        terminal.answer("It was 60 % before: shall it be that again?", again)
        terminal.answer("shall phones in your network open it", "no")
        assert terminal.ended() == 0, terminal.screen
    assert volume(server) == left


def test_beside_a_running_speaker_the_music_goes_on_and_the_page_is_shown(
    root: Path, server: RealMpd
) -> None:
    settings = [f"mpd.host={server.socket}", f"web.port={free_port()}", "camera.source=none"]
    with SpeakerProcess(root, settings) as speaker:
        eventually(lambda: speaker.status()["player"]["state"] == "stop", 10, "player there")
        with server.client() as client:
            client.add("theirs.wav")
            client.play()
        eventually(lambda: speaker.status()["player"]["state"] == "play", 10, "it plays")
        before = speaker.rules()
        with Terminal(root, words(root, server)) as terminal:
            terminal.answer("Did you hear them?", "no")
            terminal.answer("shall phones in your network open it", "no")
            assert terminal.ended() == 1, terminal.screen
            assert "no code is wanted" in terminal.screen
            assert "which is no loudspeaker" in terminal.seen
        assert speaker.status()["player"]["uri"] == "theirs.wav"
        assert speaker.rules() == before, "the chime is nobody's act"


def test_the_chime_waits_for_a_speaker_whose_music_server_was_started_again(
    root: Path, server: RealMpd
) -> None:
    settings = [f"mpd.host={server.socket}", "camera.source=none"]
    with SpeakerProcess(root, settings) as speaker:
        eventually(lambda: speaker.status()["player"]["state"] == "stop", 10, "player there")
        server.stop()
        eventually(lambda: speaker.status()["player"]["state"] == "down", 10, "its going is noticed")
        time.sleep(1.5)  # it has tried once more by now, and waits
        server.start()
        music = AskedMusic(load(Path(words(root, server)[1])))
        music.wait()
        assert "nowhere (null)" in music.chime()


def test_a_terminal_that_is_closed_ends_it_and_nothing_is_changed(root: Path, server: RealMpd) -> None:
    with server.client() as client:
        client.setvol(60)
    with Terminal(root, words(root, server)) as terminal:
        terminal.answer("Did you hear them?", CLOSED)
        assert terminal.ended() == 1, terminal.screen
    assert [path.name for path in (root / "etc").iterdir()] == ["config.toml"]
    assert volume(server) == 60


def test_without_a_terminal_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup"]) == 2
    assert capsys.readouterr().err == (
        "moodspeaker: setup asks questions: run it in a terminal (over ssh: ssh -t)\n"
    )
