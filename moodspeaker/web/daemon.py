"""What the API asks of the speaker, and where its handlers find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from moodspeaker.domain.commands import Command
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.look_record import LookRecord


class Shown(Protocol):
    """What there is to show."""

    def as_json(self) -> Mapping[str, object]:
        """Return it as JSON values (`speaker.snapshot`)."""


class Daemon(Protocol):
    """What the API asks of the speaker."""

    watch: Callable[[Mapping[str, object], int], None]
    """Called after each event with the snapshot and the number of decisions so far.  Set by the API."""

    def snapshot(self) -> Shown:
        """Return the state of everything."""

    def moods(self) -> Sequence[Mapping[str, object]]:
        """Return each mood with its music: {"mood", "music", "current"}.

        `music` is {"name", "rule", "songs": n} or None.
        """

    def songs(self, mood: Emotion, count: int) -> Sequence[Mapping[str, object]]:
        """Return the songs that fit a mood best: {"uri", "title", "artist", "score", "reasons"}."""

    def decisions(self, count: int) -> Sequence[Mapping[str, object]]:
        """Return the last decisions, newest first, fit for JSON."""

    def looks(self) -> Iterator[LookRecord]:
        """Return the looks on record, oldest first."""

    def forget_records(self) -> None:
        """Erase the records of looks and decisions at once; raise StoreError."""

    def written_settings(self) -> Mapping[str, object]:
        """Return the settings in force and those written now, fit for JSON; it reads files."""

    async def command(self, command: Command) -> None:
        """Carry out a command; raise StoreError where that cannot be, NothingPlays, NothingSeen."""


DAEMON: Final[web.AppKey[Daemon]] = web.AppKey("daemon")
"""Where a handler finds the speaker: `request.app[DAEMON]`."""
