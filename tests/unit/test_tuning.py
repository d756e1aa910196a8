"""Settings of the mood tried on a recorded day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from moodspeaker.domain.emotion import Emotion, Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.observation import CameraState
from moodspeaker.mood.tracker import MoodSettings
from moodspeaker.mood.tuning import Outcome, best, candidates, outcome_of, shares
from moodspeaker.replaying.changes import ReplayedMood
from moodspeaker.replaying.day import RecordedDay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.domain.mood import MoodChange

GLAD = Probabilities(0.02, 0.01, 0.03, 0.8, 0.04, 0.05, 0.05)
GLUM = Probabilities(0.04, 0.01, 0.03, 0.02, 0.8, 0.02, 0.08)
SETTINGS = MoodSettings()


def day(*parts: tuple[float, Probabilities | None]) -> list[LookRecord]:
    """Return a look a second; each part lasts some seconds and shows a face, or nobody."""
    looks: list[LookRecord] = []
    for seconds, face in parts:
        for _ in range(round(seconds)):
            at = Moment(float(len(looks)), float(len(looks)))
            looks.append(LookRecord(at, CameraState.OK, () if face is None else (face,)))
    return looks


def changes(looks: Sequence[LookRecord], settings: MoodSettings) -> list[MoodChange]:
    """Return the changes of mood that a day leads to."""
    [replayed] = ReplayedMood.of(RecordedDay.of_looks(looks), [settings])
    return list(replayed.changes())


def outcome(looks: Sequence[LookRecord], settings: MoodSettings) -> Outcome:
    """Return what settings make of a day."""
    return outcome_of(changes(looks, settings), looks[-1].at.wall, settings)


def outcomes_of(looks: Sequence[LookRecord], tried: Sequence[MoodSettings]) -> list[Outcome]:
    """Return what each of some settings makes of a day, as `moodspeaker tune` asks it: all at once."""
    replayed = ReplayedMood.of(RecordedDay.of_looks(looks), tried)
    return [
        outcome_of(list(mood.changes()), looks[-1].at.wall, settings)
        for mood, settings in zip(replayed, tried, strict=True)
    ]


def test_a_day_of_two_lasting_moods_has_two_changes() -> None:
    found = outcome(day((900, GLAD), (900, GLUM)), SETTINGS)
    assert (found.changes, found.brief, found.lasting) == (2, 0, 2)


def test_a_mood_that_gives_way_at_once_was_brief() -> None:
    found = outcome(day((900, GLAD), (100, GLUM), (900, GLAD)), SETTINGS)
    assert (found.changes, found.brief, found.lasting) == (3, 1, 2)


def test_what_the_camera_ends_is_no_brief_change_of_faces() -> None:
    looks = day((900, GLAD))
    looks.append(LookRecord(Moment(900, 900), CameraState.LOST))
    assert [change.current for change in changes(looks, SETTINGS)] == [Emotion.HAPPY, RoomState.LOST]
    assert outcome(looks, SETTINGS).brief == 0


def test_the_settings_in_force_come_first_and_every_candidate_is_another() -> None:
    tried = candidates(SETTINGS)
    assert tried[0] is SETTINGS
    assert len({(each.confirm, each.dwell, each.margin) for each in tried}) == len(tried) > 6
    assert all(each.half_life == SETTINGS.half_life for each in tried)


def test_the_best_finds_the_lasting_moods_with_the_fewest_brief_changes() -> None:
    def made(changes: int, brief: int, lasting: int) -> Outcome:
        return Outcome(replace(SETTINGS, confirm=changes), changes, brief, lasting)

    in_force, calm, deaf = made(12, 4, 6), made(8, 1, 6), made(3, 0, 3)
    assert best([in_force, calm, deaf]) is calm
    assert best([made(6, 0, 6), made(6, 0, 6)]).changes == 6


def test_of_equals_those_in_force_stay() -> None:
    looks = day((450, GLAD), (450, GLUM))
    outcomes = outcomes_of(looks, candidates(SETTINGS))
    assert {(found.changes, found.brief, found.lasting) for found in outcomes} == {(2, 0, 2)}
    assert best(outcomes) is outcomes[0]


def test_a_hasty_tracker_is_told_to_wait_where_faces_flicker() -> None:
    hasty = replace(SETTINGS, confirm=0.0, dwell=0.0, margin=0.6)
    looks = day((400, GLAD), *[(40, GLUM), (40, GLAD)] * 6, (400, GLAD))
    outcomes = outcomes_of(looks, candidates(hasty))
    assert best(outcomes).brief < outcomes[0].brief
    assert best(outcomes).lasting >= 1


def test_the_shares_of_a_day_make_one() -> None:
    looks = day((900, GLAD), (900, GLUM), (600, None))
    taken = shares(changes(looks, SETTINGS), looks[0].at.wall, looks[-1].at.wall)
    assert abs(sum(taken.values()) - 1) < 1e-9
    assert {Emotion.HAPPY, Emotion.SAD, RoomState.NOBODY} <= set(taken)
