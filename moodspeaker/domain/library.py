"""The index of the listener's songs, as the speaker and other players are told of it."""

from __future__ import annotations

from typing import Final

from moodspeaker.values import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Songs of the music server that cannot be taken in: their file names are not UTF-8."""

    count: int
    example: str
    """One of them, printable."""

    @property
    def words(self) -> str:
        """How many they are and the cure; empty where there are none."""
        if not self.count:
            return ""
        if self.count == 1:
            return f"1 song left out: its file name is not UTF-8: rename it ({self.example})"
        names = f"{self.count} songs left out: their file names are not UTF-8"
        return f"{names}: rename them ({self.example} is one)"


NONE_LEFT_OUT: Final = LeftOut(0, "")


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
    left_out: str = ""
    """`LeftOut.words`."""


@dataclass(frozen=True, slots=True)
class SharedStickers:
    """What the stickers of a song say that music players share; the defaults: nothing."""

    verdict: int | None = None
    """0 disliked, 1 neutral, 2 liked."""
    rating: int | None = None
    """0 to 10."""
    plays: int = 0
    skips: int = 0
    last_played: int | None = None
    """When the last play began, in seconds since the epoch."""
    last_skipped: int | None = None
    """When it was skipped last, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class SongAffect:
    """Where a song lies, as other players are told it."""

    uri: str
    valence: int
    """-100 to 100."""
    arousal: int
    """-100 to 100."""
