"""Fixtures of the integration tests: a music server with songs, the player on it, and our address."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from support.mpd_story import SONGS, player_on

if TYPE_CHECKING:
    from support.servers import RealMpd

    from moodspeaker.adapters.mpd.player import MpdPlayer


@pytest.fixture
def server(mpd_server: RealMpd) -> RealMpd:
    """A running MPD with SONGS."""
    for uri in SONGS:
        mpd_server.add_song(uri)
    mpd_server.update()
    return mpd_server


@pytest.fixture
def player(mpd_server: RealMpd) -> MpdPlayer:
    """The player on it."""
    return player_on(mpd_server)


@pytest.fixture
def address() -> str:
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        try:
            link.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no network address")
        found: str = link.getsockname()[0]
        return found
