"""Who made a change, and what became of the song."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.adapters.mpd.attribution import Change, CurrentPlay, KnownLengths, ServerState, explain
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import Act, PlayState, TrackEnded
from moodspeaker.domain.song import Song

PLAYING = ServerState(
    at=100.0,
    state=PlayState.PLAY,
    ids=(1, 2, 3, 4, 5),
    song=2,
    upcoming=3,
    last=1,
    elapsed=10.0,
    seconds=200.0,
)
PAUSED = replace(PLAYING, state=PlayState.PAUSE)
STOPPED = replace(PLAYING, state=PlayState.STOP, elapsed=0.0)
LATER = replace(PLAYING, at=110.0, elapsed=20.0)
AT_END = replace(PLAYING, at=290.0, elapsed=0.0, song=3, upcoming=4)
LAST = replace(PLAYING, song=5, upcoming=None)
QUEUE_ENDED = replace(LAST, at=290.0, state=PlayState.STOP, song=None, elapsed=0.0)
SINGLE = replace(PLAYING, single=True)
PAUSED_AT_NEXT = replace(AT_END, state=PlayState.PAUSE)
GUESSED = replace(PLAYING, exact=False)
NEXT_EARLY = replace(LATER, song=3, upcoming=4, elapsed=1.0)
PLAYER = ("player",)
FINISHED, SKIPPED, REPLACED, STOPPED_SONG, UNKNOWN = (
    EndReason.FINISHED,
    EndReason.SKIPPED,
    EndReason.REPLACED,
    EndReason.STOPPED,
    EndReason.UNKNOWN,
)


@pytest.mark.parametrize(
    ("before", "now", "act", "ended"),
    [
        # by itself
        (PLAYING, LATER, None, None),
        (PLAYING, AT_END, None, FINISHED),
        (LAST, QUEUE_ENDED, None, FINISHED),
        (PLAYING, replace(PLAYING, at=290.0, elapsed=0.5), None, FINISHED),
        (replace(PLAYING, crossfade=10.0), replace(AT_END, at=281.0), None, FINISHED),
        (PLAYING, replace(AT_END, at=281.0), Act.NEXT, SKIPPED),
        # the queue
        (PLAYING, replace(LATER, ids=(1, 2, 3, 4)), Act.QUEUE, None),
        (PLAYING, replace(LATER, ids=(1, 2, 3, 4, 5, 6)), Act.QUEUE, None),
        (PLAYING, replace(LATER, ids=(2, 1, 3, 4, 5)), Act.QUEUE, None),
        (PLAYING, replace(LATER, ids=(), song=None, state=PlayState.STOP), Act.QUEUE, REPLACED),
        (PLAYING, replace(LATER, ids=(7,), song=7, elapsed=0.1), Act.QUEUE, REPLACED),
        (PLAYING, replace(LATER, ids=(1, 2, 3, 4, 5, 6), song=6, elapsed=0.1), Act.QUEUE, SKIPPED),
        (PLAYING, replace(AT_END, ids=(1, 2, 3, 4, 5, 6)), Act.QUEUE, FINISHED),
        # the library lost songs
        (PLAYING, replace(LATER, ids=(1, 2, 4, 5), updating=True), None, None),
        (PLAYING, replace(LATER, ids=(1, 3, 4, 5), song=3, elapsed=0.0, updating=True), None, UNKNOWN),
        (
            PLAYING,
            replace(LATER, ids=(), song=None, state=PlayState.STOP, updating=True),
            None,
            UNKNOWN,
        ),
        # consume
        (PLAYING, replace(AT_END, ids=(1, 3, 4, 5), consume=True), None, FINISHED),
        (PLAYING, replace(NEXT_EARLY, ids=(1, 3, 4, 5), consume=True), Act.NEXT, SKIPPED),
        (
            PLAYING,
            replace(NEXT_EARLY, ids=(1, 4, 5), song=4, upcoming=5, consume=True),
            Act.SONG,
            SKIPPED,
        ),
        (PLAYING, replace(LATER, ids=(1, 2, 4, 5), consume=True), Act.QUEUE, None),
        # stop, pause and play
        (PLAYING, replace(LATER, state=PlayState.STOP), Act.STOP, STOPPED_SONG),
        (PLAYING, replace(STOPPED, at=289.0), Act.STOP, STOPPED_SONG),
        (LAST, replace(LAST, at=289.0, state=PlayState.STOP, elapsed=0.0), Act.STOP, STOPPED_SONG),
        (LAST, replace(QUEUE_ENDED, at=150.0), Act.NEXT, SKIPPED),
        (PLAYING, replace(LATER, state=PlayState.PAUSE), Act.PAUSE, None),
        (PAUSED, replace(STOPPED, at=110.0), Act.STOP, STOPPED_SONG),
        (PAUSED, replace(PLAYING, at=110.0), Act.PLAY, None),
        (STOPPED, replace(LATER, elapsed=1.0), Act.PLAY, None),
        (STOPPED, replace(LATER, elapsed=1.0, song=5), Act.PLAY, None),
        # a person had told MPD to stop after the song
        (SINGLE, replace(PAUSED_AT_NEXT, single=True), Act.STOP, FINISHED),
        (SINGLE, replace(PAUSED_AT_NEXT, single=True, song=2, upcoming=2), Act.STOP, FINISHED),  # it repeats
        (SINGLE, PAUSED_AT_NEXT, Act.STOP, FINISHED),
        (PLAYING, PAUSED_AT_NEXT, Act.STOP, FINISHED),  # oneshot, set and reset between two looks
        (PLAYING, replace(PAUSED_AT_NEXT, elapsed=5.0), Act.PAUSE, FINISHED),
        (PLAYING, replace(PAUSED_AT_NEXT, single=True), Act.STOP, FINISHED),
        (SINGLE, replace(PAUSED_AT_NEXT, ids=(1, 3, 4, 5), consume=True), Act.STOP, FINISHED),
        (replace(SINGLE, upcoming=5), replace(PAUSED_AT_NEXT, song=5), Act.STOP, FINISHED),
        (replace(SINGLE, exact=False), replace(PAUSED_AT_NEXT, at=150.0), Act.STOP, UNKNOWN),
        (replace(LAST, single=True), QUEUE_ENDED, Act.STOP, FINISHED),
        (SINGLE, replace(LATER, state=PlayState.PAUSE, single=True), Act.PAUSE, None),
        # another song
        (PAUSED, NEXT_EARLY, Act.NEXT, SKIPPED),
        (PLAYING, NEXT_EARLY, Act.NEXT, SKIPPED),
        (PLAYING, replace(LATER, song=1, elapsed=1.0), Act.PREVIOUS, SKIPPED),
        (PLAYING, replace(LATER, song=5, elapsed=1.0), Act.SONG, SKIPPED),
        (replace(PLAYING, upcoming=5), replace(LATER, song=5, elapsed=1.0), Act.NEXT, SKIPPED),
        (replace(PLAYING, last=5), replace(LATER, song=5, elapsed=1.0), Act.PREVIOUS, SKIPPED),
        # what cannot be played
        (PLAYING, replace(NEXT_EARLY, error="Failed to decode"), None, UNKNOWN),
        (PLAYING, replace(AT_END, error="Failed to decode"), None, FINISHED),
        (PLAYING, replace(PAUSED, at=110.0, error="Failed to open audio output"), None, None),
        (PLAYING, replace(QUEUE_ENDED, at=150.0, error="No such file"), None, UNKNOWN),
        (replace(PLAYING, error="old"), replace(NEXT_EARLY, error="old"), Act.NEXT, SKIPPED),
        (replace(PLAYING, audible=False), NEXT_EARLY, None, UNKNOWN),
        (replace(PLAYING, audible=False), replace(LATER, song=5, elapsed=1.0), Act.SONG, SKIPPED),
        (replace(PLAYING, audible=False), replace(LATER, state=PlayState.STOP), Act.STOP, STOPPED_SONG),
        # a length that may be wrong, or none
        (GUESSED, NEXT_EARLY, None, UNKNOWN),
        (GUESSED, replace(AT_END, at=287.0), None, FINISHED),
        (GUESSED, replace(LATER, song=5, elapsed=1.0), Act.SONG, SKIPPED),
        (GUESSED, replace(LATER, song=1, elapsed=1.0), Act.PREVIOUS, SKIPPED),
        (replace(PAUSED, exact=False), NEXT_EARLY, Act.NEXT, SKIPPED),
        (replace(LAST, exact=False), replace(QUEUE_ENDED, at=150.0), None, UNKNOWN),
        (replace(GUESSED, upcoming=2), replace(GUESSED, at=110.0, elapsed=0.1, upcoming=2), None, UNKNOWN),
        (replace(PLAYING, seconds=None), NEXT_EARLY, None, UNKNOWN),
        (replace(PLAYING, seconds=None), replace(LATER, seconds=None, elapsed=0.0), None, None),
        # a seek
        (PLAYING, replace(LATER, elapsed=100.0), Act.SEEK, None),
        (PLAYING, replace(LATER, elapsed=0.0), Act.SEEK, None),
        (PAUSED, replace(PAUSED, at=110.0, elapsed=20.0), Act.SEEK, None),
        (PAUSED, replace(PAUSED, at=900.0), None, None),
        (STOPPED, replace(STOPPED, at=900.0), None, None),
    ],
)
def test_who_made_a_change_and_what_became_of_the_song(
    before: ServerState, now: ServerState, act: Act | None, ended: EndReason | None
) -> None:
    assert explain(before, now, PLAYER) == Change(act, ended)


def test_a_seek_is_told_by_the_player_alone() -> None:
    assert explain(PLAYING, replace(LATER, elapsed=100.0), ("options",)) == Change()


def test_a_library_that_was_read_between_two_looks_explains_what_is_gone() -> None:
    gone = replace(LATER, ids=(1, 2, 4))
    assert explain(PLAYING, gone, ("update", "database", "playlist")) == Change()
    assert explain(PLAYING, gone, ("playlist",)) == Change(Act.QUEUE)


def test_a_length_is_believed_when_the_format_tells_it_or_the_song_was_heard_to_its_end() -> None:
    lengths = KnownLengths()
    assert "a/b.flac" in lengths
    assert "a/b.OGG" in lengths
    assert "a/b.mp3" not in lengths
    assert "no ending" not in lengths
    lengths.heard("a/b.mp3")
    assert "a/b.mp3" in lengths


# --- the play that goes on ------------------------------------------------------------------------------


SONG, OTHER = Song("two.wav", "Two", "", 200.0), Song("three.wav", "Three", "", 200.0)


def follow(*states: tuple[ServerState, Song | None, EndReason | None]) -> list[TrackEnded]:
    """Follow states, each with its current song and why the one before is over; return the plays that
    ended.
    """
    current = CurrentPlay()
    ended = [current.follow(state, song, 7, why) for state, song, why in states]
    return [play for play in ended if play is not None]


def test_a_play_is_told_once_with_what_was_heard() -> None:
    [ended] = follow(
        (replace(PLAYING, elapsed=0.0), SONG, None),
        (replace(LATER, elapsed=10.0), SONG, None),
        (replace(AT_END, at=290.0), OTHER, FINISHED),
        (replace(AT_END, at=300.0, elapsed=10.0), OTHER, None),
    )
    assert ended == TrackEnded(SONG, 190.0, FINISHED, 7)


def test_seconds_of_a_pause_and_those_jumped_over_are_not_heard() -> None:
    [ended] = follow(
        (replace(PLAYING, at=0.0, elapsed=0.0), SONG, None),
        (replace(PAUSED, at=10.0, elapsed=10.0), SONG, None),
        (replace(PLAYING, at=500.0, elapsed=10.0), SONG, None),
        (replace(PLAYING, at=505.0, elapsed=150.0), SONG, None),
        (replace(STOPPED, at=510.0), SONG, STOPPED_SONG),
    )
    assert ended.heard == 10 + 5 + 5


def test_a_song_that_began_again_is_two_plays() -> None:
    first, second = follow(
        (replace(PLAYING, at=0.0, elapsed=0.0), SONG, None),
        (replace(PLAYING, at=200.1, elapsed=0.1), SONG, FINISHED),
        (replace(AT_END, at=400.2), OTHER, FINISHED),
    )
    assert (first.heard, second.heard) == (200.0, pytest.approx(200.0))


def test_a_song_that_never_sounded_was_not_heard() -> None:
    [ended] = follow(
        (replace(PLAYING, elapsed=0.0, audible=False), SONG, None),
        (replace(AT_END, at=101.0), OTHER, UNKNOWN),
    )
    assert ended.heard == 0.0


def test_nothing_ends_where_nothing_played() -> None:
    assert follow((STOPPED, SONG, None), (replace(QUEUE_ENDED, ids=()), None, None)) == []


def test_after_a_loss_the_same_song_goes_on() -> None:
    current = CurrentPlay()
    current.follow(replace(PLAYING, at=0.0, elapsed=0.0), SONG, 7)
    assert current.find_again(replace(PLAYING, at=900.0, song=1, elapsed=50.0), SONG, 7) is None
    ended = current.follow(replace(PLAYING, at=910.0, song=4), OTHER, 7, SKIPPED)
    assert ended == TrackEnded(SONG, 60.0, SKIPPED, 7)


def test_after_a_loss_a_song_that_is_gone_is_over() -> None:
    current = CurrentPlay()
    current.follow(replace(PLAYING, at=0.0, elapsed=0.0), SONG, 7)
    current.follow(replace(PLAYING, at=20.0, elapsed=20.0), SONG, 7)
    assert current.find_again(replace(QUEUE_ENDED, at=900.0), None, None) == TrackEnded(
        SONG, 20.0, UNKNOWN, 7
    )


STATES = st.builds(
    ServerState,
    at=st.just(0.0),
    state=st.sampled_from([PlayState.PLAY, PlayState.PAUSE, PlayState.STOP]),
    ids=st.sampled_from([(1, 2, 3), (2, 3), (1, 2, 3, 4), ()]),
    song=st.sampled_from([1, 2, 3, None]),
    upcoming=st.sampled_from([1, 2, 3, None]),
    audible=st.booleans(),
    elapsed=st.floats(0, 200),
    seconds=st.sampled_from([200.0, None]),
    exact=st.booleans(),
    single=st.booleans(),
    consume=st.booleans(),
    updating=st.booleans(),
    error=st.sampled_from(["", "Failed to decode"]),
)


@given(st.lists(st.tuples(STATES, st.floats(0, 300)), min_size=1, max_size=8))
def test_whatever_happens_every_play_is_told_once(steps: list[tuple[ServerState, float]]) -> None:
    current = CurrentPlay()
    at, before, playing, begun, ended = 0.0, None, None, 0, 0
    for step, passed in steps:
        at += passed
        now = replace(step, at=at)
        song = None if now.song is None else Song(f"{now.song}.wav")
        why = None if before is None else explain(before, now, PLAYER).ended
        over = current.follow(now, song, None, why)
        plays = None if now.state is PlayState.STOP or now.song is None else now.song
        assert (over is not None) == (playing is not None and (why is not None or plays != playing))
        ended += over is not None
        begun += plays is not None and (playing is None or over is not None)
        assert over is None or 0 <= over.heard <= 200 + at
        before, playing = now, plays
    assert begun - ended == (playing is not None)
