"""What the API asks of the speaker, and where its handlers find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from moodspeaker.config.schema import Config
    from moodspeaker.domain.commands import Command
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.look_record import LookRecord
    from moodspeaker.domain.look_rows import LookRow
    from moodspeaker.domain.player import Output
    from moodspeaker.errors import PictureError
    from moodspeaker.speaker.setting_up import Aim
    from moodspeaker.speaker.views import SeenView


class Shown(Protocol):
    """What there is to show."""

    def as_json(self) -> Mapping[str, object]:
        """Return it as JSON values (`speaker.snapshot`)."""


class Settings(Protocol):
    """The settings that the page may change (`speaker.settings`)."""

    def shown(self) -> Mapping[str, Any]:
        """Return them as JSON values (`shapes.SettingsShown`)."""

    async def change(self, changes: Mapping[str, Any]) -> None:
        """Change all of them or none, None: back; raise ConfigError, SettingsConflict or StoreError."""

    async def undo(self) -> None:
        """Take the last change back; raise SettingsConflict or StoreError."""

    def tried(self, changes: Mapping[str, Any]) -> tuple[Config, Config]:
        """Return the settings in force, and those with these changes; raise ConfigError."""


class Preview(Protocol):
    """The camera's own picture (`speaker.preview`)."""

    def watching(
        self, take: Callable[[bytes], object], end: Callable[[], object]
    ) -> AbstractContextManager[None]:
        """Show pictures, each to `take`, until `end` is called; raise PictureError."""

    def stop(self) -> None:
        """End it, if it is on."""


class Pictures(Protocol):
    """Where a browser's pictures go."""

    @property
    def preview(self) -> Preview:
        """The other way: what the speaker's own camera sees."""

    def check(self) -> None:
        """Raise PictureError where no browser may begin to send now."""

    def sending(self, end: Callable[[PictureError], object]) -> AbstractContextManager[None]:
        """Let a browser send; `end` is called when it must stop.  Raises PictureError."""

    async def look(self, jpeg: bytes) -> SeenView:
        """Return what is seen in a picture; raise PictureError."""

    def stop(self, refused: PictureError) -> None:
        """Send the browser away, if there is one."""


class SettingUp(Protocol):
    """What helps to set the speaker up (`speaker.setting_up`)."""

    @property
    def full(self) -> bool:
        """Whether nobody else can aim now."""

    def aiming(self, take: Callable[[Aim], object]) -> AbstractContextManager[None]:
        """Let somebody aim: `take` is called with each look."""

    async def chime(self) -> Sequence[Output]:
        """Play the chime; return where the sound goes.  Raises PlayerError."""

    async def examine(self, part: str) -> Sequence[Mapping[str, str]]:
        """Return what the doctor finds in a part; raise DoctorError."""


class Records(Protocol):
    """What is kept of looks and decisions (`speaker.records`)."""

    def decisions(self, count: int) -> Sequence[Mapping[str, object]]:
        """Return the last decisions, newest first, fit for JSON."""

    def looks(self) -> Iterator[LookRecord]:
        """Return the looks on record, oldest first."""

    def look_rows(self) -> Sequence[LookRow]:
        """Return the same as bytes, at a fraction of the work."""

    async def forget(self) -> None:
        """Erase them at once; raise StoreError."""


class Daemon(Protocol):
    """What the API asks of the speaker."""

    @property
    def settings(self) -> Settings:
        """The settings that the page may change."""

    watch: Callable[[Mapping[str, object], int], None]
    """Called after each event with the snapshot and the number of decisions so far.  Set by the API."""
    is_watched: Callable[[], bool]
    """Tells whether anybody sees that: else what every look changes waits for the tick.  Set by the API."""

    @property
    def pictures(self) -> Pictures:
        """Where a browser's pictures go."""

    @property
    def setup(self) -> SettingUp:
        """What helps to set it up."""

    @property
    def records(self) -> Records:
        """What is kept of looks and decisions."""

    def snapshot(self) -> Shown:
        """Return the state of everything."""

    def moods(self) -> Sequence[Mapping[str, object]]:
        """Return each mood with its music: {"mood", "music", "current"}.

        `music` is {"name", "rule", "songs": n} or None.
        """

    def songs(self, mood: Emotion, count: int) -> Sequence[Mapping[str, object]]:
        """Return the songs that fit a mood best: {"uri", "title", "artist", "score", "reasons"}."""

    def stream(self) -> str:
        """Return the URL of what the music server plays; empty where it has no such output."""

    async def forget_household(self) -> None:
        """Erase what was learned from other speakers, and clear what was told to them; raise StoreError."""

    def written_settings(self) -> Mapping[str, object]:
        """Return the settings in force and those written now, fit for JSON; it reads files."""

    async def command(self, command: Command) -> None:
        """Carry out a command; raise NotNow, StoreError (it cannot be kept), ConfigError (a setting)."""


DAEMON: Final[web.AppKey[Daemon]] = web.AppKey("daemon")
"""Where a handler finds the speaker: `request.app[DAEMON]`."""
