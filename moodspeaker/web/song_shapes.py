"""The shapes of what the API gives of the song library; `/openapi.json` is made of them."""

from __future__ import annotations

from typing import Annotated, Final, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from moodspeaker.domain.emotion import Emotion  # noqa: TC001 - read at run time

MOST_LISTED: Final = 500
"""Songs of a playlist that is made."""


class SongColumns(TypedDict):
    """Songs that have a place in the affect plane, as columns: one entry a song in each."""

    total: int
    """Songs that there are."""
    placed: int
    """Of those, the ones that have a place."""
    id: list[int]
    """Stays the same when the file is renamed."""
    title: list[str]
    """The title, else the file's name."""
    artist: list[str]
    valence: list[float]
    """The place within the library, -1 to 1."""
    arousal: list[float]
    mood: list[str]
    yours: list[bool]
    """Whether a person gave it its mood."""
    next: int | None
    """What to ask with as `after` for the next ones; None: these are the last."""


class SongAnswer(TypedDict):
    """A song of the library."""

    id: int
    uri: str
    title: str
    """The title, else the file's name."""
    artist: str
    album: str
    genre: str
    seconds: float | None
    valence: float | None
    """The place within the library, -1 to 1; None where it could not be judged."""
    arousal: float | None
    mood: str | None
    confidence: float
    source: str
    """What tells its mood: `tags`, `sound`, `tags+sound`, `correction`, or empty."""
    reason: str
    """Why its sound could not be judged, else empty."""
    damaged: bool
    yours: bool
    """Whether a person gave it its mood."""
    before: str | None
    """The mood that an undone correction goes back to; None where there is none."""


class FoundAnswer(TypedDict):
    """What a search found."""

    total: int
    songs: list[SongAnswer]
    ids: list[int] | None
    """Of all that were found; None where they are too many to be shown in a picture."""


class ScanAnswer(TypedDict):
    """How far the scan of the songs is."""

    at_work: bool
    songs: int
    placed: int
    """Songs that have a mood."""
    heard: int
    """Songs whose sound was listened to."""
    scanned_at: str | None
    """When the music server's songs were listed last, RFC 3339; None: never."""
    files: str
    """Why the files cannot be read, so that moods come from tags alone, else empty."""
    fault: str
    """Why the last scan could not list the songs, else empty."""
    left_out: str
    """How many songs are left out as their file names are not UTF-8, one of them, the cure; else empty."""


class ImportRow(TypedDict):
    """A row of which there is something to be said."""

    where: str
    """Line, entry, or member:line."""
    status: str
    """`match`, `no match`, `bad` or `ignored`."""
    uri: str
    """The song's, where it is a match."""
    reason: str
    nearest: str
    """The song that may have been meant, else empty."""


class ImportAnswer(TypedDict):
    """What became of a file."""

    form: str
    """What it is, such as `table` or `M3U`."""
    rows: int
    match: int
    no_match: int
    bad: int
    ignored: int
    moods: dict[str, int]
    """Songs of each mood."""
    new: dict[str, int]
    """What was kept that was not known: `moods_of_songs`, `plays`, `verdicts`."""
    note: str
    """What a playlist without a mood is good for, else empty."""
    dry_run: bool
    """Whether nothing was kept."""
    shown: list[ImportRow]
    """The first rows of which there is something to be said."""
    more: int
    """Such rows that are left out."""


class PlaylistBody(TypedDict):
    """What a new playlist is to hold."""

    mood: Emotion
    count: NotRequired[Annotated[int, Field(ge=1, le=MOST_LISTED, default=50)]]
    """Songs."""


class PlaylistAnswer(TypedDict):
    """A stored playlist that was made."""

    name: str
    songs: int
