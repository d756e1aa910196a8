"""The message in which a speaker tells its household one part of what it knows: compact JSON; pure.

    {"version": 1, "speaker": "kitchen",
     "replicas": {REPLICA: {"speaker": "kitchen", "counts": [ROW, ...],
                            "recordings": [[name, seconds, MusicBrainz' id], ...]}},
     "moods": [[name, seconds, milliseconds, tick, replica, mood], ...]}

    ROW  [name, seconds, profile, mood, period, liked, disliked, wrong mood, finished, skipped early, skipped]
         without the zeros at its end

`recordings` is missing where there are none; speakers that do not know the word read past it.  The first
replica is the speaker's own; others follow whose own message does not stand at the broker.  Equal knowledge
makes equal text.  What exceeds `LONGEST` is left out: moods stay before counts, what was said before what was
heard, newer before older, its own before others'; recordings come last.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.song import RECORDING
from moodspeaker.errors import HouseholdError
from moodspeaker.music.household import HEARD, SAID, Cell, Given, Knowledge, SongKey, Stamp, part_of
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

VERSION: Final = 1
LONGEST: Final = 65_536
"""Bytes of a message of ours: what every widespread broker takes."""
ACCEPTED: Final = 2 * LONGEST
"""Bytes of a message that is read at all."""
LONGEST_NAME: Final = 400
LONGEST_PROFILE: Final = 40
MOST_REPLICAS: Final = 64
GREATEST: Final = 2**53
MOST: Final = 1_000_000
"""Of one count."""
ORDER: Final = (*SAID, *HEARD)
MOODS: Final = frozenset({"", *map(str, EMOTIONS)})
REPLICA: Final = re.compile(r"[0-9a-f]{16}")
SPEAKER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says."""

    speaker: str
    """Who sent it: a `mqtt.id`."""
    speakers: Mapping[str, str]
    """The `mqtt.id` of each replica in it."""
    knowledge: Knowledge


def encode(told: Told) -> str:
    """Return the message; the first of `speakers` is its sender's replica."""
    order = {replica: place for place, replica in enumerate(told.speakers)}
    rows: dict[tuple[str, tuple[Any, ...]], list[int]] = {}
    for (replica, cell), count in told.knowledge.counts.items():
        row = rows.setdefault((replica, (*cell.song, *cell[1:-1])), [0] * len(ORDER))
        row[ORDER.index(cell.what)] = count
    moods = [[*song, *given.stamp, given.mood] for song, given in sorted(told.knowledge.moods.items())]
    room = LONGEST - 200 - 120 * len(order)
    moods = list(_fitting(sorted(moods, key=lambda row: -row[2]), room, 0))
    room -= sum(map(_size, moods))
    ranked = sorted(rows, key=lambda key: (order[key[0]], not any(rows[key][: len(SAID)]), -key[1][4], key))
    counts: dict[str, list[list[Any]]] = {replica: [] for replica in order}
    for replica, *row in _fitting(([key[0], *key[1], *_stripped(rows[key])] for key in ranked), room, 1):
        counts[replica].append(row)
        room -= _size(row)
    known = sorted(told.knowledge.recordings, key=lambda one: (order[one[0]], *one))
    recordings: dict[str, list[list[Any]]] = {replica: [] for replica in order}
    for replica, *row in _fitting(([replica, *song, name] for replica, song, name in known), room, 1):
        recordings[replica].append(row)
    return _text(
        {
            "version": VERSION,
            "speaker": told.speaker,
            "replicas": {
                replica: {"speaker": told.speakers[replica], "counts": sorted(counts[replica])}
                | ({"recordings": recordings[replica]} if recordings[replica] else {})
                for replica in order
            },
            "moods": sorted(moods),
        }
    )


def decode(payload: bytes, part: int) -> Told:
    """Return what a message of a part says; raise HouseholdError with the reason for a malformed one."""
    reason = f"{len(payload)} bytes, and {ACCEPTED} are the most"
    if len(payload) > ACCEPTED:
        raise HouseholdError(reason)
    try:
        message = json.loads(payload)
        version = message["version"]
        if version == VERSION:
            return _told(message, part)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reason = f"no message of a household ({type(error).__name__})"
        raise HouseholdError(reason) from None
    reason = f"version {str(version)[:20]!r}, and this speaker reads version {VERSION}"
    raise HouseholdError(reason)


def _told(message: Mapping[str, Any], part: int) -> Told:
    replicas = message["replicas"]
    speakers = {replica: said["speaker"] for replica, said in replicas.items()}
    named = (message["speaker"], *speakers.values())
    _check(len(speakers) <= MOST_REPLICAS and all(map(REPLICA.fullmatch, speakers)))
    _check(all(map(SPEAKER.fullmatch, named)))
    counts = {
        (replica, cell): count
        for replica, said in replicas.items()
        for row in said["counts"]
        for cell, count in _cells(row, part)
    }
    recordings = {
        (replica, *_recording(row, part))
        for replica, said in replicas.items()
        for row in said.get("recordings", ())
    }
    moods = dict(_given(row, part) for row in message["moods"])
    return Told(message["speaker"], speakers, Knowledge(counts, moods, frozenset(recordings)))


def _cells(row: Sequence[Any], part: int) -> Iterator[tuple[Cell, int]]:
    name, seconds, profile, mood, period, *counts = row
    _check(isinstance(profile, str) and profile.isprintable() and 0 < len(profile) <= LONGEST_PROFILE)
    _check(mood in MOODS and _is_number(period, MOST) and 0 < len(counts) <= len(ORDER))
    song = _song(name, seconds, part)
    for what, count in zip(ORDER, counts, strict=False):
        _check(_is_number(count, MOST))
        if count:
            yield Cell(song, profile, mood, period, what), count


def _given(row: Sequence[Any], part: int) -> tuple[SongKey, Given]:
    name, seconds, milliseconds, tick, replica, mood = row
    _check(_is_number(milliseconds, GREATEST) and _is_number(tick, GREATEST))
    _check(REPLICA.fullmatch(replica) is not None and mood in MOODS)
    return _song(name, seconds, part), Given(Stamp(milliseconds, tick, replica), mood)


def _recording(row: Sequence[Any], part: int) -> tuple[SongKey, str]:
    name, seconds, recording = row
    _check(RECORDING.fullmatch(recording) is not None)
    return _song(name, seconds, part), recording


def _song(name: str, seconds: int, part: int) -> SongKey:
    _check(0 < len(name) <= LONGEST_NAME and part_of(name) == part and _is_number(seconds, MOST))
    return SongKey(name, seconds)


def _is_number(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _check(fits: object) -> None:
    if not fits:
        raise ValueError


def _stripped(counts: Sequence[int]) -> Sequence[int]:
    """Return counts without the zeros at their end."""
    most = max(place for place, count in enumerate(counts, 1) if count)
    return counts[:most]


def _fitting(rows: Iterable[list[Any]], room: int, first: int) -> Iterator[list[Any]]:
    """Yield the first rows, as long as the text of their fields from the `first` on has room."""
    for row in rows:
        room -= _size(row[first:])
        if room < 0:
            return
        yield row


def _size(row: list[Any]) -> int:
    """Return the bytes of a row with the comma behind it."""
    return len(_text(row).encode()) + 1


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
