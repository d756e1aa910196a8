"""The player port's contract: songs that end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from support.player_worlds import (
    HAPPY,
    HAPPY_SONGS,
    QUIET_FOR,
    SAD,
    SAD_SONGS,
    Told,
    World,
    acts,
    ends,
    plays,
    tell,
)

from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import (
    Act,
    PersonActed,
    PlayerChanged,
    PlayState,
    TrackEnded,
)

if TYPE_CHECKING:
    from moodspeaker.ports import Player


def test_a_song_that_ends_is_told_before_the_next_one(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        heard.unread()
        world.end_song()
        ended = await heard.next(TrackEnded)
        assert (ended.song.uri, ended.why, ended.programme) == (HAPPY_SONGS[0], EndReason.FINISHED, 1)
        assert ended.heard > 0.5
        changed = await heard.next(PlayerChanged, where=plays(HAPPY_SONGS[1]))
        assert changed.report.programme == 1
        await asyncio.sleep(QUIET_FOR)

    assert len(ends(tell(world, story))) == 1


def test_a_song_that_begins_again_is_told_each_time(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        for _ in range(2):
            world.end_song(repeat=True)
            ended = await heard.next(TrackEnded)
            assert (ended.song.uri, ended.why) == (HAPPY_SONGS[0], EndReason.FINISHED)
        await asyncio.sleep(QUIET_FOR)

    assert len(ends(tell(world, story))) == 2


def test_our_play_replaces_the_song(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        await player.play(SAD)
        await player.pause()
        await player.play(HAPPY)
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert ends(heard) == [(HAPPY_SONGS[0], EndReason.REPLACED, 1), (SAD_SONGS[0], EndReason.REPLACED, 2)]


def test_music_that_cannot_go_on_says_why(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY, 1)
        world.spoil(HAPPY_SONGS[2])
        heard.unread()
        world.end_song()
        changed = await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.STOP)
        assert ": " in changed.report.error, "the reason and its cure"
        assert changed.report.ours
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    why = EndReason.FINISHED if world.plays_itself else EndReason.UNKNOWN
    assert ends(heard)[0] == (HAPPY_SONGS[1], why, 1)
    assert set(acts(heard)) <= {Act.SEEK}, "by which a test comes near the end of a song"


def test_what_a_person_had_set_to_stop_is_stopped_by_a_person(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        heard.unread()
        world.end_song(single=True)
        acted = await heard.next(PersonActed, where=lambda event: event.act is not Act.SEEK)
        state = PlayState.PAUSE if world.plays_itself else PlayState.STOP
        assert (acted.act, acted.report.state) == (Act.STOP, state)
        await asyncio.sleep(QUIET_FOR)

    assert ends(tell(world, story)) == [(HAPPY_SONGS[0], EndReason.FINISHED, 1)]
