"""What is to be published now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LAG: Final = 30.0
"""Seconds by which what every look changes may lag on MQTT."""
VOLATILE: Final = ("probabilities", "confidence", "valence", "arousal")


class Publisher:
    """Compares the snapshot with what was last published."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._published: dict[str, tuple[float, str]] = {}
        self._volatile: tuple[float, dict[str, object]] | None = None
        self._stable = ""

    def topic(self, name: str) -> str:
        """Return the full topic."""
        return f"{self._prefix}/{name}"

    def forget(self) -> None:
        """Publish everything again."""
        self._published.clear()

    def due(self, snapshot: Mapping[str, object], now: float) -> list[tuple[str, str]]:
        """Return topics and payloads."""
        calm = {key: value for key, value in snapshot.items() if key not in VOLATILE}
        stable = json.dumps(calm)
        if self._volatile is None or stable != self._stable or now - self._volatile[0] >= LAG:
            self._volatile = (now, {key: snapshot[key] for key in VOLATILE})
            self._stable = stable
        selection, hold = snapshot["selection"], snapshot["hold"]
        levels = {
            "state": json.dumps({**snapshot, **self._volatile[1]}),
            "mood": str(snapshot["mood"]),
            "sensing": "ON" if snapshot["sensing"] else "OFF",
            "playlist": selection["name"] or "none",  # type: ignore[index]
            "hold": "ON" if hold["active"] else "OFF",  # type: ignore[index]
        }
        due = []
        for thing, payload in levels.items():
            sent_at, sent = self._published.get(thing, (-1.0, None))
            if payload != sent and now - sent_at >= 1.0:
                self._published[thing] = (now, payload)
                due.append((thing, payload))
        return due
