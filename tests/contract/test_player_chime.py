"""The player port's contract: the chime, and what it leaves alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from support.player_worlds import HAPPY, QUIET_FOR, Told, World, acts, ends, tell

from moodspeaker.domain.player import Output, PlayerChanged, PlayState

if TYPE_CHECKING:
    from moodspeaker.ports import Player


@pytest.mark.parametrize("state", [PlayState.PLAY, PlayState.PAUSE])
def test_a_chime_ends_nothing_and_is_nobodys_act(world: World, state: PlayState) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        if state is PlayState.PAUSE:
            await player.pause()
        before = heard.unread()[-1].report
        outputs = await player.chime()
        assert all(isinstance(output, Output) for output in outputs)
        after = (await heard.next(PlayerChanged)).report
        assert (after.state, after.song, after.ours) == (state, before.song, True)
        assert (after.programme, after.length) == (before.programme, before.length)
        assert after.elapsed == pytest.approx(before.elapsed, abs=1.5)
        assert world.queue == HAPPY.songs
        await asyncio.sleep(QUIET_FOR)

    told = tell(world, story)
    assert (acts(told), ends(told)) == ([], [])


def test_a_chime_into_silence_leaves_silence(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.chime()
        after = (await heard.next(PlayerChanged)).report
        assert (after.state, after.length, world.queue) == (PlayState.STOP, 0, ())
        await asyncio.sleep(QUIET_FOR)

    assert acts(tell(world, story)) == []
