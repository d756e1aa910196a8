"""What a household's speakers tell each other is joined without loss, whatever the order; pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.errors import HouseholdError
from moodspeaker.library.names import known_as
from moodspeaker.music.household import (
    FIRST,
    PERIOD,
    Cell,
    Given,
    Knowledge,
    SongKey,
    Stamp,
    next_stamp,
    part_of,
    period_of,
)
from moodspeaker.music.household_message import LONGEST, Told, decode, encode
from moodspeaker.music.preference import What

if TYPE_CHECKING:
    from collections.abc import Callable

ONE, TWO = "0123456789abcdef", "fedcba9876543210"
NAMES = [name for name in map("song{}".format, range(200)) if part_of(name) == 3][:3]
SONGS = st.builds(SongKey, st.sampled_from(NAMES), st.sampled_from([0, 200]))
CELLS = st.builds(
    Cell, SONGS, st.sampled_from(["household", "Ännä"]), st.sampled_from(["", "sad"]),
    st.integers(FIRST, FIRST + 3), st.sampled_from(What),
)  # fmt: skip
RECORDINGS = ["b1a9c0e9-d987-4042-ae91-78d6a3267d69", "00000000-0000-4000-8000-000000000000"]
STAMPS = st.builds(Stamp, st.integers(0, 3), st.integers(0, 2), st.sampled_from([ONE, TWO]))
KNOWLEDGE = st.builds(
    Knowledge,
    st.dictionaries(st.tuples(st.sampled_from([ONE, TWO]), CELLS), st.integers(1, 5), max_size=8),
    st.dictionaries(SONGS, st.builds(Given, STAMPS, st.sampled_from(["", "sad", "happy"])), max_size=4),
    st.frozensets(st.tuples(st.sampled_from([ONE, TWO]), SONGS, st.sampled_from(RECORDINGS)), max_size=6),
)


def joined(known: Knowledge, told: Knowledge) -> Knowledge:
    """Return what is known after something was told: as a database takes it, news written over the old."""
    news = told.beyond(known)
    return Knowledge(
        {**known.counts, **news.counts}, {**known.moods, **news.moods}, known.recordings | news.recordings
    )


@given(KNOWLEDGE, KNOWLEDGE, KNOWLEDGE)
def test_joining_needs_no_order_and_no_once(a: Knowledge, b: Knowledge, c: Knowledge) -> None:
    assert joined(a, b) == joined(b, a)
    assert joined(joined(a, b), c) == joined(a, joined(b, c))
    assert joined(joined(a, b), b) == joined(a, b)
    assert not b.beyond(joined(a, b))


@given(KNOWLEDGE)
def test_what_was_written_is_read_and_equal_knowledge_is_equal_text(knowledge: Knowledge) -> None:
    told = Told("kitchen", {ONE: "kitchen", TWO: "bedroom"}, knowledge)
    text = encode(told)
    assert decode(text.encode(), 3) == told
    turned = Knowledge(
        dict(reversed(knowledge.counts.items())),
        dict(reversed(knowledge.moods.items())),
        frozenset(sorted(knowledge.recordings, reverse=True)),
    )
    assert encode(Told("kitchen", told.speakers, turned)) == text


@given(KNOWLEDGE)
def test_a_speaker_that_knows_no_recordings_reads_the_rest(knowledge: Knowledge) -> None:
    speakers = {ONE: "kitchen", TWO: "bedroom"}
    content = json.loads(encode(Told("kitchen", speakers, knowledge)))
    for said in content["replicas"].values():
        said.pop("recordings", None)
    without = Knowledge(knowledge.counts, knowledge.moods)
    assert content == json.loads(encode(Told("kitchen", speakers, without)))
    assert decode(json.dumps(content).encode(), 3).knowledge == without


def test_where_not_all_can_be_told_recordings_come_last() -> None:
    song, one = NAMES[0], RECORDINGS[0]
    said = {(ONE, Cell(SongKey(song, n), "household", "", FIRST, What.LIKED)): 1 for n in range(900)}
    recordings = frozenset((ONE, SongKey(song, n), one) for n in range(900))
    text = encode(Told("kitchen", {ONE: "kitchen"}, Knowledge(said, {}, recordings)))
    assert LONGEST * 0.8 < len(text.encode()) <= LONGEST
    known = decode(text.encode(), 3).knowledge
    assert known.counts == said
    assert 100 < len(known.recordings) < 900


def test_a_huge_library_is_cut_to_what_a_broker_takes_and_words_and_newer_plays_stay() -> None:
    song = NAMES[0]
    old = {(ONE, Cell(SongKey(song, n), "household", "", FIRST, What.FINISHED)): 1 for n in range(3000)}
    new = {(ONE, Cell(SongKey(song, n), "household", "", FIRST + 1, What.SKIPPED)): 1 for n in range(1000)}
    said = {(ONE, Cell(SongKey(song, n), "Ännä", "sad", FIRST, What.LIKED)): 1 for n in range(100)}
    others = {(TWO, cell): count for (_, cell), count in said.items()}
    moods = {SongKey(song, n): Given(Stamp(n, 0, ONE), "sad") for n in range(20)}
    text = encode(
        Told("kitchen", {ONE: "kitchen", TWO: "cellar"}, Knowledge(old | new | said | others, moods))
    )
    assert LONGEST * 0.8 < len(text.encode()) <= LONGEST
    known = decode(text.encode(), 3).knowledge
    assert known.moods == moods
    assert said.keys() | new.keys() <= known.counts.keys()
    assert not others.keys() & known.counts.keys()


def message() -> dict[str, Any]:
    """Return a message as JSON values."""
    row = [NAMES[0], 200, "household", "sad", FIRST, 1]
    return {
        "version": 1,
        "speaker": "kitchen",
        "replicas": {
            ONE: {"speaker": "kitchen", "counts": [row], "recordings": [[NAMES[0], 200, RECORDINGS[0]]]}
        },
        "moods": [[NAMES[0], 200, 5, 0, ONE, "sad"]],
    }


def with_row(place: int, value: object) -> Callable[[dict[str, Any]], object]:
    """Return what puts something else into the row of counts."""

    def change(content: dict[str, Any]) -> None:
        content["replicas"][ONE]["counts"][0][place] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.update(version=2), "version '2'"),
        (lambda m: m.update(version=["x"] * 99), "version"),
        (lambda m: m.pop("moods"), "KeyError"),
        (lambda m: m.update(replicas=[]), "AttributeError"),
        (lambda m: m.update(speaker="kit\nchen"), "ValueError"),
        (lambda m: m["replicas"].update({"x": {"speaker": "x", "counts": []}}), "ValueError"),
        (lambda m: m["replicas"].update({f"{n:016x}": m["replicas"][ONE] for n in range(65)}), "ValueError"),
        (with_row(0, "a song of another part"), "ValueError"),
        (with_row(0, 7), "TypeError"),
        (with_row(1, -1), "ValueError"),
        (with_row(1, 2.0), "ValueError"),
        (with_row(2, ""), "ValueError"),
        (with_row(2, "x" * 41), "ValueError"),
        (with_row(3, "grumpy"), "ValueError"),
        (with_row(3, ["sad"]), "TypeError"),
        (with_row(4, 1.5), "ValueError"),
        (with_row(5, 10**9), "ValueError"),
        (with_row(5, None), "ValueError"),
        (lambda m: m["replicas"][ONE]["counts"][0].extend([1] * 6), "ValueError"),
        (lambda m: m["replicas"][ONE].update(recordings=[[NAMES[0], 200, "no id"]]), "ValueError"),
        (lambda m: m["replicas"][ONE].update(recordings=[["another's", 200, RECORDINGS[0]]]), "ValueError"),
        (lambda m: m["replicas"][ONE].update(recordings=7), "TypeError"),
        (lambda m: m["moods"][0].append(1), "ValueError"),
        (lambda m: m["moods"][0].__setitem__(2, 10**30), "ValueError"),
        (lambda m: m["moods"][0].__setitem__(4, "me"), "ValueError"),
    ],
)  # fmt: skip
def test_what_no_speaker_writes_is_refused(change: Callable[[dict[str, Any]], object], words: str) -> None:
    content = message()
    assert decode(json.dumps(content).encode(), 3).knowledge
    change(content)
    with pytest.raises(HouseholdError, match=words):
        decode(json.dumps(content).encode(), 3)


@pytest.mark.parametrize("payload", [b"", b"on", b"[]", b"\xff", b"[" * 100_000, b"x" * 200_000])
def test_what_is_no_message_is_refused(payload: bytes) -> None:
    with pytest.raises(HouseholdError):
        decode(payload, 3)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-(10**6), 10**6)), min_size=1, max_size=12))
def test_a_word_that_answers_another_counts_before_it_however_the_clocks_are_set(
    words: list[tuple[int, int]],
) -> None:
    last: Stamp | None = None
    for speaker, skew in words:
        stamp = next_stamp(1_790_000_000.0 + skew, f"{speaker:016}", last, last)
        assert last is None or stamp > last
        last = stamp


def test_a_clock_that_is_years_ahead_moves_no_other_songs_stamps() -> None:
    now, ahead = 1_790_000_000.0, Stamp(4_000_000_000_000, 7, TWO)
    assert next_stamp(now, ONE, ahead, None) == Stamp(1_790_000_000_000, 0, ONE)
    assert next_stamp(now, ONE, ahead, ahead) == Stamp(4_000_000_000_000, 8, ONE)


def test_a_clock_that_was_never_set_counts_for_the_first_period() -> None:
    assert period_of(0.0) == FIRST
    assert period_of((FIRST + 2.5) * PERIOD) == FIRST + 2


@pytest.mark.parametrize(
    "other",
    [
        ("Don't Stop", "The Foos", "usb/a.flac"),
        ("Don\u2019t Stop (Remastered 2011)", "Foos", "nas/music/b.mp3"),
        ("Don't Stop (feat. Ann)", "the foos", "c.ogg"),
        ("", "Foos", "x/y/Dont Stop.mp3"),
    ],
)
def test_a_song_is_known_wherever_its_file_lies(other: tuple[str, str, str]) -> None:
    assert known_as(*other) == known_as("Don't Stop", "Foos", "a/b/c.mp3")


@pytest.mark.parametrize(
    "other", [("Don't Stop (Live)", "Foos"), ("Don't Go", "Foos"), ("Don't Stop", "Bars")]
)
def test_another_song_is_another(other: tuple[str, str]) -> None:
    assert known_as(*other, "a.mp3") != known_as("Don't Stop", "Foos", "a.mp3")
