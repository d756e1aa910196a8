"""MPD's answers as values.  Pure: no clock, loop or library.

MPD writes the bytes of file names and tags as they are.  Text that is not UTF-8 is read with surrogate
escapes, so that it can be sent back unchanged; what is told to others is clean (`clean`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from moodspeaker.adapters.mpd.attribution import ServerState
from moodspeaker.adapters.mpd.provenance import Entry
from moodspeaker.domain.player import PlayState
from moodspeaker.domain.song import Song

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Row: TypeAlias = dict[str, Any]

CURES: Final = (
    (r"outputs are disabled", "enable one (mpc outputs, mpc enable)"),
    (
        r'^Failed to open "|audio output|ALSA|Failed to enable output|mixer',
        "plug the sound card in, or correct audio_output in mpd.conf",
    ),
    (
        r"CURL|Could not (resolve|connect)|Failed to connect|HTTP|Connection refused|timed out",
        "look at the network, or correct the stream's address",
    ),
    (
        r"No such (file|directory|song)|Input/output error|Stale file|not connected|No such device",
        "mount the music's drive, or let MPD read its folder again (mpc update)",
    ),
    (r"Permission denied|Access denied", "let MPD's user read it"),
    (r"decode|[Uu]nrecogni[sz]ed|[Uu]nsupported|codec", "the file is damaged, or MPD lacks its decoder"),
    (r"too large|too many", "raise max_playlist_length in mpd.conf, or clear the queue"),
)
"""Patterns of MPD's errors with the cure of each; the first that fits counts."""
LONGEST_MIXRAMP: Final = 10.0
"""Seconds by which a song may begin early where MPD overlaps songs by their loudness (`mixrampdelay`)."""
LOOK_AT_LOG: Final = "look at MPD's log"


def with_cure(error: str) -> str:
    """Return an error of MPD in its own words with the cure; an empty one stays empty."""
    text = clean(error).strip()
    if not text:
        return ""
    return f"{text}: {_cure(text) or LOOK_AT_LOG}"


def with_known_cure(error: str) -> str:
    """Return an error of MPD in its own words, with the cure where there is one for it."""
    return f"{error}: {cure}" if (cure := _cure(error)) else error


def _cure(text: str) -> str:
    return next((cure for pattern, cure in CURES if re.search(pattern, text)), "")


def clean(text: str) -> str:
    """Return text without surrogate escapes: bytes that are not UTF-8 become the replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def is_clean(text: str) -> bool:
    """Tell whether text was UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def printable(text: str) -> str:
    """Return text in which a question mark stands for each byte that is not UTF-8, or that moves a cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def merged(queue: Sequence[Entry], changes: Iterable[Row], length: int) -> list[Entry] | None:
    """Return the queue with changed positions; None when the parts do not fit together."""
    new: list[Entry | None] = [*queue[:length], *([None] * (length - len(queue)))]
    for row in changes:
        if "pos" not in row:  # a stream that left the queue, on a server that tells its new title
            continue
        place = int(row["pos"])
        if place >= length:
            return None
        song = song_of(row)
        words = ("", "") if song is None else (song.title, song.artist)
        new[place] = Entry(int(row["id"]), text_of(row, "file"), length_of(row), *words)
    whole = [entry for entry in new if entry is not None]
    return whole if len(whole) == length else None


def song_of(current: Mapping[str, Any]) -> Song | None:
    """Return the song of a `currentsong`, its texts clean; None when there is none."""
    if "file" not in current:
        return None
    uri = clean(text_of(current, "file"))
    title = clean(text_of(current, "title") or text_of(current, "name")) or uri.rstrip("/").rsplit("/", 1)[-1]
    return Song(uri, title, clean(text_of(current, "artist")), length_of(current))


def text_of(row: Mapping[str, Any], tag: str) -> str:
    """Return a tag that may be missing or stand more than once."""
    value = row.get(tag, "")
    return ", ".join(value) if isinstance(value, list) else str(value)


def length_of(row: Mapping[str, Any]) -> float | None:
    """Return a length in seconds; None when it is missing or zero, as for a stream."""
    return _seconds(row.get("duration") or row.get("time"))


def _seconds(text: object) -> float | None:
    try:
        return float(str(text or 0)) or None
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def volume_of(status: Mapping[str, Any]) -> int | None:
    """Return the volume of a `status` in percent; None where there is none (-1 in older servers)."""
    volume = _number(status.get("volume"))
    return volume if volume is not None and volume >= 0 else None


def is_silent(status: Mapping[str, Any]) -> bool:
    """Tell whether a `status` says that a song plays of which nothing was heard yet."""
    playing = status.get("state") == "play" and "songid" in status
    return playing and not _seconds(status.get("elapsed"))


def state_of(
    status: Mapping[str, Any],
    queue: Sequence[Entry],
    before: ServerState | None,
    *,
    at: float,
    seconds: float | None,
    exact: bool,
    plays_itself: bool = True,
) -> ServerState:
    """Return the state of a `status`, seen at a monotonic moment.

    `seconds` is the current song's length where the status has none, `exact` whether it is to be believed.  A
    song may have the format of its successor, never time played, when MPD has passed over it but not said so
    yet.  A server that does not play itself tells no formats (`plays_itself`), and may pause without a song.
    """
    elapsed = _seconds(status.get("elapsed")) or 0.0
    passes_over = "error" in status and "nextsongid" in status
    current = _number(status.get("songid"))
    state = PlayState(status.get("state", "stop"))
    if state is PlayState.PAUSE and current is None:
        state = PlayState.STOP
    last = None if before is None else before.last if before.song == current else before.song
    mixramp = LONGEST_MIXRAMP if (_seconds(status.get("mixrampdelay")) or 0.0) > 0 else 0.0
    single = status.get("single", "0") != "0"  # then MPD stops at the song's end: nothing fades into the next
    sounding = elapsed > 0 and ("audio" in status or not plays_itself)
    return ServerState(
        at=at,
        state=state,
        ids=tuple(entry.id for entry in queue),
        song=current,
        upcoming=_number(status.get("nextsongid")),
        last=last,
        audible=sounding if state is PlayState.PLAY else not passes_over,
        elapsed=elapsed,
        seconds=_seconds(status.get("duration")) or seconds,
        exact=exact,
        crossfade=0.0 if single else max(_seconds(status.get("xfade")) or 0.0, mixramp),
        single=single,
        consume=status.get("consume", "0") != "0",
        updating="updating_db" in status,
        error=text_of(status, "error"),
    )
