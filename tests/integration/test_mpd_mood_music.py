"""The music that a real MPD has for each mood."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.mpd_story import SONGS, Told, acts, drawn, player_on, queue, tell
from support.servers import RealMpd, radio

from moodspeaker.adapters.mpd import mood_music
from moodspeaker.adapters.mpd.playlists import StoredPlaylists, read_playlists
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import (
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerLost,
    PlayState,
)
from moodspeaker.domain.song import MusicSource
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.adapters.mpd.player import MpdPlayer

LATIN = b"Bj\xf6rk"


def test_stored_playlist_then_genre_then_folder(mpd_server: RealMpd) -> None:
    for name in ("listed", "tagged", "folder"):
        mpd_server.add_song(f"Happy/{name}.wav", genre="HAPPY" if name == "tagged" else "")
    mpd_server.add_song("else/sad.wav", genre="Sad", title="Rain", artist="Ann")
    mpd_server.add_song("else/not quite.wav", genre="sadness")
    mpd_server.add_song("SAD/folder.wav")
    mpd_server.add_song("fear/deep/down.wav")
    mpd_server.add_song("else/fear/no.wav")
    stream = "http://radio.example/happy"
    mpd_server.store_playlist("mood-happy", ("Happy/listed.wav", stream))
    mpd_server.store_playlist("mood-sad", ())
    mpd_server.update()

    async def story(_: MpdPlayer, heard: Told) -> None:
        music = (await heard.next(MusicChanged)).music
        assert music == {
            Emotion.HAPPY: MusicSource("mood-happy", "stored playlist", ("Happy/listed.wav", stream)),
            Emotion.SAD: MusicSource("genre sad", "genre", ("else/sad.wav",)),
            Emotion.FEAR: MusicSource("folder fear", "folder", ("fear/deep/down.wav",)),
        }

    tell(player_on(mpd_server), story)


def test_what_people_put_together_is_read_again_when_they_changed_it(mpd_server: RealMpd) -> None:
    for number in range(4):
        mpd_server.add_song(f"{number}.wav")
    mpd_server.store_playlist("Sunday", ("2.wav", "0.wav", "2.wav"))
    mpd_server.store_playlist("one", ("1.wav",))
    mpd_server.store_playlist("Mood - Happy", ("1.wav", "2.wav"))
    mpd_server.update()
    settings = MpdSettings(host=str(mpd_server.socket))
    first = read_playlists(settings, ["Mood - Happy"], "")
    assert first.playlists == [("2.wav", "0.wav")]
    assert read_playlists(settings, ["Mood - Happy"], first.mark) == StoredPlaylists((), first.mark)
    with mpd_server.client() as client:
        client.playlistadd("new", "3.wav")
        client.playlistadd("new", "1.wav")
    second = read_playlists(settings, ["Mood - Happy"], first.mark)
    assert sorted(second.playlists) == [("2.wav", "0.wav"), ("3.wav", "1.wav")]
    assert second.mark != first.mark


def test_a_playlist_whose_name_is_not_utf8_tells_what_goes_together_too(mpd_server: RealMpd) -> None:
    for number in range(2):
        mpd_server.add_song(f"{number}.wav")
    (mpd_server.playlists / os.fsdecode(LATIN + b".m3u")).write_text("1.wav\n0.wav\n", encoding="utf-8")
    mpd_server.update()
    found = read_playlists(MpdSettings(host=str(mpd_server.socket)), [], "")
    assert found.playlists == [("1.wav", "0.wav")]


def test_a_playlist_that_is_longer_than_an_answer_may_be_is_passed_over(root: Path) -> None:
    with RealMpd(root, extra='max_output_buffer_size "64"') as server:
        server.store_playlist("everything", [f"{'f' * 200}/{number}.wav" for number in range(1000)])
        server.store_playlist("Sunday", ("2.wav", "0.wav"))
        found = read_playlists(MpdSettings(host=str(server.socket)), [], "")
    assert found.playlists == [("2.wav", "0.wav")]
    assert found.mark


def test_music_that_changes_is_told(server: RealMpd, player: MpdPlayer) -> None:
    async def story(_: MpdPlayer, heard: Told) -> None:
        assert (await heard.next(MusicChanged)).music == {}
        await heard.next(PlayerConnected)
        with server.client() as client:
            client.playlistadd("mood-sad", SONGS[0])
        assert (await heard.next(MusicChanged)).music[Emotion.SAD].songs == (SONGS[0],)
        server.add_song("new.wav", genre="angry")
        server.update()
        assert (await heard.next(MusicChanged)).music[Emotion.ANGRY].kind == "genre"
        with server.client() as client:
            client.playlistadd("party", SONGS[0])
            client.rm("mood-sad")
        assert Emotion.SAD not in (await heard.next(MusicChanged)).music
        await asyncio.sleep(0.5)
        assert heard.unread() == []

    assert acts(tell(player, story)) == []


def test_a_large_genre_is_read_a_page_at_a_time(mpd_server: RealMpd, monkeypatch: pytest.MonkeyPatch) -> None:
    songs = sorted(mpd_server.add_song(f"x/{number}.wav", seconds=0.1, genre="happy") for number in range(25))
    mpd_server.update()
    monkeypatch.setattr(mood_music, "PAGE", 10)
    assert sorted(music_of(mpd_server)[Emotion.HAPPY].songs) == songs
    monkeypatch.setattr(mood_music, "PAGE", 25)
    assert sorted(music_of(mpd_server)[Emotion.HAPPY].songs) == songs


def test_names_with_separators_are_names(mpd_server: RealMpd) -> None:
    songs = tuple(
        mpd_server.add_song(f"happy/{name}.wav", seconds=1)
        for name in ("a: b", 'quo"te', "back\\slash", "line\u2028end", "next\x85line", "tab\tend")
    )
    mpd_server.update()
    found = music_of(mpd_server)[Emotion.HAPPY].songs
    assert sorted(found) == sorted(songs)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.queue_next(drawn(*found))
        assert queue(mpd_server) == found

    tell(player_on(mpd_server), story)


# --- dead sources -----------------------------------------------------------------------------------------


def music_of(server: RealMpd) -> Mapping[Emotion, MusicSource]:
    """Return what a player tells of a server's music."""
    found: dict[Emotion, MusicSource] = {}

    async def story(_: MpdPlayer, heard: Told) -> None:
        found.update((await heard.next(MusicChanged)).music)
        await heard.next(PlayerConnected)

    tell(player_on(server), story)
    return found


def test_a_source_whose_songs_are_all_gone_falls_through(mpd_server: RealMpd) -> None:
    mpd_server.add_song("happy/one.wav")
    mpd_server.store_playlist("mood-happy", ("old/a.mp3", "old/b.mp3"))
    mpd_server.store_playlist("mood-sad", ("old/a.mp3", "http://radio.example/sad", "happy/one.wav"))
    mpd_server.update()
    music = music_of(mpd_server)
    assert music[Emotion.HAPPY] == MusicSource("folder happy", "folder", ("happy/one.wav",))
    assert music[Emotion.SAD].songs == ("http://radio.example/sad", "happy/one.wav")


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("f", MusicSource("mood-happy", "stored playlist", ("happy/one.wav",) * 2000 + ("f/0.wav",))),
        ("f" * 200, MusicSource("folder happy", "folder", ("happy/one.wav",))),
    ],
    ids=["told by its URIs", "passed over"],
)
def test_a_playlist_that_is_longer_than_an_answer(root: Path, folder: str, source: MusicSource) -> None:
    with RealMpd(root, extra='max_output_buffer_size "64"') as server:
        server.add_song("happy/one.wav", title="a title of some length")
        gone = [f"{folder}/{number}.wav" for number in range(1 if folder == "f" else 500)]
        server.store_playlist("mood-happy", ["happy/one.wav"] * 2000 + gone)
        server.update()
        assert music_of(server) == {Emotion.HAPPY: source}


def test_names_match_whatever_their_letter_case(mpd_server: RealMpd) -> None:
    mpd_server.add_song("HAPPY/one.wav", genre="SAD")
    mpd_server.store_playlist("Mood-Fear", ("HAPPY/one.wav",))
    mpd_server.store_playlist("MOOD-ANGRY", ("gone.wav",))
    mpd_server.store_playlist("mood-angry", ("HAPPY/one.wav",))
    mpd_server.update()
    music = music_of(mpd_server)
    assert {emotion: source.name for emotion, source in music.items()} == {
        Emotion.FEAR: "Mood-Fear",
        Emotion.ANGRY: "mood-angry",
        Emotion.HAPPY: "folder happy",
        Emotion.SAD: "genre sad",
    }


# --- names that are not UTF-8 -----------------------------------------------------------------------------


def test_a_name_that_is_not_utf8_is_skipped_and_named(
    mpd_server: RealMpd, caplog: pytest.LogCaptureFixture
) -> None:
    mpd_server.add_song("happy/one.wav")
    root = os.fsencode(mpd_server.music)
    Path(os.fsdecode(root + b"/" + LATIN)).mkdir()
    for copy in (root + b"/" + LATIN + b"/x.wav", root + b"/happy/" + LATIN + b".wav"):
        shutil.copy(os.fsencode(mpd_server.music / "happy" / "one.wav"), copy)
    lists = os.fsencode(mpd_server.playlists)
    for name in (b"mood-sad.m3u", LATIN + b".m3u"):
        Path(os.fsdecode(lists + b"/" + name)).write_bytes(b"happy/one.wav\n" + LATIN + b"/x.wav\n")
    mpd_server.update()
    music = music_of(mpd_server)
    assert music[Emotion.HAPPY].songs == ("happy/one.wav",)
    assert music[Emotion.SAD].songs == ("happy/one.wav",)
    skipped = [record.message for record in caplog.records if "UTF-8" in record.message]
    assert "Bj\ufffdrk is skipped: its name is not UTF-8: rename it (convmv)" in skipped
    assert len(skipped) == len(set(skipped))


def test_a_song_that_is_not_utf8_may_be_played_by_a_person(mpd_server: RealMpd) -> None:
    mpd_server.add_song("one.wav")
    root = os.fsencode(mpd_server.music)
    shutil.copy(root + b"/one.wav", root + b"/" + LATIN + b".wav")
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn("one.wav"))
        with socket.socket(socket.AF_UNIX) as person:
            person.connect(str(mpd_server.socket))
            person.sendall(b"add " + LATIN + b".wav\nplay 1\n")
            report = (await heard.next(PersonActed)).report
        assert report.song is not None
        report.song.uri.encode()
        assert (report.song.uri, report.song.title, report.length) == ("Bj\ufffdrk.wav", "Bj\ufffdrk.wav", 2)
        await player.pause()

    tell(player_on(mpd_server), story)


# --- what a server lacks ----------------------------------------------------------------------------------


def test_without_a_playlist_folder_the_rest_works(root: Path) -> None:
    with RealMpd(root, lacks=("playlist_directory",)) as server:
        server.add_song("happy/one.wav")
        server.update()
        assert music_of(server) == {Emotion.HAPPY: MusicSource("folder happy", "folder", ("happy/one.wav",))}


def test_without_a_database_streams_work(root: Path) -> None:
    with radio() as stream, RealMpd(root, lacks=("db_file", "music_directory", "auto_update")) as server:
        server.store_playlist("mood-happy", (stream,))
        assert music_of(server) == {Emotion.HAPPY: MusicSource("mood-happy", "stored playlist", (stream,))}

        async def story(player: MpdPlayer, heard: Told) -> None:
            await heard.next(PlayerConnected)
            await player.play(drawn(stream))
            assert (await heard.next(PlayerChanged)).report.state is PlayState.PLAY

        tell(player_on(server), story)


def test_a_library_renamed_while_mpd_was_away_is_told_at_once(mpd_server: RealMpd) -> None:
    mpd_server.add_song("happy/one.wav")
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn("happy/one.wav"))
        mpd_server.kill()
        await heard.next(PlayerLost)
        (mpd_server.music / "happy" / "one.wav").rename(mpd_server.music / "happy" / "other.wav")
        (mpd_server.root / "database").unlink()
        mpd_server.start()
        changed = await heard.next(MusicChanged, within=10, where=lambda event: bool(event.music))
        assert changed.music[Emotion.HAPPY].songs == ("happy/other.wav",)
        with pytest.raises(PlayerError, match=r"MPD has none of the 1 songs, happy/one.wav neither"):
            await player.play(drawn("happy/one.wav"))
        await player.play(drawn(*changed.music[Emotion.HAPPY].songs))

    tell(player_on(mpd_server), story)
