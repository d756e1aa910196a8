"""The index of the listener's songs: what the music server lists, and what the speaker knows of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """How much is known of how many songs."""

    songs: int = 0
    """Songs of the music server at the last scan."""
    placed: int = 0
    """Of those, the ones whose mood is known."""
    heard: int = 0
    """Of those, the ones whose sound was analysed."""
    scanned_at: float | None = None
    """When the last listing was taken over, in seconds since the epoch; None: never."""
    files: str = ""
    """Why the files cannot be read, so that moods come from tags alone, else empty."""


@dataclass(frozen=True, slots=True)
class SongAffect:
    """Where a song lies, as other players are told it."""

    uri: str
    valence: int
    """-100 to 100."""
    arousal: int
    """-100 to 100."""


@dataclass(frozen=True, slots=True)
class ListedSong:
    """A song as the music server lists it."""

    uri: str
    title: str = ""
    artist: str = ""
    album: str = ""
    genre: str = ""
    """Several separated by "; "."""
    moods: str = ""
    """Words of its mood tag, several separated by "; "."""
    seconds: float | None = None
    """Stated length; None where none is stated."""
    modified: str = ""
    """When its file was changed last, in the server's words."""
    start: float | None = None
    """Seconds in its file where it begins, with a song of a CUE sheet; None where it is the whole file."""
    end: float | None = None
    """Seconds in its file where it ends; None: with the file."""
