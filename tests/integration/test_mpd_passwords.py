"""An MPD that wants a password."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.mpd_story import Told, drawn, player_on, tell
from support.servers import RealMpd

from moodspeaker.adapters.mpd import retrying
from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.player import (
    PlayerConnected,
    PlayerLost,
)
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def locked(root: Path) -> Iterator[RealMpd]:
    """A running MPD that wants a password."""
    with RealMpd(root, password="open sesame") as server:
        server.add_song("one.wav")
        server.update()
        yield server


def test_a_missing_password_is_named_with_its_cure(locked: RealMpd) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        lost = await heard.next(PlayerLost)
        assert "password" in lost.reason
        assert "set mpd.password_file" in lost.reason
        assert "\n" not in lost.reason
        with pytest.raises(PlayerError, match=r"mpd\.password_file"):
            await player.play(drawn("one.wav"))

    tell(player_on(locked), story)


def test_a_wrong_password_is_named_with_its_cure_and_heals(
    locked: RealMpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "REFUSED_RETRY", 0.5)
    secret = locked.root / "password"
    secret.write_text("open barley\n", encoding="utf-8")

    async def story(player: MpdPlayer, heard: Told) -> None:
        lost = await heard.next(PlayerLost)
        assert "refuses the password" in lost.reason
        assert "mpd.password_file" in lost.reason
        await asyncio.sleep(1.2)
        assert not heard.unread(), "a refusal is told once"
        secret.write_text("open sesame\n", encoding="utf-8")
        await heard.next(PlayerConnected)
        await player.play(drawn("one.wav"))

    tell(player_on(locked, password_file=str(secret)), story)


def test_a_password_file_that_cannot_be_read_is_named(locked: RealMpd) -> None:
    missing = locked.root / "nowhere"

    async def story(_: MpdPlayer, heard: Told) -> None:
        lost = await heard.next(PlayerLost)
        assert str(missing) in lost.reason
        assert "mpd.password_file" in lost.reason

    tell(player_on(locked, password_file=str(missing)), story)


def test_the_password_in_mpd_host_is_honoured(locked: RealMpd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPD_HOST", f"{locked.password}@127.0.0.1")
    monkeypatch.setenv("MPD_PORT", str(locked.port))

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn("one.wav"))

    tell(MpdPlayer(MpdSettings()), story)


def test_a_port_that_is_none_is_named_once_and_the_configured_one_is_tried(
    locked: RealMpd, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MPD_HOST", f"{locked.password}@127.0.0.1")
    monkeypatch.setenv("MPD_PORT", "99999")

    async def story(_: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)

    tell(MpdPlayer(MpdSettings(port=locked.port)), story)
    assert len([said for said in caplog.messages if said.startswith("MPD_PORT = '99999' is no port")]) == 1


def test_an_empty_password_file_is_no_password(locked: RealMpd) -> None:
    empty = locked.root / "empty"
    empty.touch()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerLost)
        with pytest.raises(PlayerError, match="wants a password") as caught:
            await player.unpause()
        assert f"{empty} (mpd.password_file) is empty: write it there" in str(caught.value)

    tell(player_on(locked, password_file=str(empty)), story)
