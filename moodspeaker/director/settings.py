"""Settings of when music plays and how it changes."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Final, Literal

from annotated_types import Ge, Gt, Le

from moodspeaker.music.target import TargetSettings
from moodspeaker.values import dataclass

DAY: Final = 24 * 60
"""Minutes."""


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """When music plays."""

    start: Literal["person", "arrival"] = "person"
    """Who starts music: only a person's act, or also someone coming in."""
    absence_pause: Annotated[float, Ge(0), Le(1440)] = 0.0
    """Minutes of nobody after which our music pauses until someone is back; 0: never."""
    quiet: str = ""
    """Local hours in which nothing starts by itself, HH:MM-HH:MM; empty: none."""

    def __post_init__(self) -> None:
        quiet_hours(self.quiet)


@dataclass(frozen=True, slots=True)
class HoldSettings:
    """How long a person's choice is left alone."""

    minutes: Annotated[float, Gt(0), Le(1440)] = 30.0
    """Minutes for which a person's own choice of music is left alone."""


@dataclass(frozen=True, slots=True)
class MusicSettings:
    """How music changes."""

    switch: Literal["song_end", "now", "fade"] = "song_end"
    """When a new mood's music begins; fade: at once by MPD's own crossfade, where it has one."""
    ahead_songs: Annotated[int, Ge(2), Le(200)] = 25
    """Songs that are kept ready in the queue behind the current one, as far as the mood has as many."""
    ahead_minutes: Annotated[float, Ge(0), Le(600)] = 60.0
    """Minutes of music that are kept ready there, if those songs are shorter."""


@dataclass(frozen=True, slots=True)
class DirectorSettings:
    """All that the director goes by."""

    listen: ListenSettings = field(default_factory=ListenSettings)
    hold: HoldSettings = field(default_factory=HoldSettings)
    music: MusicSettings = field(default_factory=MusicSettings)
    target: TargetSettings = field(default_factory=TargetSettings)


def quiet_hours(text: str) -> tuple[int, int] | None:
    """Return the minutes of the day between which it is quiet, or None; raise ValueError with the cure."""
    if not text:
        return None
    numbers = [word.split(":") for word in text.split("-")]
    if len(numbers) == 2 and all(  # noqa: PLR2004 - begin and end
        len(number) == 2 and number[0].isdecimal() and number[1].isdecimal()  # noqa: PLR2004 - hour, minute
        for number in numbers
    ):
        begin, end = (60 * int(hour) + int(minute) for hour, minute in numbers)
        if max(begin, end) <= DAY and all(int(minute) < 60 for _, minute in numbers):  # noqa: PLR2004 - minutes
            return begin, end
    message = f"quiet = {text!r}: write HH:MM-HH:MM, such as 22:00-07:00, or nothing"
    raise ValueError(message)
