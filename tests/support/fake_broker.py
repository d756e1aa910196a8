"""A broker without a network: what others would see of it, and what they would say to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.domain.broker import BrokerState
from moodspeaker.domain.commands import LONGEST_COMMAND, from_words
from moodspeaker.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeBroker:
    """`ports.Broker`; `topics` and `heard` are the broker's side."""

    def __init__(self, on_command: Callable[[str, str], None] = lambda _thing, _payload: None) -> None:
        self.topics: dict[str, str] = {}
        """Retained payloads, by thing."""
        self.heard: list[tuple[str, str]] = []
        """Everything published, in order."""
        self._on_command = on_command
        self._retained = {"status": "online"}
        self._present = True
        self._started = False

    @property
    def state(self) -> BrokerState:
        """The link as it is now."""
        return BrokerState.OK if self._present and self._started else BrokerState.DOWN

    @property
    def reason(self) -> str:
        """Cause and cure when the link is down."""
        return "" if self.state is BrokerState.OK else "the fake broker is away"

    def start(self) -> None:
        """Connect."""
        self._started = True
        self._connect()

    def publish(self, thing: str, payload: str, *, retain: bool = True) -> None:
        """Publish."""
        if retain:
            if self._retained.get(thing) == payload:
                return
            self._retained[thing] = payload
        if self.state is BrokerState.OK:
            self._send(thing, payload, retain=retain)

    def stop(self) -> None:
        """Say goodbye."""
        if self.state is BrokerState.OK:
            self._send("status", "offline", retain=True)
        self._started = False

    def lose(self) -> None:
        """Let the broker end; what it retained is lost."""
        self._present = False
        self.topics.clear()

    def come_back(self) -> None:
        """Let the broker start again, empty."""
        self._present = True
        self._connect()

    def receive(self, thing: str, payload: bytes, *, retain: bool = False) -> None:
        """Let somebody publish a command."""
        if retain or len(payload) > LONGEST_COMMAND:
            return
        try:
            words = payload.decode()
            from_words(thing, words)
        except (UnicodeDecodeError, CommandError):
            return
        self._on_command(thing, words)

    def _connect(self) -> None:
        if self.state is BrokerState.OK:
            for thing, payload in self._retained.items():
                self._send(thing, payload, retain=True)

    def _send(self, thing: str, payload: str, *, retain: bool) -> None:
        self.heard.append((thing, payload))
        if retain:
            self.topics[thing] = payload
