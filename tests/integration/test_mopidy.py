"""The player on a real Mopidy, where it is installed: what the contract does not ask."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.mopidy import RealMopidy, named
from support.mpd_story import Told, acts, drawn, ends, plays, tell
from support.servers import short_folder

from moodspeaker.adapters.mpd import player as player_module
from moodspeaker.adapters.mpd import sharing
from moodspeaker.adapters.mpd.address import Address
from moodspeaker.adapters.mpd.catalogue import read_catalogue
from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.cli.doctor import links, sound
from moodspeaker.cli.doctor.finding import Check, Verdict
from moodspeaker.config.load import load
from moodspeaker.config.schema import MpdSettings
from moodspeaker.database import Database
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.library import SongAffect
from moodspeaker.domain.player import (
    UNMUTED,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayState,
    TrackEnded,
)
from moodspeaker.domain.song import MusicSource
from moodspeaker.errors import PlayerError
from moodspeaker.library.imported import LibraryImports
from moodspeaker.library.imports.facts import Label
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.resources import schema_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 8.0
"""Of shorter ones Mopidy chooses the next song as soon as they begin."""
SONGS = tuple(f"Déjà vu/{number}.wav" for number in range(4))


@pytest.fixture(scope="module")
def started() -> Iterator[RealMopidy]:
    """A Mopidy for all tests: it takes seconds to start."""
    with short_folder() as folder:
        server = RealMopidy(folder)
        for number, uri in enumerate(SONGS):
            server.add_song(uri, seconds=SECONDS, title=f"Song {number}", genre="Happy")
        server.scan()
        with server:
            yield server


@pytest.fixture
def server(started: RealMopidy) -> Iterator[RealMopidy]:
    started.reset()
    yield started
    for uri in SONGS:
        started.add_song(uri, seconds=SECONDS)


@pytest.fixture
def player(server: RealMopidy) -> MpdPlayer:
    return MpdPlayer(MpdSettings(host="127.0.0.1", port=server.port))


def damage(server: RealMopidy, uri: str) -> None:
    """Make a song one that cannot be played."""
    (server.music / uri).write_bytes(bytes(5000))


def test_songs_have_titles_and_lengths_and_are_named_by_their_paths(player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        told = await heard.next(MusicChanged)
        assert told.music == {Emotion.HAPPY: MusicSource("genre happy", "genre", SONGS)}
        connected = await heard.next(PlayerConnected)
        assert "mood-happy" in connected.report.limits
        await player.play(drawn(*SONGS), 1)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.song.uri, report.song.title, report.song.seconds) == (SONGS[1], "Song 1", SECONDS)
        assert (report.ours, report.seconds_ahead) == (True, 2 * SECONDS)

    tell(player, story)


@pytest.mark.parametrize("options", [(), ("random", "consume"), ("repeat",)])
def test_songs_that_end_are_nobodys_act(
    server: RealMopidy, player: MpdPlayer, options: tuple[str, ...]
) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        with server.client() as client:
            for option in options:
                getattr(client, option)(1)
        for _ in range(2):
            ended = await heard.next(TrackEnded, within=SECONDS + 5)
            assert ended.why is EndReason.FINISHED
            assert ended.heard == pytest.approx(SECONDS, abs=1.0)

    assert acts(tell(player, story)) == []


def test_it_does_not_hang_at_a_song_that_cannot_be_played(
    server: RealMopidy, player: MpdPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player_module, "PULSE", 0.5)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        damage(server, SONGS[1])
        await player.play(drawn(*SONGS))
        changed = await heard.next(PlayerChanged, within=20, where=plays(SONGS[2]))
        assert (changed.report.state, changed.report.ours) == (PlayState.PLAY, True)

    heard = tell(player, story)
    assert acts(heard) == []
    assert [uri for uri, _ in ends(heard)] == [SONGS[0]]


def test_a_persons_queue_may_hang(
    server: RealMopidy, player: MpdPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(player_module, "PULSE", 0.2)

    async def story(_: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        with server.client() as client:
            for uri in SONGS[:2]:
                client.add(named(uri))
            client.play(0)
            await heard.next(PersonActed, where=plays(SONGS[0]))
            damage(server, SONGS[1])
            client.next()
            await asyncio.sleep(2)
            assert client.status()["elapsed"] == "0.000"

    tell(player, story)


def test_what_it_does_not_know_does_not_end_the_connection(player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        with pytest.raises(PlayerError, match="mopidy local scan"):
            await player.play(drawn("no such.wav", "nonsense:too"))
        await player.play(drawn("nonsense", SONGS[0]))
        assert (await heard.next(PlayerChanged, where=plays(SONGS[0]))).report.length == 1

    tell(player, story)


def test_what_is_to_follow_a_song_that_ends_follows_one_song_later(
    server: RealMopidy, player: MpdPlayer
) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:3]))
        await asyncio.sleep(SECONDS - 2)
        await player.queue_next(drawn(SONGS[3], number=2))
        await heard.next(PlayerChanged, where=plays(SONGS[1]))
        with server.client() as client:
            assert [row["file"] for row in client.playlistinfo()] == [named(SONGS[1]), named(SONGS[3])]

    heard = tell(player, story)
    assert acts(heard) == []
    assert ends(heard) == [(SONGS[0], EndReason.FINISHED)]


def test_nothing_is_paused_where_nothing_plays(server: RealMopidy, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.pause()
        with server.client() as client:
            assert client.status()["state"] == "stop"

    tell(player, story)


def test_the_doctor_tells_what_does_not_work(server: RealMopidy) -> None:
    config = load(None, ["mpd.host=127.0.0.1", f"mpd.port={server.port}"])
    found = next(links.player(config, {}))
    assert (found.verdict, "is not MPD itself" in found.message) == (Verdict.OK, True)


def test_the_doctor_takes_its_mute_for_no_output(server: RealMopidy) -> None:
    config = load(None, ["mpd.host=127.0.0.1", f"mpd.port={server.port}"])
    assert sound.output(config) == Check(
        "output", Verdict.OK, f"the sound goes to {UNMUTED} at a volume of 100 %"
    )
    with server.client() as client:
        client.enableoutput(0)
        try:
            assert sound.output(config) == Check("output", Verdict.FAULT, "Mopidy is muted: mpc disable Mute")
        finally:
            client.disableoutput(0)


def test_its_songs_are_found_by_an_import_and_played_as_imported(server: RealMopidy, root: Path) -> None:
    address = Address("127.0.0.1", server.port)
    catalogue = asyncio.run(read_catalogue(MpdSettings(), [address]))
    assert sorted((song.uri, song.title) for song in catalogue.songs) == [
        (uri, f"Song {number}") for number, uri in enumerate(SONGS)
    ]
    assert "local" in catalogue.schemes
    with closing(Database(root / FILE, lambda: migrations(schema_folder()))) as database:
        imports = LibraryImports(database)
        imports.keep(lambda: [Label(SONGS[1], Emotion.SAD)], "table", 0.0)

        async def story(player: MpdPlayer, heard: Told) -> None:
            music = (await heard.next(MusicChanged)).music
            assert music[Emotion.SAD] == MusicSource("imported sad", "imported", (SONGS[1],))
            await heard.next(PlayerConnected)
            await player.play(drawn(*music[Emotion.SAD].songs))
            await heard.next(PlayerChanged, where=plays(SONGS[1]))

        settings = MpdSettings(host="127.0.0.1", port=server.port)
        tell(MpdPlayer(settings, imported=imports), story)


def test_stickers_that_it_has_not_are_a_refusal(server: RealMopidy) -> None:
    settings = MpdSettings(host="127.0.0.1", port=server.port)
    with pytest.raises(PlayerError, match="Not implemented"):
        sharing.read_stickers(settings)
    with pytest.raises(PlayerError, match="Not implemented"):
        sharing.write_stickers(settings, [SongAffect(SONGS[0], 10, -10)])


def test_playlists_of_moods_are_written_with_its_names_of_songs(server: RealMopidy) -> None:
    settings, name = MpdSettings(host="127.0.0.1", port=server.port), "Mood – Happy"  # noqa: RUF001 - a dash
    assert sharing.write_playlists(settings, {name: SONGS[:2]}, ()) == [name]
    with server.client() as client:
        assert client.listplaylist(name) == [named(uri) for uri in SONGS[:2]]
    assert sharing.write_playlists(settings, {}, [name]) == []
