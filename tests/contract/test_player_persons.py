"""The player port's contract: what a person does with their own player."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.player_worlds import (
    ALL,
    HAPPY,
    HAPPY_SONGS,
    SONGS,
    Told,
    World,
    ends,
    tell,
)

from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import (
    Act,
    PersonActed,
    PlayState,
)

if TYPE_CHECKING:
    from moodspeaker.ports import Player


def test_a_person_edits_the_queue(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.QUEUE, songs=SONGS[6:])
        acted = await heard.next(PersonActed)
        report = acted.report
        assert report.song is not None
        assert (acted.act, report.state, report.length, report.song.uri) == (
            Act.QUEUE,
            PlayState.PLAY,
            2,
            SONGS[6],
        )
        assert (report.ours, report.programme) == (False, None)

    assert ends(tell(world, story)) == [(HAPPY_SONGS[0], EndReason.REPLACED, 1)]


def test_our_songs_in_a_persons_queue_are_theirs(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.QUEUE, songs=HAPPY_SONGS)
        report = (await heard.next(PersonActed)).report
        assert (report.ours, report.programme) == (False, None)

    tell(world, story)


def test_a_person_clears_the_queue(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.QUEUE)
        acted = await heard.next(PersonActed)
        report = acted.report
        assert (acted.act, report.state, report.length, report.song) == (Act.QUEUE, PlayState.STOP, 0, None)

    assert ends(tell(world, story)) == [(HAPPY_SONGS[0], EndReason.REPLACED, 1)]


@pytest.mark.parametrize(
    ("act", "state", "song", "why"),
    [
        (Act.STOP, PlayState.STOP, SONGS[1], EndReason.STOPPED),
        (Act.PAUSE, PlayState.PAUSE, SONGS[1], None),
        (Act.NEXT, PlayState.PLAY, SONGS[2], EndReason.SKIPPED),
        (Act.PREVIOUS, PlayState.PLAY, SONGS[0], EndReason.SKIPPED),
    ],
)
def test_a_person_uses_the_buttons(
    world: World, act: Act, state: PlayState, song: str, why: EndReason | None
) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(ALL, 1)
        world.person(act)
        acted = await heard.next(PersonActed)
        assert acted.report.song is not None
        assert (acted.act, acted.report.state, acted.report.song.uri) == (act, state, song)
        assert acted.report.ours

    assert ends(tell(world, story)) == ([] if why is None else [(SONGS[1], why, 3)])


def test_a_person_plays_on(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        await player.pause()
        world.person(Act.PLAY)
        acted = await heard.next(PersonActed)
        assert (acted.act, acted.report.state) == (Act.PLAY, PlayState.PLAY)

    assert ends(tell(world, story)) == []


def test_a_person_chooses_a_song(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(ALL)
        world.person(Act.SONG, place=5)
        acted = await heard.next(PersonActed)
        assert acted.report.song is not None
        assert (acted.act, acted.report.song.uri) == (Act.SONG, SONGS[5])

    assert ends(tell(world, story)) == [(SONGS[0], EndReason.SKIPPED, 3)]


def test_a_person_seeks(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.SEEK, elapsed=30)
        acted = await heard.next(PersonActed)
        assert acted.act is Act.SEEK
        assert acted.report.elapsed == pytest.approx(30, abs=1)

    assert ends(tell(world, story)) == []
