"""The player port's contract: contact, commands, losses and restarts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.player_worlds import (
    HAPPY,
    HAPPY_SONGS,
    MUSIC,
    NOTHING,
    QUIET_FOR,
    SAD,
    SAD_SONGS,
    SONGS,
    UNKNOWN,
    Told,
    World,
    acts,
    drawn,
    ends,
    plays,
    tell,
)

from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import (
    MusicChanged,
    PlayerChanged,
    PlayerConnected,
    PlayerLost,
    PlayState,
)
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.ports import Player


def test_it_tells_the_music_and_then_the_contact(world: World) -> None:
    async def story(_: Player, heard: Told, __: World) -> None:
        music, connected = heard.events[:2]
        assert music == MusicChanged(MUSIC)
        assert isinstance(connected, PlayerConnected)
        report = connected.report
        assert (report.state, report.length, report.song, report.ours) == (PlayState.STOP, 0, None, False)

    tell(world, story)


def test_a_song_of_its_library_is_known_and_nothing_else(world: World) -> None:
    async def story(player: Player, _: Told, world: World) -> None:
        assert await player.knows(SONGS[0])
        for uri in ("songs", "gone.wav", "../../etc/passwd", "songs/0.wav\nclear", "bj\udcf6rk.wav", ""):
            assert not await player.knows(uri), uri
        assert world.queue == ()

    tell(world, story)


def test_play_replaces_the_queue_and_plays_from_the_first(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.state, report.length, world.queue) == (PlayState.PLAY, 3, HAPPY_SONGS)
        assert (report.song.uri, report.song.title, report.song.seconds) == (HAPPY_SONGS[0], "0.wav", 60.0)
        assert (report.ours, report.programme, report.upcoming) == (True, 1, 1)
        assert (report.ahead, report.seconds_ahead, report.error) == (2, 120.0, "")
        await player.play(SAD, 1)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (world.queue, report.song.uri) == (SAD_SONGS, SAD_SONGS[1])
        assert (report.ours, report.programme, report.upcoming, report.ahead) == (True, 2, None, 0)
        await asyncio.sleep(QUIET_FOR)

    assert acts(tell(world, story)) == [], "our own acts are not a person's"


def test_what_we_did_is_told_before_the_command_returns(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        heard.unread()
        await player.play(HAPPY)
        told = [event for event in heard.unread() if isinstance(event, PlayerChanged)]
        assert told
        assert told[-1].report.length == len(HAPPY_SONGS)

    tell(world, story)


def test_unknown_songs_are_left_out(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(drawn(1, "gone.wav", HAPPY_SONGS[0], "gone too.wav", HAPPY_SONGS[1]), 2)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (world.queue, report.song.uri, report.ours) == (HAPPY_SONGS[:2], HAPPY_SONGS[1], True)

    tell(world, story)


@pytest.mark.parametrize("method", ["play", "queue_next", "extend"])
def test_when_all_songs_are_unknown_the_music_goes_on(world: World, method: str) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        with pytest.raises(PlayerError, match=r"gone\.wav"):
            await getattr(player, method)(UNKNOWN)
        with pytest.raises(PlayerError, match="no song"):
            await getattr(player, method)(NOTHING)
        await player.extend(SAD)
        report = (await heard.next(PlayerChanged, where=lambda event: event.report.length > 3)).report
        assert (report.state, report.ours, world.queue) == (
            PlayState.PLAY,
            True,
            (*HAPPY_SONGS, *SAD_SONGS),
        )
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == []


def test_a_song_that_cannot_be_played_is_passed_over(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        world.spoil(HAPPY_SONGS[0])
        await player.play(HAPPY)
        report = (await heard.next(PlayerChanged, where=plays(HAPPY_SONGS[1]))).report
        assert (report.state, report.ours, report.error) == (PlayState.PLAY, True, "")
        assert world.queue == HAPPY_SONGS[1:]
        await asyncio.sleep(QUIET_FOR)

    assert acts(tell(world, story)) == []


def test_when_no_song_can_be_played_the_music_goes_on(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        for uri in SAD_SONGS:
            world.spoil(uri)
        await player.play(HAPPY)
        with pytest.raises(PlayerError, match=r"plays nothing: .*: .*"):
            await player.play(SAD)
        await player.pause()
        report = (
            await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.PAUSE)
        ).report
        assert report.song is not None
        assert (report.song.uri, report.programme, world.queue) == (HAPPY_SONGS[0], 1, HAPPY_SONGS)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == []


def test_queue_next_keeps_the_song_and_lets_others_follow(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY, 1)
        heard.unread()
        await player.queue_next(SAD)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.state, report.song.uri) == (PlayState.PLAY, HAPPY_SONGS[1])
        assert (report.programme, report.upcoming, report.ours, report.ahead) == (1, 2, True, 2)
        assert world.queue == (HAPPY_SONGS[1], *SAD_SONGS)
        await player.next()
        report = (await heard.next(PlayerChanged, where=plays(SAD_SONGS[0]))).report
        assert report.programme == 2
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == [(HAPPY_SONGS[1], EndReason.SKIPPED, 1)]


def test_queue_next_keeps_a_pause(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        await player.pause()
        heard.unread()
        await player.queue_next(SAD)
        report = (await heard.next(PlayerChanged)).report
        assert (report.state, world.queue) == (PlayState.PAUSE, (HAPPY_SONGS[0], *SAD_SONGS))

    tell(world, story)


def test_queue_next_without_music_loads_the_queue_silently(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.queue_next(HAPPY)
        report = (await heard.next(PlayerChanged)).report
        assert (report.state, world.queue, report.ours) == (PlayState.STOP, HAPPY_SONGS, True)
        await player.unpause()
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.state, report.song.uri) == (PlayState.PLAY, HAPPY_SONGS[0])

    tell(world, story)


def test_a_mood_of_one_song_may_stand_in_the_queue_many_times(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        one = drawn(1, SONGS[0])
        await player.play(one)
        for _ in range(3):
            await player.extend(one)
        heard.unread()
        await player.next()
        report = (await heard.next(PlayerChanged)).report
        assert (report.length, report.ahead, report.seconds_ahead, report.ours) == (4, 2, 120.0, True)
        await asyncio.sleep(QUIET_FOR)
        assert world.queue == (SONGS[0],) * 4

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == [(SONGS[0], EndReason.SKIPPED, 1)]


def test_the_same_song_in_two_programmes_is_of_the_one_it_was_added_for(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(drawn(1, SONGS[0], SONGS[1]))
        await player.extend(drawn(2, SONGS[1], SONGS[0]))
        programmes = []
        for _ in range(3):
            heard.unread()
            await player.next()
            programmes.append((await heard.next(PlayerChanged)).report.programme)
        assert programmes == [1, 2, 2]

    tell(world, story)


def test_extend_removes_what_was_played_long_ago(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(drawn(1, *SONGS * 5), 32)
        heard.unread()
        await player.extend(HAPPY)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.length, report.ahead) == (40 - 7 + 3, 7 + 3)
        assert world.queue == (*(SONGS * 5)[7:], *HAPPY_SONGS)
        assert report.song.uri == SONGS[0]
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == []


def test_pause_and_unpause(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        for command, state in (
            (player.pause, PlayState.PAUSE),
            (player.unpause, PlayState.PLAY),
            (player.unpause, PlayState.PLAY),
        ):
            heard.unread()
            await command()
            assert (await heard.next(PlayerChanged)).report.state is state
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == [], "a pause ends nothing"


def test_pause_leaves_a_stop_alone(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.queue_next(HAPPY)
        heard.unread()
        await player.pause()
        assert (await heard.next(PlayerChanged)).report.state is PlayState.STOP

    tell(world, story)


def test_next_and_previous(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        for command, song in (
            (player.next, HAPPY_SONGS[1]),
            (player.previous, HAPPY_SONGS[0]),
            (player.previous, HAPPY_SONGS[0]),
        ):
            heard.unread()
            await command()
            report = (await heard.next(PlayerChanged)).report
            assert report.song is not None
            assert (report.state, report.song.uri) == (PlayState.PLAY, song)
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == [(HAPPY_SONGS[place], EndReason.SKIPPED, 1) for place in (0, 1)]


@pytest.mark.parametrize("method", ["next", "previous"])
def test_next_and_previous_want_music(world: World, method: str) -> None:
    async def story(player: Player, _: Told, __: World) -> None:
        with pytest.raises(PlayerError):
            await getattr(player, method)()

    tell(world, story)


def test_after_the_last_song_it_is_silent(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY, 2)
        heard.unread()
        await player.next()
        report = (await heard.next(PlayerChanged)).report
        assert (report.state, report.song) == (PlayState.STOP, None)

    assert ends(tell(world, story)) == [(HAPPY_SONGS[2], EndReason.SKIPPED, 1)]


def test_the_volume_is_nobodys_act(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        heard.unread()
        await player.set_volume(40)
        await asyncio.sleep(QUIET_FOR)
        told = heard.unread()
        assert {type(event) for event in told} == {PlayerChanged}
        assert [event.report.volume for event in told if isinstance(event, PlayerChanged)][-1] == 40

    tell(world, story)


# --- losses and restarts --------------------------------------------------------------------------------


def test_a_loss_is_told_once_and_refuses_commands(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.lose()
        lost = await heard.next(PlayerLost)
        assert "MPD" in lost.reason
        with_songs, without = (
            (player.play, player.queue_next, player.extend),
            (player.unpause, player.pause, player.next, player.previous),
        )
        for command in (*(method(HAPPY) for method in with_songs), *(method() for method in without)):
            with pytest.raises(PlayerError, match="MPD"):
                await command
        world.come_back()
        connected = await heard.next(PlayerConnected, within=10)
        assert (connected.report.state, connected.report.length) == (PlayState.STOP, 0), (
            "killed, it comes back empty and stopped"
        )
        assert [type(event) for event in heard.events].count(MusicChanged) == 2, (
            "the music is told at each contact"
        )
        heard.unread()
        await player.play(SAD)
        assert (await heard.next(PlayerChanged)).report.programme == 2

    assert ends(tell(world, story)) == [(HAPPY_SONGS[0], EndReason.UNKNOWN, 1)]


def test_after_a_restart_of_this_program_the_queue_is_known_by_its_songs(
    make_world: Callable[..., World],
) -> None:
    older, newer = drawn(1, *SONGS[:4]), drawn(2, *SONGS[2:6])

    async def ours(_: Player, heard: Told, __: World) -> None:
        [connected] = [event for event in heard.events if isinstance(event, PlayerConnected)]
        assert (connected.report.ours, connected.report.length) == (True, 6)
        assert connected.report.ahead == 5 + (connected.report.song is None)

    async def theirs(_: Player, heard: Told, __: World) -> None:
        [connected] = [event for event in heard.events if isinstance(event, PlayerConnected)]
        assert not connected.report.ours

    assert acts(tell(make_world((older, newer), SONGS[:6]), ours)) == []
    assert acts(tell(make_world((older, newer), SONGS), theirs)) == []
