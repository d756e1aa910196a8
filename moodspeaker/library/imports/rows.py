"""The rows of an export, before it is known whether their songs are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.domain.ending import EndReason


@dataclass(frozen=True, slots=True)
class Heard:
    """A play that an export tells of."""

    at: int
    """When it ended (Spotify) or began (the others), in seconds since the epoch."""
    to_minute: bool = False
    """Whether only the minute is known."""
    seconds: float | None = None
    """How long it was played; None where the export does not say."""
    end: EndReason | None = None
    """How it ended; None where only the time that it was played can tell."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row that names a song."""

    where: str
    """Line, entry, or member:line."""
    title: str = ""
    artist: str = ""
    """As it is written: several artists in one text."""
    album: str = ""
    uri: str = ""
    """URI, link or path, as it is written."""
    mood: str = ""
    """The word in the row's own column."""
    playlist: str = ""
    """The playlist's name where the file tells it."""
    heard: Heard | None = None
    """The play, in a history."""
    liked: int = 0
    """1 liked, -1 disliked."""
    liked_at: float = 0.0
    """When the listener said so, in seconds since the epoch."""
    recordings: tuple[str, ...] = ()
    """Ids of the recording under which other rows may speak of it."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be read."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that is no song, or that must not be kept."""

    where: str
    reason: str


Row: TypeAlias = Wanted | Bad | Ignored


@dataclass(frozen=True, slots=True)
class Export:
    """One readable file, or member of an archive."""

    form: str
    """What it is, for people and for the library: `table`, `M3U`, `Spotify history`, ..."""
    rows: Iterator[Row]
    history: bool = False
    """Whether it tells what was heard, not what belongs to a mood."""
    name: str = ""
    """The member's own name in an archive; empty: the file's name counts."""


class Unreadable(Exception):  # noqa: N818 - a state of the file
    """A file cannot be read at all; its text is the reason, with the cure."""
