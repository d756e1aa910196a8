"""Everything that happens to the speaker, and the world as far as it asks something of it."""

from __future__ import annotations

import asyncio  # noqa: TC003 - read at run time by the dataclass
from typing import TYPE_CHECKING, TypeAlias

from moodspeaker.director.effects import Confirmed, Failed, NoProgramme, ProgrammeReady, Tick
from moodspeaker.domain.commands import Command
from moodspeaker.domain.observation import VisionLost
from moodspeaker.domain.player import PlayerEvent
from moodspeaker.speaker.sharing import HouseholdMessage
from moodspeaker.values import dataclass
from moodspeaker.wire import FromVision

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from moodspeaker.domain.moment import Moment
    from moodspeaker.ports import (
        Broker,
        Chooser,
        Disk,
        Doctor,
        History,
        Household,
        Machine,
        MoodIndex,
        Player,
        Store,
        Verdicts,
        Vision,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that somebody waits for."""

    command: Command
    done: asyncio.Future[None]


Happening: TypeAlias = (
    FromVision
    | VisionLost
    | PlayerEvent
    | Command
    | Asked
    | Tick
    | ProgrammeReady
    | NoProgramme
    | Confirmed
    | Failed
    | HouseholdMessage
)
"""Everything that happens to the speaker."""
Watch: TypeAlias = "Callable[[Mapping[str, object], int], None]"
"""Called after each event with the snapshot as JSON and the number of decisions since the start."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Both clocks and the local minute of the day."""

    now: Callable[[], Moment]
    minute: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Ports:
    """The world, as far as the speaker asks something of it."""

    vision: Vision
    player: Player | None
    """None where `mpd.host` is empty: a pure mood sensor."""
    broker: Broker
    store: Store
    disk: Disk
    history: History
    verdicts: Verdicts
    household: Household
    index: MoodIndex
    chooser: Chooser
    machine: Machine
    doctor: Doctor
    announce: Callable[[Sequence[str]], None]
    """Tells home automation what there is, with the profiles that are known."""
    notify: Callable[[str], object]
    """Tells systemd (sd_notify(3))."""
    restart: Callable[[], None] | None
    """Ends the process so that it is started again; None where nobody would."""
