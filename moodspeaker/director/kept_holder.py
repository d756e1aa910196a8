"""Whose the music is, as one line of text for the disk: a hold and a person's stop outlast a restart.

The end of a hold is kept on both clocks.  Within one start of the machine the monotonic one counts, which
nobody sets.  After another start there is only the wall clock, which may be wrong until the network is there:
so what is left of a hold is never more than it was to last.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import Final

from moodspeaker.director.ahead import MINUTE
from moodspeaker.director.control import Control, Holder
from moodspeaker.domain.moment import Moment
from moodspeaker.values import dataclass

CONTROL: Final = "control"
"""The setting under which it is kept."""
EXACT: Final = 10.0
"""Seconds by which the end of a hold on the disk may be wrong: who edits a queue renews it all the time."""


@dataclass(frozen=True, slots=True)
class KeptHolder:
    """Whose the music is at a start, and what the disk says of it."""

    holder: Holder = field(default_factory=Holder)
    on_disk: Holder | None = field(default_factory=Holder)
    """What is read from the disk in this start of the machine; None: something that is over or is none."""
    boot: str | None = None
    """What names this start of the machine; None where that is not known."""


def is_worth_a_write(on_disk: Holder | None, holder: Holder) -> bool:
    """Tell whether the disk is to say another thing than it does."""
    if on_disk is None or (on_disk.control, on_disk.minutes) != (holder.control, holder.minutes):
        return True
    before, until = on_disk.until, holder.until
    if before is None or until is None:
        return before is not until
    return max(abs(until.monotonic - before.monotonic), abs(until.wall - before.wall)) >= EXACT


def to_text(holder: Holder, boot: str | None) -> str:
    """Return it as text; `boot` names this start of the machine."""
    said: dict[str, object] = {"control": str(holder.control)}
    if holder.control is Control.HELD:
        said["minutes"] = holder.minutes
        said["until"] = None if holder.until is None else [holder.until.monotonic, holder.until.wall]
        said["boot"] = boot
    return json.dumps(said)


def from_text(text: str, now: Moment, boot: str | None) -> KeptHolder:
    """Return what `to_text` wrote: ours where that is none, and where the hold is over by now."""
    if not text:
        return KeptHolder(boot=boot)
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    match said:
        case {
            "control": "held",
            "until": [int() | float() as monotonic, int() | float() as wall],
            "minutes": int() | float() as minutes,
            "boot": str() | None as before,
        }:
            until = Moment(float(monotonic), float(wall))
            return _with_countdown(
                until, float(minutes), now, boot, same_boot=boot is not None and before == boot
            )
        case {"control": "held", "until": None}:
            holder = Holder(Control.HELD)
        case {"control": "stopped_by_user"}:
            holder = Holder(Control.STOPPED_BY_USER)
        case {"control": "ours"}:
            holder = Holder()
        case _:
            return KeptHolder(on_disk=None, boot=boot)
    return KeptHolder(holder, holder, boot)


def _with_countdown(
    until: Moment, minutes: float, now: Moment, boot: str | None, *, same_boot: bool
) -> KeptHolder:
    """Return a hold with what is left of it."""
    left = until.monotonic - now.monotonic if same_boot else until.wall - now.wall
    if not left > 0:
        return KeptHolder(on_disk=None, boot=boot)
    if same_boot and left <= minutes * MINUTE:
        holder = Holder(Control.HELD, until, minutes)
        return KeptHolder(holder, holder, boot)
    return KeptHolder(Holder(Control.HELD, now.later(min(left, minutes * MINUTE)), minutes), None, boot)
