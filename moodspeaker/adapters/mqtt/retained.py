"""What we keep on the broker for those who come later, and what somebody else has put in its place; pure.

Each topic that we retain is ours alone.  Where somebody overwrites or clears one it is published again: soon
the first time, and then every `AGAIN` seconds at most, so that two programs which both insist do not flood
the broker.  With MQTT 3.1.1 our own messages come back to us, an older one perhaps after a newer one was
sent, so `FOREIGN_AFTER` seconds pass before a payload that is not the wanted one counts as somebody's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.domain.broker import Message

FOREIGN_AFTER: Final = 1.0
"""Seconds that something else must stand in our place before it counts."""
AGAIN: Final = 30.0
"""Seconds between two times that one topic is put right."""


class RetainedTopics:
    """The wanted messages, one a topic; a moment is seconds of a clock that does not jump."""

    def __init__(self) -> None:
        self._wanted: dict[str, Message] = {}
        self._foreign: set[str] = set()
        """Topics on which something else was seen after the wanted message was sent."""
        self._put_right: dict[str, float] = {}
        """When each topic was last put right."""

    def __contains__(self, topic: str) -> bool:
        return topic in self._wanted

    def __iter__(self) -> Iterator[Message]:
        return iter(tuple(self._wanted.values()))

    def want(self, message: Message) -> bool:
        """Set what should stand on a topic; tell whether that is news, to be sent."""
        if self._wanted.get(message.topic) == message:
            return False
        self._wanted[message.topic] = message
        self._foreign.discard(message.topic)
        return True

    def leave(self, topic: str) -> None:
        """Want nothing on a topic from now on."""
        self._wanted.pop(topic, None)
        self._foreign.discard(topic)

    def seen(self, topic: str, payload: bytes, now: float) -> float | None:
        """Take what was published on a topic; return after how many seconds to `put_right`, if at all."""
        if payload == self._wanted[topic].encoded:
            self._foreign.discard(topic)
            return None
        if topic in self._foreign:
            return None
        self._foreign.add(topic)
        last = self._put_right.get(topic)
        return FOREIGN_AFTER if last is None else max(FOREIGN_AFTER, last + AGAIN - now)

    def put_right(self, topic: str, now: float) -> Message | None:
        """Return what to send on a topic, None where the wanted message stands there again."""
        if topic not in self._foreign:
            return None
        self._foreign.discard(topic)
        self._put_right[topic] = now
        return self._wanted[topic]

    def new_link(self) -> None:
        """Begin with another link, on which everything wanted is sent."""
        self._foreign.clear()
