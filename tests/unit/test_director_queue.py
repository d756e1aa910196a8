"""The queue is kept filled: some songs ahead, never without bound, whatever the size of the music."""

from __future__ import annotations

import pytest
from support.director_room import MUSIC, STREAM, Room, stored

from moodspeaker.director.control import Control
from moodspeaker.director.effects import ExtendQueue, PlayProgramme, SaveSetting
from moodspeaker.domain.commands import Dislike, Like, Next, WrongMood
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import Act
from moodspeaker.domain.song import MusicSource


def added(room: Room) -> int:
    """Return how many songs the player was asked to add."""
    return sum(
        len(effect.programme.songs)
        for effect in room.effects
        if isinstance(effect, PlayProgramme | ExtendQueue)
    )


def happy(count: int) -> Room:
    """Return a room where a mood of so many songs plays."""
    room = Room(music={Emotion.HAPPY: stored(Emotion.HAPPY, count)})
    room.connect()
    room.mood(Emotion.HAPPY)
    assert room.plays_to is Emotion.HAPPY
    return room


def test_a_small_playlist_does_not_grow_the_queue() -> None:
    room = happy(3)
    longest = 0
    for _ in range(500):
        room.song_ends()
        assert room.plays_to is Emotion.HAPPY
        assert 1 <= room.player.report.ahead <= 3
        longest = max(longest, len(room.uris))
    assert longest <= 25 + 1 + 3
    assert room.state.programme is not None
    assert len(room.state.programme.songs) <= 300
    assert len(room.saved["programmes"]) < 10_000


def test_one_song_plays_again_and_again_in_a_short_queue() -> None:
    room = happy(1)
    assert added(room) == 3
    for _ in range(100):
        room.song_ends()
        assert room.plays_to is Emotion.HAPPY
    assert len(room.uris) <= 25 + 1 + 2
    assert added(room) <= 3 + 100


def test_a_radio_station_is_added_once() -> None:
    room = Room(music={Emotion.HAPPY: MusicSource("radio", "stored playlist", (STREAM,))})
    room.connect()
    room.mood(Emotion.HAPPY)
    room.ticks(3600, step=10)
    assert (room.uris, added(room)) == ([STREAM], 1)
    assert sum(isinstance(effect, SaveSetting) for effect in room.effects) == 1


def test_five_thousand_songs_cost_as_many_adds_as_are_kept_ahead() -> None:
    room = happy(5000)
    assert added(room) == 25
    assert len(room.saved["programmes"]) < 10_000
    for _ in range(12):
        room.song_ends()
    assert added(room) == 25 + 13
    assert room.player.report.ahead == 25


def test_days_of_changing_moods_keep_the_queue_and_the_saved_text_short() -> None:
    music = {mood: stored(mood, 500) for mood in Emotion}
    room = Room(switch="song_end", music=music)
    room.connect()
    for day in range(10):
        for mood in Emotion:
            room.mood(mood)
            for _ in range(1 + day):
                room.song_ends()
            assert room.plays_to is mood
    assert len(room.uris) <= 25 + 1 + 25
    assert len(room.saved["programmes"]) < 20_000
    assert room.recent.current is room.state.programme


def test_songs_are_added_when_half_of_what_is_kept_ahead_is_left() -> None:
    room = happy(100)
    room.clear()
    for _ in range(11):
        room.song_ends()
    assert room.asked == []
    room.song_ends()
    assert room.asked == [ExtendQueue]
    assert room.player.report.ahead == 25


@pytest.mark.parametrize(("seconds", "ahead"), [(200.0, 25), (60.0, 60), (1.0, 200)])
def test_short_songs_are_kept_an_hour_ahead_within_bounds(
    seconds: float, ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.queue_model.SONG_SECONDS", seconds)
    room = happy(1000)
    assert room.player.report.ahead in (24, ahead)
    if ahead > 50:
        assert room.player.report.ahead == ahead


def test_songs_are_asked_for_once_while_the_player_is_slow() -> None:
    room = happy(100)
    room.clear()
    room.answering = False
    for _ in range(15):
        room.song_ends()
    assert room.asked == [ExtendQueue]


def test_no_song_is_lost_or_repeated_from_draw_to_draw() -> None:
    room = happy(100)
    heard = []
    for _ in range(100):
        assert room.player.song is not None
        heard.append(room.player.song.uri)
        room.song_ends()
    assert len(set(heard)) == 100


def test_songs_are_not_added_behind_a_pending_switch() -> None:
    room = Room(
        switch="song_end",
        music={Emotion.HAPPY: stored(Emotion.HAPPY, 100), Emotion.SAD: stored(Emotion.SAD)},
    )
    room.plays(Emotion.HAPPY)
    for _ in range(11):
        room.song_ends()
    room.mood(Emotion.SAD)
    room.tell(Next())
    assert room.plays_to is Emotion.SAD
    assert not [uri for uri in room.uris[1:] if uri.startswith("happy")]


def test_songs_that_were_asked_for_are_not_added_behind_a_newer_programme() -> None:
    room = Room(music={**MUSIC, Emotion.HAPPY: stored(Emotion.HAPPY, 100)})
    room.plays(Emotion.HAPPY)
    for _ in range(11):
        room.song_ends()
    room.answering = False
    room.song_ends()
    room.mood(Emotion.SAD)
    room.answering = True
    room.settle()
    assert {uri[:3] for uri in room.uris} == {"sad"}


def test_songs_that_reach_a_person_s_queue_all_the_same_are_what_is_pending() -> None:
    room = Room(music={Emotion.HAPPY: stored(Emotion.HAPPY, 100)})
    room.plays(Emotion.HAPPY)
    room.answering = False
    for _ in range(12):
        room.song_ends()
    room.begin()
    room.person(Act.QUEUE, STREAM)
    room.finish()
    room.settle()
    assert room.uris[0] == STREAM
    assert room.state.pending is not None
    assert set(room.uris[1:]) <= set(room.state.pending.programme.songs)
    assert room.control is Control.HELD


def test_many_songs_skipped_at_once_leave_a_queue() -> None:
    room = happy(3)
    room.answering = False
    for _ in range(10):
        room.tell(Next(), 0.05)
    room.answering = True
    room.settle()
    room.ticks(10)
    assert room.plays_to is Emotion.HAPPY
    assert len(room.uris) <= 25 + 4


# --- drawn again


BY_INDEX = MusicSource("nearest to happy", "index", tuple(f"happy{n}" for n in range(100)))


@pytest.mark.parametrize("said", [Like(), Dislike(), WrongMood()])
def test_what_is_said_of_a_song_counts_for_what_follows(said: Like | Dislike | WrongMood) -> None:
    room = Room(music={Emotion.HAPPY: BY_INDEX})
    room.plays(Emotion.HAPPY)
    before = room.uris[1:]
    decided = room.tell(said)
    assert not set(room.uris[-20:]) & set(before)
    assert decided == ([(Verb.SKIPPED, Rule.DISLIKED)] if isinstance(said, Dislike) else [])
    assert room.plays_to is Emotion.HAPPY
    assert room.player.report.ours


def test_the_listener_s_own_music_stays_in_its_order() -> None:
    room = Room(music={Emotion.HAPPY: stored(Emotion.HAPPY, 40)})
    room.plays(Emotion.HAPPY)
    before = room.uris
    room.tell(Like())
    assert (room.uris, room.asked) == (before, [])


def test_what_is_said_while_another_mood_s_music_waits_leaves_it_there() -> None:
    sad = MusicSource("nearest to sad", "index", tuple(f"sad{n}" for n in range(100)))
    room = Room(switch="song_end", music={Emotion.HAPPY: BY_INDEX, Emotion.SAD: sad})
    room.plays(Emotion.HAPPY)
    room.mood(Emotion.SAD)
    before = room.uris
    room.tell(Like())
    assert room.uris == before
    assert room.pending is Emotion.SAD
