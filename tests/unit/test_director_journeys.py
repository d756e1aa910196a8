"""What the music does with a mood, and the way of a journey, in a room with a player."""

from __future__ import annotations

import pytest
from support.director_room import MUSIC, Room, stored

from moodspeaker.director.effects import PlayProgramme, QueueProgramme, SaveSetting, Tick
from moodspeaker.director.state import Chosen
from moodspeaker.domain.aim import Aim
from moodspeaker.domain.commands import Dislike, Hold, Next, Override, Play, Previous, Resume, Target
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.emotion import EMOTIONS, Affect, Emotion
from moodspeaker.domain.mood import MoodChange, RoomState
from moodspeaker.domain.player import Act, PlayState
from moodspeaker.domain.song import MusicSource
from moodspeaker.domain.wording import sentence
from moodspeaker.mood.affect import POINTS
from moodspeaker.music import kept_journey
from moodspeaker.music.target import TargetSettings

INDEX = {
    mood: MusicSource(f"nearest to {mood}", "index", tuple(f"{mood}{n}" for n in range(50)))
    for mood in EMOTIONS
}
"""The music of an index that has something for every mood."""


def room_with_index(**settings: object) -> Room:
    """Return a room whose music the index chooses, in which happy music plays."""
    room = Room(music=INDEX, target=TargetSettings(), **{"switch": "song_end", **settings})  # type: ignore[arg-type]
    room.plays(Emotion.HAPPY)
    return room


def becomes(room: Room, mood: Emotion) -> list[tuple[Verb, Rule]]:
    """Let the room become of a mood, at the mood's own point."""
    return room.tell(MoodChange(room.state.mood, mood, "face", 0.9, POINTS[mood], room.at))


def calming() -> Room:
    """Return an angry room in which the first step towards calm music plays."""
    room = room_with_index()
    becomes(room, Emotion.ANGRY)
    room.song_ends()
    room.clear()
    return room


def near(room: Room) -> str:
    """Return the point of the affect plane that the current song was drawn near."""
    song = room.player.song
    assert song is not None
    return song.uri.partition("/")[0]


def look(room: Room, sensed: Affect | None, seconds: float) -> list[tuple[Verb, Rule]]:
    """Let so much time pass, and be told where the room is."""
    room.tell(Tick(720, sensed), 0.001)
    return room.tell(Tick(720, sensed), seconds)


# --- the way


def test_an_angry_room_is_led_to_calm_music_from_where_it_is() -> None:
    room = room_with_index()
    assert becomes(room, Emotion.ANGRY) == [(Verb.PENDING, Rule.STEP_FIRST)]
    assert room.pending is Emotion.ANGRY
    room.song_ends()
    assert near(room) == "-0.45+0.60"
    journey = room.state.journey
    assert journey is not None
    assert (journey.aim, journey.mood, len(journey.steps)) == (Aim.CALM, Emotion.ANGRY, 5)
    assert [sentence(decision.reason) for decision in room.decisions] == [
        "step 1 of 5 towards calmer music: it begins where the room is",
        "on the way (index), at the song's end, step 1 of 5 towards calmer music",
    ]


def test_a_step_that_the_room_follows_is_over_with_its_song() -> None:
    room = calming()
    assert look(room, POINTS[Emotion.ANGRY], 59) == []
    assert look(room, POINTS[Emotion.ANGRY], 2) == [(Verb.PENDING, Rule.STEP_ANSWERED)]
    assert near(room) == "-0.45+0.60"
    room.song_ends()
    assert room.decided[-1] == (Verb.SWITCHED, Rule.AT_SONG_END)
    assert near(room) == "-0.26+0.33"


def test_a_room_that_does_not_follow_is_waited_for_twice_as_long() -> None:
    room = calming()
    far = Affect(-0.9, 0.9)
    assert look(room, far, 719) == []
    assert look(room, far, 2) == [(Verb.PENDING, Rule.STEP_LATE)]


def test_a_room_that_is_not_seen_is_led_by_time() -> None:
    room = calming()
    assert look(room, None, 359) == []
    assert look(room, None, 2) == [(Verb.PENDING, Rule.STEP_TIME)]
    assert "lasted 6 minutes" in sentence(room.decisions[-1].reason)


def test_it_arrives_and_stays_there() -> None:
    room = calming()
    for _ in range(4):
        look(room, None, 361)
        room.song_ends()
        look(room, None, 0.01)
    assert near(room) == "+0.30-0.50"
    room.clear()
    assert look(room, None, 361) == [(Verb.KEPT, Rule.JOURNEY_ARRIVED)]
    for _ in range(30):
        room.song_ends()
    assert near(room) == "+0.30-0.50"
    assert becomes(room, Emotion.ANGRY) == [(Verb.KEPT, Rule.PLAYS_ALREADY)]


@pytest.mark.parametrize("switch", ["song_end", "now"])
def test_a_step_never_cuts_a_song(switch: str) -> None:
    room = room_with_index(switch=switch)
    becomes(room, Emotion.ANGRY)
    if switch == "song_end":
        room.song_ends()
    room.clear()
    look(room, None, 361)
    assert room.asked == [QueueProgramme]


# --- its end


@pytest.mark.parametrize("skip", [Next(), Dislike(), "person"])
def test_two_skips_end_it_and_the_mood_s_own_music_plays_at_once(skip: Next | Dislike | str) -> None:
    room = calming()
    look(room, POINTS[Emotion.ANGRY], 5)
    for _ in range(2):
        if isinstance(skip, str):
            room.person(Act.NEXT)
        else:
            room.tell(skip)
    assert room.decided[-2:] == [(Verb.RESUMED, Rule.JOURNEY_SKIPPED), (Verb.SWITCHED, Rule.AT_ONCE)]
    assert room.state.programme is not None
    assert (room.plays_to, room.state.programme.near) == (Emotion.ANGRY, None)
    assert room.state.lead is not None
    assert sentence(room.state.lead.reason).startswith("skipped twice")
    room.clear()
    look(room, None, 4000)
    becomes(room, Emotion.ANGRY)
    assert room.asked == []


def test_going_back_is_no_skip() -> None:
    room = calming()
    for _ in range(4):
        room.tell(Previous())
    assert room.state.journey is not None
    assert room.state.journey.leads


def test_another_mood_ends_it() -> None:
    room = calming()
    look(room, POINTS[Emotion.ANGRY], 5)
    room.clear()
    assert becomes(room, Emotion.HAPPY) == [
        (Verb.RESUMED, Rule.JOURNEY_LEFT),
        (Verb.PENDING, Rule.WAITS_FOR_SONG_END),
    ]
    assert room.state.journey is None


def test_it_waits_while_nobody_is_seen() -> None:
    room = calming()
    room.mood(RoomState.NOBODY)
    assert look(room, None, 5000) == []
    becomes(room, Emotion.ANGRY)
    assert room.state.journey is not None
    assert room.state.journey.at == 0


@pytest.mark.parametrize("command", [Hold(), "stop", "their own queue"])
def test_a_person_s_stop_or_hold_wins_over_it(command: Hold | str) -> None:
    room = calming()
    if command == "stop":
        room.person(Act.STOP)
    elif isinstance(command, str):
        room.person(Act.QUEUE, "theirs0", "theirs1")
    else:
        room.tell(command)
    room.clear()
    for _ in range(10):
        look(room, None, 100)
    room.tell(Target(Aim.LIFT))
    assert room.asked == []
    assert room.control.value != "ours"


def test_after_a_hold_it_goes_on_where_it_was() -> None:
    room = calming()
    look(room, POINTS[Emotion.ANGRY], 61)
    room.song_ends()
    room.person(Act.QUEUE, "theirs0", "theirs1")
    room.tell(Resume())
    room.song_ends()
    assert near(room) == "-0.26+0.33"


def test_where_no_songs_lie_on_the_way_the_mood_s_own_music_plays() -> None:
    own = {**INDEX, Emotion.ANGRY: stored(Emotion.ANGRY, 10)}
    room = Room(music=own, target=TargetSettings())
    room.chooser.is_empty = True
    room.connect()
    becomes(room, Emotion.ANGRY)
    assert room.plays_to is Emotion.ANGRY
    room.clear()
    decided = room.tell(Target(Aim.LIFT))
    assert (Verb.KEPT, Rule.JOURNEY_NO_SONGS) in decided
    assert near(room).startswith("angry")
    assert room.plays_to is Emotion.ANGRY


def test_a_start_without_songs_on_the_way_plays_the_mood_s_own_music() -> None:
    own = {**INDEX, Emotion.ANGRY: stored(Emotion.ANGRY, 10)}
    room = Room(start="person", music=own, target=TargetSettings(), chosen=Chosen(Aim.CALM, None))
    room.chooser.is_empty = True
    room.connect()
    becomes(room, Emotion.ANGRY)
    room.tell(Play())
    room.ticks(10)
    assert room.plays_to is Emotion.ANGRY


# --- what leads to it


def test_sadness_that_lasts_is_lifted() -> None:
    room = room_with_index()
    becomes(room, Emotion.SAD)
    room.song_ends()
    assert room.state.journey is None
    room.clear()
    assert look(room, POINTS[Emotion.SAD], 20 * 60) == [(Verb.PENDING, Rule.STEP_FIRST)]
    assert room.state.lead is not None
    assert room.state.lead.reason.rule is Rule.AIM_LASTS


def test_own_music_for_a_mood_is_played_as_it_is() -> None:
    room = Room(music={**MUSIC, Emotion.ANGRY: stored(Emotion.ANGRY)}, target=TargetSettings())
    room.plays(Emotion.HAPPY)
    becomes(room, Emotion.ANGRY)
    assert room.state.journey is None
    assert room.plays_to is Emotion.ANGRY


def test_a_mood_without_music_of_its_own_says_so() -> None:
    room = room_with_index()
    becomes(room, Emotion.SURPRISE)
    room.song_ends()
    assert sentence(room.decisions[-1].reason) == (
        "nearest to surprise (index), at the song's end: surprise has no music of its own, "
        "these songs are nearly as pleasant and as lively"
    )


def test_a_target_is_for_the_present_mood() -> None:
    room = room_with_index()
    room.tell(Target(Aim.LIFT))
    assert SaveSetting("target", "lift:happy", asked=True) in room.effects
    assert room.state.journey is not None
    becomes(room, Emotion.NEUTRAL)
    assert room.saved["target"] == "auto"
    assert (room.state.chosen, room.state.journey) == (None, None)


def test_a_target_that_is_chosen_before_a_mood_is_known_is_for_the_next_one() -> None:
    room = Room(music=INDEX, target=TargetSettings())
    room.connect()
    room.tell(Target(Aim.OFF))
    assert room.saved["target"] == "off:"
    room.mood(RoomState.NOBODY)
    becomes(room, Emotion.HAPPY)
    assert room.saved["target"] == "off:happy"


def test_a_target_that_was_chosen_before_a_restart_still_holds_for_its_mood() -> None:
    room = Room(music=INDEX, target=TargetSettings(), chosen=Chosen.from_text("calm:happy"))
    room.connect()
    becomes(room, Emotion.HAPPY)
    assert room.state.journey is not None
    assert room.state.journey.aim is Aim.CALM
    assert Chosen.from_text("auto") is Chosen.from_text("nonsense:") is None
    assert Chosen.from_text("lift:bored") == Chosen(Aim.LIFT, None)


def test_auto_leads_back_to_what_is_set() -> None:
    room = calming()
    look(room, POINTS[Emotion.ANGRY], 5)
    room.tell(Target(Aim.MATCH))
    room.song_ends()
    assert room.state.programme is not None
    assert room.state.programme.near is None
    room.clear()
    assert room.tell(Target(None)) == [(Verb.PENDING, Rule.STEP_FIRST)]


def test_off_lets_the_mood_change_nothing() -> None:
    room = Room(music=INDEX, target=TargetSettings(sad="off"))
    room.plays(Emotion.HAPPY)
    assert becomes(room, Emotion.SAD) == [(Verb.KEPT, Rule.TARGET_OFF)]
    for _ in range(60):
        room.song_ends()
        look(room, None, 100)
    assert room.plays_to is Emotion.HAPPY
    assert PlayProgramme not in room.asked


def test_off_lets_an_arrival_start_the_own_mix() -> None:
    room = Room(music=INDEX, target=TargetSettings(sad="off"))
    room.connect()
    becomes(room, Emotion.SAD)
    assert room.plays_to is Emotion.NEUTRAL


def test_a_mood_that_a_person_chose_is_matched() -> None:
    room = room_with_index()
    room.tell(Override(Emotion.ANGRY))
    room.song_ends()
    assert room.state.journey is None
    assert room.plays_to is Emotion.ANGRY
    room.tell(Target(Aim.CALM))
    assert room.state.journey is not None
    look(room, POINTS[Emotion.HAPPY], 1)
    assert look(room, POINTS[Emotion.HAPPY], 200) == []  # whatever the faces say


def test_what_a_player_that_was_lost_played_goes_on_on_the_way() -> None:
    room = calming()
    look(room, POINTS[Emotion.ANGRY], 61)
    room.song_ends()
    look(room, POINTS[Emotion.ANGRY], 1)
    room.lose_player()
    room.player_comes_back(playing=PlayState.STOP)
    assert near(room) == "-0.26+0.33"


# --- a restart


def restarted(room: Room, **settings: object) -> Room:
    """Return the room after a restart of the speaker, a while later."""
    return room.restart(**{"switch": "song_end", "target": TargetSettings(), **settings})


def test_a_journey_goes_on_after_a_restart_at_the_step_where_it_was() -> None:
    room = calming()
    look(room, POINTS[Emotion.ANGRY], 61)
    room.song_ends()
    look(room, None, 1)
    before, playing = room.state.journey, near(room)
    room = restarted(room)
    after = room.state.journey
    assert before is not None
    assert after is not None
    assert (after.steps, after.at, after.playing) == (before.steps, 1, 1)
    assert becomes(room, Emotion.ANGRY) == [(Verb.KEPT, Rule.PLAYS_ALREADY)]
    assert near(room) == playing == "-0.26+0.33"
    assert look(room, None, 361) == [(Verb.PENDING, Rule.STEP_TIME)]
    room.song_ends()
    assert near(room) == "-0.07+0.05"


def test_a_lift_goes_on_after_a_restart_although_the_sadness_is_newly_seen() -> None:
    room = room_with_index()
    becomes(room, Emotion.SAD)
    room.song_ends()
    assert look(room, POINTS[Emotion.SAD], 1201) == [(Verb.PENDING, Rule.STEP_FIRST)]
    room.song_ends()
    room = restarted(room)
    becomes(room, Emotion.SAD)
    assert room.state.lead is not None
    assert room.state.lead.aim is Aim.LIFT
    assert look(room, None, 361) == [(Verb.PENDING, Rule.STEP_TIME)]


def test_a_journey_that_was_skipped_stays_over_after_a_restart() -> None:
    room = calming()
    room.tell(Next())
    room.tell(Next())
    room = restarted(room)
    becomes(room, Emotion.ANGRY)
    assert room.state.lead is not None
    assert (room.state.lead.aim, room.state.lead.reason.rule) == (Aim.MATCH, Rule.JOURNEY_SKIPPED)


def test_one_skip_before_a_restart_and_one_after_it_end_a_journey() -> None:
    room = calming()
    room.tell(Next())
    room = restarted(room)
    becomes(room, Emotion.ANGRY)
    room.clear()
    room.tell(Next())
    assert (Verb.RESUMED, Rule.JOURNEY_SKIPPED) in room.decided


def test_a_journey_of_hours_ago_is_not_taken_up() -> None:
    room = calming()
    room.at += 4 * 3600
    assert restarted(room).state.journey is None


def test_another_mood_after_a_restart_leaves_the_journey() -> None:
    room = restarted(calming())
    becomes(room, Emotion.HAPPY)
    assert room.state.journey is None
    assert room.saved["journey"] == ""


def test_a_journey_is_written_when_it_changes_not_while_it_plays() -> None:
    room = calming()
    look(room, None, 1)
    room.clear()
    for _ in range(50):
        room.tell(Tick(720, None), 5)
    assert SaveSetting not in [type(effect) for effect in room.effects]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('"mood"', '"mode"'), ('"calm"', '"match"'), ('"at": 0', '"at": 9'),
        ('"ended": null', '"ended": "x"'), ('"begins where the room is"', '"x"'),
        ('"valence": -0.45', '"valence": null'), ("{", ""),
    ],
)  # fmt: skip
def test_a_damaged_journey_is_none(was: str, now: str) -> None:
    text = calming().saved["journey"]
    assert was in text
    assert kept_journey.from_text(text, 1e9) is not None
    assert kept_journey.from_text(text.replace(was, now, 1), 1e9) is None
