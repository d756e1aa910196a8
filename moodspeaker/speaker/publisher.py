"""What to publish on MQTT, and when: the rates of the table of entities; pure.

    on change          a topic is published when its payload differs from the last
    once a second      at most, a topic; what changed meanwhile follows with the next event
    every 30 seconds   at most, what every look changes (probabilities, confidence, valence, arousal, costs of
                       looking), or at once together with anything else that changed
    every 10 minutes   at most, the mood's attributes (`Entity.attributes_lag`), or at once with a new mood

The broker's adapter repeats what is retained after a loss, and where somebody overwrote it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

from moodspeaker.domain.broker import Message
from moodspeaker.domain.entities import ATTRIBUTES, ENTITIES, EVENT, OFFLINE, STATUS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodspeaker.domain.entities import Entity
    from moodspeaker.domain.entity_values import SnapshotJson

INTERVAL: Final = 1.0
"""Seconds between two messages on one topic."""
LAG: Final = 30.0
"""Seconds by which what every look changes may lag."""
VOLATILE: Final = ("probabilities", "confidence", "valence", "arousal", "vision", "machine")
"""What every look changes, in the snapshot."""
Content: TypeAlias = "str | dict[str, object]"
"""A payload, or attributes: these become text only when they are published."""


def last_will(prefix: str) -> Message:
    """Return what the broker publishes when the speaker vanishes."""
    return Message(f"{prefix}/{STATUS.topic}", OFFLINE)


class Publisher:
    """Says after each event which messages are due; a moment is seconds of the monotonic clock."""

    def __init__(self, prefix: str, entities: Sequence[Entity] = ENTITIES) -> None:
        """Prepare for topics below `prefix`, such as `moodspeaker/kitchen`."""
        self._prefix = prefix
        self._rows = [(entity, entity.value) for entity in entities if entity.value is not None]
        self._sent: dict[str, tuple[float, Content]] = {}
        self._settled: dict[str, object] = {}
        self._volatile: dict[str, object] = {}
        self._refreshed_at = float("-inf")
        self._withheld_until = float("inf")
        """When the first of what changed, and was published too lately, is due."""

    def due(self, snapshot: SnapshotJson, now: float) -> list[Message]:
        """Return what to publish now."""
        if not self._rows or not (self._is_news(snapshot, now) or now >= self._withheld_until):
            return []
        return self._changed({**snapshot, **self._volatile}, now, INTERVAL)

    def rest(self, snapshot: SnapshotJson, now: float) -> list[Message]:
        """Return all that was not published yet, whatever the rates, as before a stop."""
        return self._changed(snapshot, now, 0.0)

    def event(self, content: Mapping[str, object]) -> Message:
        """Return the message that tells an event."""
        return Message(
            f"{self._prefix}/{EVENT.topic}", json.dumps(content, ensure_ascii=False), EVENT.retained
        )

    def _is_news(self, snapshot: SnapshotJson, now: float) -> bool:
        """Tell whether there may be something to publish; then what every look changes is refreshed."""
        settled = {key: value for key, value in snapshot.items() if key not in VOLATILE}
        if settled == self._settled and now - self._refreshed_at < LAG:
            return False
        self._settled, self._refreshed_at = settled, now
        self._volatile = {key: snapshot[key] for key in VOLATILE}
        return True

    def _changed(self, snapshot: SnapshotJson, now: float, interval: float) -> list[Message]:
        messages, self._withheld_until = [], float("inf")
        for entity, value in self._rows:
            payload = value(snapshot)
            is_new = self._is_due(entity.topic, payload, now, interval)
            if is_new:
                messages.append(self._message(entity.topic, payload, now, retain=entity.retained))
            if entity.attributes is None:
                continue
            topic, lag = f"{entity.topic}/{ATTRIBUTES}", entity.attributes_lag if interval else 0.0
            attributes = dict(entity.attributes(snapshot))
            if is_new or self._is_due(topic, attributes, now, max(interval, lag)):
                messages.append(self._message(topic, attributes, now, retain=entity.retained))
        return messages

    def _is_due(self, topic: str, content: Content, now: float, interval: float) -> bool:
        sent_at, sent = self._sent.get(topic, (float("-inf"), None))
        if content == sent:
            return False
        if now - sent_at >= interval:
            return True
        self._withheld_until = min(self._withheld_until, sent_at + interval)
        return False

    def _message(self, topic: str, content: Content, now: float, *, retain: bool) -> Message:
        self._sent[topic] = (now, content)
        payload = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        return Message(f"{self._prefix}/{topic}", payload, retain)
