"""What the listener says of songs, and what the speaker learns of it, on fakes."""

from __future__ import annotations

import pytest
from support.speaker_house import MUSIC, House, live

from moodspeaker.director.effects import Tick
from moodspeaker.domain.commands import (
    Dislike,
    Like,
    Next,
    Override,
    Play,
    Profile,
    WrongMood,
)
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.listener import Opinion
from moodspeaker.errors import NothingPlays, StoreError
from moodspeaker.speaker.listener import SOONEST


async def plays_happy(house: House) -> str:
    """Let happy music play; return the song's URI."""
    await house.speaker.command(Override(Emotion.HAPPY))
    await house.speaker.command(Play())
    await house.until(lambda: house.speaker.snapshot().selection.mood == "happy")
    await house.settled()
    uri = house.speaker.snapshot().player.uri
    assert uri is not None
    return uri


def test_what_is_said_of_a_song_is_kept_with_the_mood_it_was_played_for() -> None:
    async def story(house: House) -> None:
        uri = await plays_happy(house)
        for command in (Like(), WrongMood(), WrongMood(Emotion.SAD)):
            await house.speaker.command(command)
        kept = [(v.uri, v.opinion, v.mood, v.corrected, v.profile) for v in house.verdicts.kept]
        assert kept == [
            (uri, Opinion.LIKE, Emotion.HAPPY, None, "household"),
            (uri, Opinion.WRONG_MOOD, Emotion.HAPPY, None, "household"),
            (uri, Opinion.WRONG_MOOD, Emotion.HAPPY, Emotion.SAD, "household"),
        ]
        assert house.index.corrections == {uri: Emotion.SAD}

    live(story)


def test_a_song_that_is_not_liked_is_skipped_once_that_is_kept() -> None:
    async def story(house: House) -> None:
        uri = await plays_happy(house)
        house.verdicts.refusal = "read-only"
        with pytest.raises(StoreError, match="read-only"):
            await house.speaker.command(Dislike())
        await house.settled()
        assert house.speaker.snapshot().player.uri == uri
        house.verdicts.refusal = ""
        await house.speaker.command(Dislike())
        await house.another_plays(uri)
        assert [verdict.uri for verdict in house.verdicts.kept] == [uri]

    live(story)


def test_a_word_goes_to_the_song_that_the_person_saw_although_another_has_begun() -> None:
    async def story(house: House) -> None:
        seen = await plays_happy(house)
        await house.speaker.command(Next())
        await house.another_plays(seen)
        for command in (Like(seen), WrongMood(Emotion.SAD, seen), Dislike(seen)):
            await house.speaker.command(command)
        await house.settled()
        kept = [(verdict.uri, verdict.mood) for verdict in house.verdicts.kept]
        assert kept == [(seen, Emotion.HAPPY)] * 3
        assert house.index.corrections == {seen: Emotion.SAD}
        now = house.speaker.snapshot().player.uri
        assert now is not None
        await house.speaker.command(Like(now))
        assert house.verdicts.kept[-1].uri == now

    live(story)


def test_who_presses_dislike_twice_means_one_song() -> None:
    async def story(house: House) -> None:
        heard = await plays_happy(house)
        await house.speaker.command(Dislike())
        await house.another_plays(heard)
        house.clock.later(0.1)
        await house.speaker.command(Dislike())
        await house.speaker.command(Like())
        await house.settled()
        now = house.speaker.snapshot().player.uri
        said = [(verdict.uri, verdict.opinion) for verdict in house.verdicts.kept]
        assert said == [(heard, Opinion.DISLIKE)] * 2 + [(now, Opinion.LIKE)]
        house.clock.later(SOONEST)
        await house.speaker.command(Dislike())
        await house.another_plays(now)
        assert house.verdicts.kept[-1].uri == now

    live(story)


def test_nobody_speaks_of_a_song_that_has_just_begun_by_itself() -> None:
    async def story(house: House) -> None:
        heard = await plays_happy(house)
        house.player.song_ends()
        await house.another_plays(heard)
        house.clock.later(0.1)
        await house.speaker.command(Like())
        await house.speaker.command(Dislike())
        await house.settled()
        now = house.speaker.snapshot().player.uri
        assert now != heard
        house.clock.later(SOONEST)
        await house.speaker.command(Like())
        said = [(verdict.uri, verdict.opinion) for verdict in house.verdicts.kept]
        assert said == [(heard, Opinion.LIKE), (heard, Opinion.DISLIKE), (now, Opinion.LIKE)]

    live(story)


def test_of_a_song_that_nobody_hears_nothing_is_kept() -> None:
    async def story(house: House) -> None:
        await plays_happy(house)
        with pytest.raises(NothingPlays, match="long-ago: this song does not play"):
            await house.speaker.command(Like("long-ago"))
        assert house.verdicts.kept == []

    live(story)


@pytest.mark.parametrize("command", [Like(), Dislike(), WrongMood(), WrongMood(Emotion.SAD)])
def test_nothing_can_be_said_of_silence(command: Like | Dislike | WrongMood) -> None:
    async def story(house: House) -> None:
        with pytest.raises(NothingPlays, match="no song plays"):
            await house.speaker.command(command)
        assert house.verdicts.kept == []

    live(story)


def test_a_guest_teaches_nothing() -> None:
    async def story(house: House) -> None:
        uri = await plays_happy(house)
        await house.speaker.command(Profile("guest"))
        for command in (Like(), WrongMood(Emotion.SAD), Dislike()):
            await house.speaker.command(command)
        await house.another_plays(uri)
        assert (house.verdicts.kept, house.index.corrections, house.history.added) == ([], {}, [])
        await house.speaker.command(Profile("household"))
        await house.speaker.command(Next())
        await house.until(lambda: house.history.added)
        assert house.history.added[0].profile == "household"

    live(story)


def test_a_person_s_name_is_kept_as_it_was_first_written() -> None:
    async def story(house: House) -> None:
        for name in ("Anna", "Ben", "anna"):
            await house.speaker.command(Profile(name))
        snapshot = house.speaker.snapshot()
        assert (snapshot.profile, snapshot.profiles) == ("Anna", ("household", "guest", "Ben", "Anna"))
        await plays_happy(house)
        await house.speaker.command(Like())
        assert house.verdicts.kept[0].profile == "Anna"
        assert house.store.get("profile", "") == "Anna"
        house.store.refusal = "read-only"
        with pytest.raises(StoreError, match="read-only"):
            await house.speaker.command(Profile("Cleo"))
        assert house.speaker.snapshot().profile == "Anna"

    live(story)


def test_the_index_s_songs_are_chosen_for_the_listener_and_again_once_something_is_said() -> None:
    async def story(house: House) -> None:
        house.index.scan(fear=[uri for source in MUSIC.values() for uri in source.songs])
        house.clock.later(60)
        house.speaker._events.put_nowait(Tick(0))
        await house.speaker.command(Profile("Anna"))
        await house.speaker.command(Override(Emotion.FEAR))
        await house.speaker.command(Play())
        await house.until(lambda: house.speaker.snapshot().selection.rule == "index")
        await house.settled()
        first = house.index.wanted[0]
        assert (first.mood, first.profile) == (Emotion.FEAR, "Anna")
        asked = len(house.index.wanted)
        await house.speaker.command(Like())
        await house.until(lambda: len(house.index.wanted) > asked)
        assert house.index.wanted[-1].recent == house.player.queue[:1]
        assert house.speaker.snapshot().player.reasons == {"mood": "near"}
        [first_song] = house.speaker.songs(Emotion.FEAR, 1)
        assert (first_song["uri"], first_song["reasons"]) == ("happy/1", {"mood": "near"})

    live(story)
