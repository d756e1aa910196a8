"""What we do with the queue of a real MPD, and what it cannot play."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING

import pytest
from support.mpd_story import SONGS, Told, acts, drawn, ends, player_on, plays, queue, tell
from support.servers import RealMpd, radio

from moodspeaker.adapters.mpd import connection, edits
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import (
    Act,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayState,
)
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.adapters.mpd.player import MpdPlayer


def test_hundreds_of_songs_take_no_time(mpd_server: RealMpd) -> None:
    songs = tuple(mpd_server.add_song(f"many/{number:03}.wav", seconds=0.1) for number in range(250))
    mpd_server.add_song("long.wav")
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        begun = time.monotonic()
        await player.play(drawn("long.wav", *songs))
        assert (await heard.next(PlayerChanged)).report.length == 251
        assert queue(mpd_server) == ("long.wav", *songs)
        assert time.monotonic() - begun < 5, "they are sent at once, not one after another"

    assert acts(tell(player_on(mpd_server), story)) == []


def test_our_order_holds_where_a_person_lets_mpd_play_at_random(mpd_server: RealMpd) -> None:
    songs = tuple(mpd_server.add_song(f"many/{number:02}.wav", seconds=30) for number in range(12))
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        with mpd_server.client() as client:
            client.random(1)
            client.repeat(1)
        await player.play(drawn(*songs[:6]))
        played = [(await heard.next(PlayerChanged, where=plays(songs[0]))).report.song]
        await player.extend(drawn(*songs[6:9], number=2))
        for uri in songs[1:8]:
            await player.next()
            played.append((await heard.next(PlayerChanged, where=plays(uri))).report.song)
        await player.queue_next(drawn(*songs[9:], number=3))
        for uri in songs[9:]:
            await player.next()
            played.append((await heard.next(PlayerChanged, where=plays(uri))).report.song)
        assert [song.uri for song in played if song is not None] == [*songs[:8], *songs[9:]]
        with mpd_server.client() as client:
            status = client.status()
        assert (status["random"], status["repeat"]) == ("1", "1"), "they stay as they were found"

    assert acts(tell(player_on(mpd_server), story)) == []


def test_the_music_does_not_stop_while_the_queue_is_changed(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:3]))
        await asyncio.sleep(0.5)
        await player.queue_next(drawn(*SONGS[3:]))
        await asyncio.sleep(0.5)
        with server.client() as client:
            status = client.status()
        assert float(status["elapsed"]) > 0.7
        assert (status["state"], status["song"], status["playlistlength"]) == ("play", "0", "4")

    assert acts(tell(player, story)) == []


def test_a_person_who_has_a_full_queue_gives_room(root: Path) -> None:
    with RealMpd(root, extra='max_playlist_length "4"') as server:
        for uri in SONGS:
            server.add_song(uri)
        server.update()
        with server.client() as client:
            for _ in range(4):
                client.add(SONGS[5])
            client.play(1)

        async def story(player: MpdPlayer, heard: Told) -> None:
            await heard.next(PlayerConnected)
            await player.play(drawn(*SONGS), 1)
            report = (await heard.next(PlayerChanged)).report
            assert report.song is not None
            assert (report.song.uri, report.length, report.ours) == (SONGS[1], 4, True)
            assert queue(server) == SONGS[1:5]
            with pytest.raises(PlayerError, match=r"too large.*max_playlist_length"):
                await player.extend(drawn(*SONGS, number=2))
            await player.queue_next(drawn(*SONGS[2:], number=3))
            assert queue(server) == (SONGS[1], *SONGS[2:5])

        heard = tell(player_on(server), story)
    assert acts(heard) == []
    assert ends(heard) == [(SONGS[5], EndReason.REPLACED)]


def test_no_sound_card_is_named_with_its_cure_and_leaves_the_queue_alone(root: Path) -> None:
    with RealMpd(root, output='type "alsa"\n device "hw:7,0"') as server:
        for uri in SONGS:
            server.add_song(uri)
        server.update()

        async def story(player: MpdPlayer, heard: Told) -> None:
            await heard.next(PlayerConnected)
            for _ in range(2):
                with pytest.raises(PlayerError, match=r"Failed to open .*: plug the sound card in"):
                    await player.play(drawn(*SONGS))
                assert queue(server) == ()
            report = (await heard.next(PlayerChanged)).report
            assert (report.state, report.length) == (PlayState.STOP, 0)
            assert "audio_output" in report.error
            with server.client() as client:
                client.add(SONGS[0])
            await heard.next(PersonActed)
            with pytest.raises(PlayerError, match="plug the sound card in"):
                await player.unpause()

        assert acts(tell(player_on(server), story)) == [Act.QUEUE]


def test_a_drive_that_is_gone_is_named_with_its_cure_and_heals(server: RealMpd, player: MpdPlayer) -> None:
    away = server.root / "away"

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        server.music.rename(away)
        with pytest.raises(PlayerError, match="No such file or directory: mount the music's drive"):
            await player.play(drawn(*SONGS))
        assert queue(server) == ()
        away.rename(server.music)
        await player.play(drawn(*SONGS))
        report = (await heard.next(PlayerChanged, where=plays(SONGS[0]))).report
        assert (report.state, report.error) == (PlayState.PLAY, "")

    assert acts(tell(player, story)) == []


def test_a_drive_that_goes_while_music_plays_is_nobodys_act_and_shown(
    mpd_server: RealMpd, player: MpdPlayer
) -> None:
    songs = tuple(mpd_server.add_song(f"short/{number}.wav", seconds=3) for number in range(4))
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*songs))
        mpd_server.music.rename(mpd_server.root / "away")
        report = (
            await heard.next(
                PlayerChanged, within=15, where=lambda event: event.report.state is PlayState.STOP
            )
        ).report
        assert "No such file or directory" in report.error
        assert "mount the music's drive" in report.error

    heard = tell(player, story)
    assert acts(heard) == []
    assert ends(heard)[0] == (songs[0], EndReason.FINISHED)


def test_a_dead_stream_is_named_with_its_cure_and_the_music_goes_on(
    server: RealMpd, player: MpdPlayer
) -> None:
    with radio() as stream:
        pass  # nobody listens there any more

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:2]))
        with pytest.raises(PlayerError, match=r"(CURL|connect).*: look at the network"):
            await player.play(drawn(stream, number=2))
        await player.pause()
        report = (
            await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.PAUSE)
        ).report
        assert report.song is not None
        assert (report.song.uri, report.programme, queue(server)) == (SONGS[0], 1, SONGS[:2])

    heard = tell(player, story)
    assert acts(heard) == []
    assert ends(heard) == []


def test_a_stream_that_says_nothing_is_given_up(
    server: RealMpd, player: MpdPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "SOUNDS_WITHIN", 1.0)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        with pytest.raises(PlayerError, match="nothing is heard within 1 s"):
            await player.play(drawn(f"http://127.0.0.1:{silent.getsockname()[1]}/stream"))
        assert queue(server) == ()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert acts(tell(player, story)) == []


def test_a_mood_of_one_stream_is_played_and_extended(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(stream))
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.state, report.song.seconds, report.ours) == (PlayState.PLAY, None, True)
        await player.extend(drawn(stream))
        report = (await heard.next(PlayerChanged)).report
        assert (report.ahead, report.seconds_ahead, report.programme) == (1, None, 1)
        await asyncio.sleep(1)
        assert len(queue(server)) == 2

    with radio() as stream:
        assert acts(tell(player, story)) == []


def test_a_person_who_stops_while_we_wait_for_a_sound_is_heard(
    server: RealMpd, player: MpdPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "SOUNDS_WITHIN", 30.0)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        playing = asyncio.create_task(
            player.play(drawn(f"http://127.0.0.1:{silent.getsockname()[1]}/stream"))
        )
        while not queue(server):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        with server.client() as client:
            client.stop()
        await playing
        assert (await heard.next(PersonActed)).act is Act.STOP

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert acts(tell(player, story)) == [Act.STOP]


def test_a_slow_server_has_time_for_each_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "READ_TIMEOUT", 0.3)

    async def story() -> None:
        loop = asyncio.get_running_loop()
        slow: list[asyncio.Future[int]] = [loop.create_future() for _ in range(5)]
        for place, answer in enumerate(slow):
            loop.call_later(0.15 * place, answer.set_result, place)
        assert await connection.answers(*slow) == [0, 1, 2, 3, 4]
        with pytest.raises(TimeoutError):
            await connection.answers(loop.create_future())

    asyncio.run(story())
