"""Plays and skips in the stickers that music players share, as another client of a real MPD sees them."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from pathlib import Path

import mpd
import pytest
from support.mpd_story import SONGS, Told, drawn, plays, tell
from support.servers import RealMpd
from support.speaker_process import SpeakerProcess, eventually

from moodspeaker.adapters.mpd import sticker_reader
from moodspeaker.adapters.mpd.counting import PlayCounts
from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.adapters.mpd.sharing import read_stickers
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.library import SharedStickers
from moodspeaker.domain.player import PlayerChanged, PlayerConnected, PlayerLost, TrackEnded

WITHIN = 10.0
"""Seconds in which a play must have been counted."""


@pytest.fixture
def player(server: RealMpd) -> MpdPlayer:
    """A player that counts plays."""
    return MpdPlayer(MpdSettings(host=str(server.socket)), counts=PlayCounts(time.time))


def stickers(server: RealMpd, uri: str) -> dict[str, int]:
    """Return what a song's stickers say, to another client."""
    with server.client() as client:
        return {name: int(value) for name, value in client.sticker_list("song", uri).items()}


async def counted(server: RealMpd, uri: str, name: str, times: int = 1) -> dict[str, int]:
    """Return a song's stickers when one of them has come to a number."""
    deadline = time.monotonic() + WITHIN
    while stickers(server, uri).get(name) != times:
        assert time.monotonic() < deadline, f"{uri} is not counted: {stickers(server, uri)}"
        await asyncio.sleep(0.05)
    return stickers(server, uri)


def to_the_end(server: RealMpd) -> None:
    with server.client() as client:
        client.seekcur(float(client.currentsong()["duration"]) - 0.5)


def test_a_song_that_ends_is_one_play_and_one_that_is_left_one_skip(
    server: RealMpd, player: MpdPlayer
) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        began = time.time()
        await player.play(drawn(*SONGS))
        to_the_end(server)
        await heard.next(PlayerChanged, where=plays(SONGS[1]))
        skipped = time.time()
        await player.next()
        await heard.next(PlayerChanged, where=plays(SONGS[2]))
        played = await counted(server, SONGS[0], "playCount")
        left = await counted(server, SONGS[1], "skipCount")
        assert played.keys() == {"playCount", "lastPlayed"}
        assert began - 3 <= played["lastPlayed"] <= time.time()
        assert left.keys() == {"skipCount", "lastSkipped"}
        assert skipped - 1 <= left["lastSkipped"] <= time.time()

    tell(player, story)


def test_a_second_play_is_added_to_the_first(server: RealMpd, player: MpdPlayer) -> None:
    with server.client() as client:
        client.sticker_set("song", SONGS[0], "playCount", "41")
        client.sticker_set("song", SONGS[0], "lastPlayed", "1000")
        client.sticker_set("song", SONGS[0], "like", "2")

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        to_the_end(server)
        await heard.next(TrackEnded)
        told = await counted(server, SONGS[0], "playCount", 42)
        assert told["lastPlayed"] > 1000
        assert told["like"] == 2

    tell(player, story)


def test_a_play_that_another_player_counts_is_not_counted_twice(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        with server.client() as client:  # as myMPD does when half of it was heard
            client.sticker_set("song", SONGS[0], "playCount", "1")
            client.sticker_set("song", SONGS[0], "lastPlayed", str(int(time.time())))
        to_the_end(server)
        await heard.next(PlayerChanged, where=plays(SONGS[1]))
        await player.next()
        await counted(server, SONGS[1], "skipCount")  # the plays are counted in their order
        assert stickers(server, SONGS[0])["playCount"] == 1

    tell(player, story)


def test_without_stickers_music_plays_on(root: Path) -> None:
    with RealMpd(root, lacks=("sticker_file",)) as server:
        for uri in SONGS:
            server.add_song(uri)
        server.update()
        player = MpdPlayer(MpdSettings(host=str(server.socket)), counts=PlayCounts(time.time))

        async def story(player: MpdPlayer, heard: Told) -> None:
            await heard.next(PlayerConnected)
            await player.play(drawn(*SONGS))
            for uri in SONGS[1:3]:
                to_the_end(server)
                await heard.next(PlayerChanged, where=plays(uri))
                await asyncio.sleep(1.5)  # in which it is counted in vain
            await player.next()
            await heard.next(PlayerChanged, where=plays(SONGS[3]))

        assert not [event for event in tell(player, story).events if isinstance(event, PlayerLost)]


def test_what_other_players_wrote_is_read(server: RealMpd) -> None:
    with server.client() as client:
        for name, value in {"like": "0", "rating": "3", "playCount": "2", "lastPlayed": "1700000000"}.items():
            client.sticker_set("song", SONGS[0], name, value)
        client.sticker_set("song", SONGS[1], "skipCount", "5")
        client.sticker_set("song", SONGS[1], "lastSkipped", "1700000001")
        client.sticker_set("song", SONGS[2], "another", "thing")
    assert read_stickers(MpdSettings(host=str(server.socket))) == {
        SONGS[0]: SharedStickers(0, 3, 2, 0, 1700000000, None),
        SONGS[1]: SharedStickers(None, None, 0, 5, None, 1700000001),
    }


def test_more_stickers_than_one_answer_holds_are_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sticker_reader, "PAGE", 50)
    with RealMpd(root, extra='max_output_buffer_size "64"') as server:
        first = server.add_song("0.wav", seconds=1)
        folder = Path(*("f" * 200 for _ in range(3)))
        (server.music / folder).mkdir(parents=True)
        uris = [f"{folder}/{number}.wav" for number in range(300)]
        for uri in uris:
            (server.music / uri).hardlink_to(server.music / first)
        server.update()
        rows = [(uri, "playCount", str(number + 1)) for number, uri in enumerate(uris)]
        with contextlib.closing(sqlite3.connect(server.root / "stickers.sql")) as kept, kept:
            kept.executemany("INSERT INTO sticker VALUES ('song', ?, ?, ?)", [*rows, (uris[7], "more", "1")])
        with server.client() as client, pytest.raises((mpd.ConnectionError, OSError)):
            client.sticker_find("song", "", "playCount")
        found = read_stickers(MpdSettings(host=str(server.socket)))
    assert {uri: known.plays for uri, known in found.items()} == {
        uri: number + 1 for number, uri in enumerate(uris)
    }


class Played:
    """A speaker on a private MPD, of which a song plays."""

    def __init__(self, server: RealMpd, root: Path) -> None:
        self.server, self.root = server, root

    def speaker(self, *more: str) -> SpeakerProcess:
        settings = ["camera.source=none", f"mpd.host={self.server.socket}", "vision.spawn=false", *more]
        return SpeakerProcess(self.root, settings)


@pytest.fixture
def played(server: RealMpd, root: Path) -> Played:
    """A private MPD with two songs in its queue."""
    with server.client() as client:
        for uri in SONGS[:2]:
            client.add(uri)
    return Played(server, root)


def test_a_speaker_that_starts_again_within_a_song_counts_it_once(played: Played) -> None:
    with played.speaker() as speaker:
        eventually(lambda: speaker.status()["player"]["state"] == "stop", 20, "MPD is there")
        with played.server.client() as client:
            client.play(0)
        eventually(lambda: speaker.status()["player"]["uri"] == SONGS[0], 20, "the song is seen")
    with played.speaker() as speaker:
        eventually(lambda: speaker.status()["player"]["uri"] == SONGS[0], 20, "the song is seen again")
        to_the_end(played.server)
        asyncio.run(counted(played.server, SONGS[0], "playCount"))
        with played.server.client() as client:
            client.next()
        asyncio.run(counted(played.server, SONGS[1], "skipCount"))
        assert stickers(played.server, SONGS[0])["playCount"] == 1


def test_what_a_guest_hears_is_not_counted(played: Played) -> None:
    with played.speaker() as speaker:
        eventually(lambda: speaker.status()["player"]["state"] == "stop", 20, "MPD is there")
        speaker.ask("/api/command", {"profile": "guest"})
        with played.server.client() as client:
            client.play(0)
        eventually(lambda: speaker.status()["player"]["uri"] == SONGS[0], 20, "the song is seen")
        to_the_end(played.server)
        eventually(lambda: speaker.status()["player"]["uri"] == SONGS[1], 20, "the next song is seen")
        speaker.ask("/api/command", {"profile": "household"})
        with played.server.client() as client:
            client.next()
        asyncio.run(counted(played.server, SONGS[1], "skipCount"))
        assert stickers(played.server, SONGS[0]) == {}


def test_no_plays_are_counted_where_that_is_not_wanted(played: Played) -> None:
    with played.speaker("index.stickers=false") as speaker:
        eventually(lambda: speaker.status()["player"]["state"] == "stop", 20, "MPD is there")
        with played.server.client() as client:
            client.play(0)
        eventually(lambda: speaker.status()["player"]["uri"] == SONGS[0], 20, "the song is seen")
        to_the_end(played.server)
        eventually(lambda: speaker.status()["player"]["uri"] == SONGS[1], 20, "the next song is seen")
        time.sleep(1.5)  # in which it would be counted
        assert stickers(played.server, SONGS[0]) == {}
