"""What a person did with a real MPD, and what is nobody's act."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.mpd_story import SONGS, Told, acts, all_told, drawn, ends, player_on, plays, queue, tell
from support.servers import RealMpd, radio, write_mp3

from moodspeaker.adapters.mpd import edits
from moodspeaker.adapters.mpd.address import Address
from moodspeaker.adapters.mpd.attribution import END_SLACK
from moodspeaker.adapters.mpd.connection import Link, listen
from moodspeaker.adapters.mpd.player import BURST
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import (
    Act,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayState,
    TrackEnded,
)
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from moodspeaker.adapters.mpd.connection import Client, Refusal
    from moodspeaker.adapters.mpd.player import MpdPlayer
    from moodspeaker.adapters.mpd.provenance import Entry


def test_volume_options_outputs_and_stickers_are_nobodys_act(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        heard.unread()
        with server.client() as client:
            client.setvol(40)
            client.random(1)
            client.random(0)
            client.repeat(1)
            client.repeat(0)
            client.crossfade(2)
            client.crossfade(0)
            client.enableoutput(1)
            client.disableoutput(1)
            client.sticker_set("song", SONGS[0], "rating", "8")
            client.update()
        await asyncio.sleep(1)
        told = [event for event in heard.unread() if isinstance(event, PlayerChanged)]
        assert [event.report.volume for event in told] == [40], "the one thing of these that is shown"

    assert acts(tell(player, story)) == []


def test_songs_that_end_by_themselves_are_nobodys_act(mpd_server: RealMpd) -> None:
    short = tuple(mpd_server.add_song(f"short/{number}.wav", seconds=1.5) for number in range(3))
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*short))
        for uri in short:
            await heard.next(PlayerChanged, where=plays(uri))
        await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.STOP)

    assert acts(tell(player_on(mpd_server), story)) == []


@pytest.mark.parametrize("option", ["consume", "repeat", "random"])
def test_playback_options_are_nobodys_act(mpd_server: RealMpd, option: str) -> None:
    short = tuple(mpd_server.add_song(f"short/{number}.wav", seconds=1.5) for number in range(3))
    mpd_server.update()
    with mpd_server.client() as client:
        getattr(client, option)(1)
        if option == "repeat":
            client.single(1)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*short))
        await asyncio.sleep(4)

    heard = tell(player_on(mpd_server), story)
    assert acts(heard) == []
    with mpd_server.client() as client:
        assert client.status()[option] == "1", "an option that a person set stays"


def test_a_crossfade_is_nobodys_act(mpd_server: RealMpd) -> None:
    songs = tuple(mpd_server.add_song(f"fade/{number}.wav", seconds=8) for number in range(2))
    mpd_server.update()
    with mpd_server.client() as client:
        client.crossfade(4)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*songs))
        await heard.next(PlayerChanged, within=9, where=plays(songs[1]))

    assert acts(tell(player_on(mpd_server), story)) == []


def test_news_is_heard_while_a_look_still_waits(server: RealMpd) -> None:
    """Else a look right after a rescan shows what it changed, and not that there was one."""

    async def story() -> None:
        news: asyncio.Queue[Sequence[str]] = asyncio.Queue()
        link = Link(Address(str(server.socket), 0))
        await link.open("")
        listening = asyncio.create_task(listen(link.idler, news))
        with server.client() as client:
            for volume in (40, 50):
                await asyncio.to_thread(client.setvol, volume)
                assert "mixer" in await news.get()
        assert link.idler.IMMEDIATE_COMMAND_TIMEOUT < BURST / 2
        listening.cancel()
        link.close()

    asyncio.run(story())


def test_songs_that_leave_the_library_are_nobodys_act(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        await all_told(server, heard)
        (server.music / SONGS[3]).unlink()
        server.update()
        await heard.next(PlayerChanged, where=lambda event: event.report.length < len(SONGS))
        assert SONGS[3] not in queue(server)

    assert acts(tell(player, story)) == []


def test_next_in_random_order_is_next(server: RealMpd, player: MpdPlayer) -> None:
    with server.client() as client:
        client.random(1)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        for act in ("next", "next", "previous"):
            with server.client() as client:
                getattr(client, act)()
            await heard.next(PersonActed)

    assert acts(tell(player, story)) == [Act.NEXT, Act.NEXT, Act.PREVIOUS]


def test_next_while_songs_are_consumed_is_next(server: RealMpd, player: MpdPlayer) -> None:
    with server.client() as client:
        client.consume(1)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        with server.client() as client:
            client.next()
        acted = await heard.next(PersonActed)
        assert (acted.act, queue(server)) == (Act.NEXT, SONGS[1:])

    tell(player, story)


@pytest.mark.parametrize("edit", ["add", "delete", "shuffle", "move"])
def test_every_edit_of_the_queue_is_a_persons(server: RealMpd, player: MpdPlayer, edit: str) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:5]))
        with server.client() as client:
            match edit:
                case "add":
                    client.add(SONGS[5])
                case "delete":
                    client.delete(3)
                case "shuffle":
                    while tuple(row["file"] for row in client.playlistinfo()) == SONGS[:5]:
                        client.shuffle()
                case "move":
                    client.move(4, 1)
        assert (await heard.next(PersonActed)).act is Act.QUEUE

    assert acts(tell(player, story)) == [Act.QUEUE]


def test_an_endless_stream_of_somebody_else_is_a_queue_of_theirs(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        with server.client() as client:
            client.clear()
            client.add(stream)
            client.play()
        acted = await heard.next(PersonActed)
        assert (acted.act, acted.report.length, acted.report.ours) == (Act.QUEUE, 1, False)
        assert acted.report.song is not None
        assert (acted.report.song.seconds, acted.report.song.title) == (None, "stream")

    with radio() as stream:
        assert acts(tell(player, story)) == [Act.QUEUE]


def test_a_person_who_acts_in_the_same_moment_goes_first(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:3]))
        with server.client() as client:
            client.clear()
            client.add(SONGS[5])
            client.play()
        with pytest.raises(PlayerError, match="person"):
            await player.play(drawn(*SONGS[3:5]))
        acted = await heard.next(PersonActed)
        assert (acted.act, queue(server)) == (Act.QUEUE, (SONGS[5],))

    assert acts(tell(player, story)) == [Act.QUEUE]


@pytest.mark.parametrize(("method", "moment"), [("play", 1), ("play", 2), ("queue_next", 1), ("extend", 1)])
@pytest.mark.parametrize("edit", ["clear", "replace", "put first", "put last"])
def test_a_person_who_acts_in_the_midst_of_our_command_loses_nothing(  # noqa: PLR0917 - fixtures
    server: RealMpd, player: MpdPlayer, method: str, moment: int, edit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, theirs = edits._append, SONGS[5]
    appended = 0

    async def append_and_be_edited(
        client: Client, songs: Sequence[str], *, at: int | None = None
    ) -> tuple[list[Entry], Refusal | None]:
        nonlocal appended
        added = await append(client, songs, at=at)
        appended += 1
        if appended == moment:
            with server.client() as person:
                if edit in {"clear", "replace"}:
                    person.clear()
                if edit in {"replace", "put last"}:
                    person.add(theirs)
                if edit == "put first":
                    person.addid(theirs, 0)
                if edit == "replace":
                    person.play()
        return added

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:2]))
        monkeypatch.setattr(edits, "_append", append_and_be_edited)
        await getattr(player, method)(drawn(*SONGS[3:5], number=2))
        acted = await heard.next(PersonActed)
        assert acted.act is Act.QUEUE
        assert (theirs in queue(server)) is (edit != "clear")
        assert not acted.report.ours
        if edit == "replace":
            assert acted.report.song is not None
            assert (queue(server), acted.report.song.uri) == ((theirs,), theirs)

    assert acts(tell(player, story)) == [Act.QUEUE]


# --- a person's stop in other clothes ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        (("single", 1),),
        (("single", "oneshot"),),
        (("single", "oneshot"), ("consume", 1)),
        (("single", 1), ("random", 1)),
    ],
    ids=str,
)
def test_what_a_person_told_mpd_to_stop_after_is_their_stop(
    root: Path, options: tuple[tuple[str, int | str], ...]
) -> None:
    short = tuple(f"short/{number}.mp3" for number in range(3))

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        with server.client() as client:
            for option, value in options:
                getattr(client, option)(value)
        await player.play(drawn(*short))
        acted = await heard.next(PersonActed)
        assert (acted.act, acted.report.state) == (Act.STOP, PlayState.PAUSE)

    # With a whole song in its buffer and `single`, MPD 0.24 answers nobody until the song is over.
    with RealMpd(root, extra='audio_buffer_size "256"') as server:
        for uri in short:
            write_mp3(server.music / uri, seconds=4, stated=4)
        server.update()
        heard = tell(player_on(server), story)
    assert acts(heard) == [Act.STOP]
    assert ends(heard) == [(short[0], EndReason.FINISHED)]


@pytest.mark.parametrize("songs", [SONGS[:2], SONGS[:1]], ids=["others follow", "the last one"])
def test_a_stop_in_the_last_seconds_of_a_song_is_a_persons(
    server: RealMpd, player: MpdPlayer, songs: tuple[str, ...]
) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*songs))
        with server.client() as client:
            client.seekcur(58.5)
            await heard.next(PersonActed)
            client.stop()
        assert (await heard.next(PersonActed)).act is Act.STOP

    assert ends(tell(player, story)) == [(songs[0], EndReason.STOPPED)]


def test_the_queues_end_is_nobodys_act(mpd_server: RealMpd, player: MpdPlayer) -> None:
    mpd_server.add_song("short.wav", seconds=1.5)
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn("short.wav"))
        await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.STOP)

    heard = tell(player, story)
    assert acts(heard) == []
    assert ends(heard) == [("short.wav", EndReason.FINISHED)]


# --- nobody knows -----------------------------------------------------------------------------------------


def test_a_song_that_ends_before_its_stated_end_is_nobodys_act(
    mpd_server: RealMpd, player: MpdPlayer
) -> None:
    songs = ("long/0.mp3", "long/1.mp3")
    for uri in songs:
        write_mp3(mpd_server.music / uri, seconds=3, stated=30)
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*songs))
        ended = await heard.next(TrackEnded)
        assert ended.song.seconds == pytest.approx(30, abs=1), "the fault is seen by MPD"
        assert ended.heard == pytest.approx(3, abs=1)
        await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.STOP)

    heard = tell(player, story)
    assert acts(heard) == []
    assert ends(heard) == [(uri, EndReason.UNKNOWN) for uri in songs]


def test_a_length_that_proved_right_is_believed(mpd_server: RealMpd, player: MpdPlayer) -> None:
    songs = ("right/0.mp3", "right/1.mp3")
    for uri in songs:
        write_mp3(mpd_server.music / uri, seconds=30, stated=30)
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*songs))
        with mpd_server.client() as client:
            client.seekcur(28.5)
            await heard.next(TrackEnded)
            client.previous()
            await heard.next(PersonActed, where=lambda event: event.act is Act.PREVIOUS)
            client.next()
        assert (await heard.next(PersonActed)).act is Act.NEXT

    tell(player, story)


def test_a_library_renamed_under_the_song_is_nobodys_act(server: RealMpd, player: MpdPlayer) -> None:
    server.add_song(SONGS[0], seconds=9)
    server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS))
        await all_told(server, heard)
        (server.music / "songs").rename(server.music / "other")
        server.update()
        report = (await heard.next(PlayerChanged, where=lambda event: event.report.length < 6)).report
        if report.state is PlayState.PLAY:  # MPD 0.24 at times leaves the song at once
            assert (report.ours, queue(server)) == (True, SONGS[:1]), "MPD plays the song to its end"
            await heard.next(
                PlayerChanged, within=15, where=lambda event: event.report.state is PlayState.STOP
            )
            played_on.append(SONGS[0])

    def stops(event: PlayerChanged) -> bool:
        return event.report.state is PlayState.STOP

    played_on: list[str] = []
    heard = tell(player, story)
    assert acts(heard) == []
    [over] = [event for event in heard.events if isinstance(event, TrackEnded)]
    time_was_up = over.heard >= 9 - END_SLACK  # on a slow machine, before MPD had looked
    why = EndReason.FINISHED if played_on or time_was_up else EndReason.UNKNOWN
    assert (over.song.uri, over.why) == (SONGS[0], why)


def test_a_switch_fades_where_a_person_set_a_crossfade_and_their_options_stay(server: RealMpd) -> None:
    """The song that gave way was not heard to its end, and nobody is told to have moved within it."""
    with server.client() as client:
        client.crossfade(3)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:2]))
        await heard.next(PlayerChanged, where=lambda event: event.report.crossfade == 3)
        await player.queue_next(drawn(*SONGS[3:], number=2), fade=True)
        await heard.next(PlayerChanged, within=9, where=plays(SONGS[3]))

    heard = tell(player_on(server), story)
    assert acts(heard) == []
    [over] = [event for event in heard.events if isinstance(event, TrackEnded)]
    assert (over.song.uri, over.why) == (SONGS[0], EndReason.REPLACED)
    assert over.heard < 10
    with server.client() as client:
        assert client.status()["xfade"] == "3"


@pytest.mark.parametrize(("crossfade", "single"), [(0, "0"), (3, "1"), (3, "oneshot")])
def test_where_nothing_crossfades_the_song_plays_to_its_end(
    server: RealMpd, player: MpdPlayer, crossfade: int, single: str
) -> None:
    with server.client() as client:
        client.crossfade(crossfade)
        client.single(single)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:2]))
        await player.queue_next(drawn(*SONGS[3:], number=2), fade=True)
        with server.client() as client:
            status = client.status()
        assert float(status["elapsed"]) < 5
        assert queue(server) == (SONGS[0], *SONGS[3:])

    assert ends(tell(player, story)) == []
