"""What the broker takes of what we publish: answers, refusals, what is better left out; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mqtt.link_faults import NOT_AUTHORIZED, TOO_LARGE, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

OVERHEAD: Final = 12
"""Bytes of a packet beside topic and payload, at most (MQTT 5, 3.3, without properties)."""
FIRST_REFUSAL: Final = 128
"""Reason codes from here on are refusals (MQTT 5, 2.4)."""


class Acceptance:
    """Messages that wait for an answer, and topics that the broker refuses.

    A size is bytes of topic and payload.
    """

    def __init__(self) -> None:
        self._largest: int | None = None
        self._waiting: dict[int, tuple[str, int]] = {}
        self._refused: dict[str, Refusal] = {}
        self._left_out: dict[str, tuple[int, Refusal]] = {}
        """The size from which on a topic's messages are left out, and why."""

    @property
    def refused(self) -> Mapping[str, Refusal]:
        """The topics on which the broker does not take what we publish."""
        return self._refused

    def new_link(self, largest_packet: int | None) -> None:
        """Begin with another link, whose broker takes packets of so many bytes at most."""
        self._largest = largest_packet
        self._waiting.clear()

    def may_send(self, topic: str, size: int) -> bool:
        """Tell whether to send a message of this size at all; if not, its topic counts as refused."""
        refusal = None
        if self._largest is not None and size + OVERHEAD > self._largest:
            refusal = Refusal(TOO_LARGE, "Packet too large")
        elif topic in self._left_out and size >= self._left_out[topic][0]:
            refusal = self._left_out[topic][1]
        if refusal is not None:
            self._refused[topic] = refusal
        return refusal is None

    def sent(self, request: int, topic: str, size: int) -> None:
        """Wait for the answer to a message."""
        self._waiting[request] = (topic, size)

    def answered(self, request: int, code: int, name: str) -> None:
        """Take the answer to a message."""
        if request not in self._waiting:
            return
        topic, _ = self._waiting.pop(request)
        if code >= FIRST_REFUSAL:
            self._refused[topic] = Refusal(code, name)
        else:
            self._refused.pop(topic, None)

    @property
    def largest_waiting(self) -> str:
        """The topic of the largest message that waits for its answer, else empty."""
        return max(self._waiting.values(), key=lambda message: message[1], default=("", 0))[0]

    def leave_out(self, topic: str, code: int, name: str) -> None:
        """Leave out, on later links, what waits on a topic and what is larger, for the broker's reason."""
        size = max(size for waiting, size in self._waiting.values() if waiting == topic)
        self._refused[topic] = refusal = Refusal(code, name)
        self._left_out[topic] = (0 if code == NOT_AUTHORIZED else size, refusal)

    def leave_nothing_out(self) -> None:
        """Send everything again: it may be another broker now."""
        self._left_out.clear()
