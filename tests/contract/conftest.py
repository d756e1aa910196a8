"""Fixtures of the contract suites: the broker's, the cameras' and the player's."""

from __future__ import annotations

import gc
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from support import fake_picamera2 as picamera2
from support.mopidy import RealMopidy
from support.player_worlds import HAPPY_SONGS, SAD_SONGS, SONGS, FakeWorld, RealWorld, World, worlds_of_mopidy
from support.servers import RealMpd, short_folder

from moodspeaker.adapters.mpd import edits
from moodspeaker.adapters.mpd import player as player_module
from moodspeaker.adapters.mqtt import client as mqtt
from moodspeaker.adapters.mqtt.link_faults import Retry
from moodspeaker.config.schema import MpdSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def links_end() -> Iterator[None]:
    """Wait for the links' threads, and let what the library leaves to the collector be collected here."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("mqtt "):
            thread.join(5)
    gc.collect()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon, whatever the fault."""
    monkeypatch.setattr(mqtt, "DELAYS", dict.fromkeys(Retry, (0.1, 0.3, 0.5)))


@pytest.fixture
def fake_picamera2(monkeypatch: pytest.MonkeyPatch) -> type[picamera2.FakePicamera2]:
    """A fake where `import picamera2` and `import libcamera` look."""
    return picamera2.install(monkeypatch)


@pytest.fixture(scope="session")
def mopidy() -> Iterator[RealMopidy]:
    """A Mopidy with the songs and the music; it takes too long to start for one a test."""
    with short_folder() as folder:
        server = RealMopidy(folder)
        for uri in SONGS:
            server.add_song(uri)
        server.store_playlist("mood-happy", HAPPY_SONGS)
        server.store_playlist("mood-sad", SAD_SONGS)
        server.scan()
        with server:
            yield server


@pytest.fixture(params=["fake", "real", "mopidy"])
def make_world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., World]]:
    if request.param == "fake":
        yield FakeWorld
        return
    if request.param == "mopidy":  # which is silent about a song that cannot be played
        monkeypatch.setattr(player_module, "PULSE", 0.5)
        monkeypatch.setattr(edits, "SOUNDS_WITHIN", 3.0)
        yield from worlds_of_mopidy(request.getfixturevalue("mopidy"))
        return
    with short_folder() as folder, RealMpd(folder) as server:
        for uri in SONGS:
            server.add_song(uri)
        server.store_playlist("mood-happy", HAPPY_SONGS)
        server.store_playlist("mood-sad", SAD_SONGS)
        server.update()
        yield partial(RealWorld, server, MpdSettings(host=str(server.socket)))


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
