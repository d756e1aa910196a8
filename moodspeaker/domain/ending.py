"""Why a song is over."""

from __future__ import annotations

from enum import StrEnum


class EndReason(StrEnum):
    """Why a song is over."""

    FINISHED = "finished"
    """It came to its end."""
    SKIPPED = "skipped"
    """Somebody went to another song of the queue, by a player of theirs or a command of ours."""
    REPLACED = "replaced"
    """Another queue took its place, ours or a person's."""
    STOPPED = "stopped"
    """The music was stopped."""
    UNKNOWN = "unknown"
    """It gave way before its stated end, and that is not to be trusted; or it could not be played."""
