"""The household: what this speaker tells the others of songs, and learns from them, by way of the broker.

Theory of operation
===================
1. Each speaker publishes what it knows below `moodspeaker/household/<name>/<replica>`, a retained topic for
   each part (`music.household`), and nobody publishes on another's.  All follow what stands below the name.
2. A new link is listened to for `LISTEN` seconds before the first word of ours: a database that was set back
   hears of itself what it has forgotten.
3. What was said goes out at once, but never more than one batch every `SOON` seconds; plays alone wait for
   `SELDOM`.  A batch is one part a tick, each only where it differs from what stands there.
4. A broker that lost everything is told again by each speaker that is on.  Whose own message was not heard
   for `CARRY` seconds on a link is told of by the others beside their own, until it is heard again; not of
   one that took back what it had published.
5. A message that cannot be understood is dropped, with one line in the log for each topic, of `NAMED` topics.
6. Moods that were given elsewhere are written some a second: each waits for the disk, and so does all else.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.broker import BrokerState
from moodspeaker.domain.entities import household_topic
from moodspeaker.domain.moment import rfc3339
from moodspeaker.errors import HouseholdError, StoreError
from moodspeaker.music.household import PARTS
from moodspeaker.music.household_message import decode, encode
from moodspeaker.speaker.views import HouseholdView, MemberView
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.household import Member
    from moodspeaker.ports import Broker, Household

OFF: Final = "mqtt.host is empty, and speakers share by a broker: set it"
LISTEN: Final = 5.0
"""Seconds on a new link before anything is counted or published."""
SOON: Final = 30.0
"""Seconds between two batches."""
SELDOM: Final = 15 * 60.0
"""Seconds for which plays wait where nothing was said."""
CARRY: Final = 10 * 60.0
"""Seconds on a link after which a speaker that was not heard is told of by the others."""
NAMING: Final = 60.0
"""Seconds between two looks for new songs in the index."""
NAMED: Final = 100
"""Topics of messages that cannot be understood which the log names."""
AT_ONCE: Final = 20
"""Moods of other rooms that are given to songs at once."""
LONGEST_NUMBER: Final = 3
"""Digits of a part's number."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HouseholdMessage:
    """Something was published below the household's topic."""

    topic: str
    payload: bytes
    retained: bool
    """Whether the broker had kept it."""


class Sharing:
    """Publishes and learns; used on the event loop.  A moment is seconds of the monotonic clock."""

    def __init__(
        self,
        name: str,
        speaker: str,
        household: Household,
        broker: Broker,
        correct: Callable[[str, Emotion | None], None],
    ) -> None:
        """Take the household's name, empty where nothing is shared, and our `mqtt.id`.

        `correct` gives a song of the index another mood.
        """
        self._name, self._speaker = name, speaker
        self._household, self._broker, self._correct = household, broker, correct
        self._below = household_topic(name)
        self._replica = ""
        self._dirty: set[int] = set()
        """Parts to be published."""
        self._said = True
        self._linked_at: float | None = None
        self._counted_at = self._sent_at = self._named_at = float("-inf")
        self._standing: set[str] = set()
        """Whose own messages were heard on this link."""
        self._carried: frozenset[str] = frozenset()
        self._refused: set[str] = set()
        """Topics whose messages could not be understood."""
        self._more_moods = False
        """Whether songs are still to be given the moods that they have in other rooms."""
        self._members: Sequence[Member] = ()

    def start(self, post: Callable[[HouseholdMessage], None]) -> None:
        """Listen to the others; clear what is published no more.  `post` gets what was heard, for `take`."""
        for household, replica in self._household.published():
            self._clear(household, replica)
        if self._name:
            self._members = self._household.members()
            self._broker.follow(
                self._below,
                lambda topic, payload, retained: post(HouseholdMessage(topic, payload, retained)),
            )

    @property
    def view(self) -> HouseholdView | None:
        """What there is to show; None where nothing is shared."""
        if not self._name:
            return None
        heard: dict[str, float] = {}
        for member in self._members:
            if member.speaker != self._speaker:
                heard[member.speaker] = max(member.heard or 0.0, heard.get(member.speaker, 0.0))
        speakers = tuple(MemberView(speaker, rfc3339(at)) for speaker, at in sorted(heard.items()))
        return HouseholdView(self._name, speakers, OFF if self._broker.state is BrokerState.OFF else "")

    # --- ours ---------------------------------------------------------------------------------------------

    def said(self) -> None:
        """Note that a person said something of a song: it is told soon."""
        self._said = True

    def correct(self, uri: str, mood: Emotion | None) -> None:
        """Give a song the mood that a person says, here and in the household.  Raises StoreError."""
        self._correct(uri, mood)
        part = self._household.correct(uri, mood) if self._name else None
        if part is not None:
            self._dirty.add(part)

    def tick(self, now: float) -> None:
        """Do what is due: call it every second."""
        if not self._name:
            return
        if self._more_moods:
            self._apply()
        else:
            self._name_songs(now)
        if self._broker.state is not BrokerState.OK:
            self._linked_at = None
            self._standing.clear()
            return
        if self._linked_at is None:
            self._linked_at = now
        linked = now - self._linked_at
        if linked < LISTEN:
            return
        if linked >= CARRY:
            self._carry()
        if now - self._counted_at >= (SOON if self._said else SELDOM):
            self._count(now)
        elif self._dirty and now - self._sent_at >= SOON:
            self._publish(self._dirty.pop())
            if not self._dirty:
                self._sent_at = now

    def _count(self, now: float) -> None:
        """Count some of what is new; go on with the next tick until there is nothing more."""
        parts = self._household.count()
        if parts is None:
            self._said, self._counted_at = False, now
        else:
            self._dirty.update(parts)
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Take notice of another name of ours: what stands under the old one is no more ours to change."""
        replica = self._household.replica
        if replica == self._replica:
            return
        for part in range(PARTS):
            self._broker.leave(f"{self._below}/{self._replica}/{part}")
        self._replica = replica
        self._household.note_published(replica, published=True)
        self._dirty.update(range(PARTS))

    def _publish(self, part: int) -> None:
        told = self._household.told(part, self._carried)
        if told is not None:
            self._broker.publish(f"{self._below}/{self._replica}/{part}", encode(told), retain=True)

    def _carry(self) -> None:
        carried = frozenset(
            member.replica
            for member in self._members
            if not member.withdrawn and member.replica not in self._standing
        )
        if carried != self._carried:
            self._carried = carried
            self._dirty.update(range(PARTS))

    # --- others -------------------------------------------------------------------------------------------

    def take(self, message: HouseholdMessage) -> None:
        """Learn from a message of another speaker, or of our own from before."""
        replica, _, number = message.topic.removeprefix(f"{self._below}/").partition("/")
        if not message.payload:
            if not message.retained and replica != self._replica:
                self._household.withdraw(replica)
                self._members = self._household.members()
            return
        known = number.isdecimal() and number.isascii() and len(number) <= LONGEST_NUMBER
        part = int(number) if known else PARTS
        try:
            told = decode(message.payload, part)
        except HouseholdError as error:
            if message.topic not in self._refused and len(self._refused) < NAMED:
                self._refused.add(message.topic)
                _log.warning("household: %.100r is dropped: %s", message.topic, error)
            return
        self._refused.discard(message.topic)
        self._standing.add(replica)
        if self._household.take(told, part):
            self._members = self._household.members()
            self._apply()
            if self._replica:
                self._begin_anew()

    def _name_songs(self, now: float) -> None:
        """Find out how new songs of the index are known, some at a time, and what was said of them before."""
        if now - self._named_at < NAMING:
            return
        if not self._household.name_songs():
            self._named_at = now
            self._apply()

    def _apply(self) -> None:
        """Give songs the moods that they have in other rooms."""
        corrections = self._household.corrections()
        self._more_moods = False
        try:
            for uri, mood in corrections[:AT_ONCE]:
                self._correct(uri, mood)
                _log.info("household: %s is %s in another room", uri, mood or "for the models to decide")
        except StoreError as error:
            _log.warning("household: %s", error)
            return
        self._more_moods = len(corrections) > AT_ONCE
        if not self._more_moods:
            self._household.note_corrected()

    # --- the end ------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Erase what was learned, and clear what we published.  Raises StoreError."""
        self._household.forget()
        for household, replica in self._household.published():
            self._clear(household, replica)
        self._members, self._replica, self._carried = (), "", frozenset()
        self._said = True

    def _clear(self, household: str, replica: str) -> None:
        """Clear the topics of a replica of ours, and note it when the broker has confirmed all of them."""
        left = set(range(PARTS))

        def done(part: int) -> None:
            left.discard(part)
            if not left:
                self._household.note_published(replica, published=False)

        for part in range(PARTS):
            topic = f"{household_topic(household)}/{replica}/{part}"
            self._broker.leave(topic)
            self._broker.clear(topic, lambda part=part: done(part))  # type: ignore[misc]
