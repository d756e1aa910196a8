"""What a check found."""

from __future__ import annotations

from enum import StrEnum

from moodspeaker.values import dataclass


class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    WARN = "warn"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """One line."""

    name: str
    verdict: Verdict
    message: str
    """What was found: cause and cure unless it is ok."""
