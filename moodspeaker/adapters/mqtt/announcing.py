"""What the broker keeps of us, told to Home Assistant and remembered between two starts.

A topic or a component that was used once and is no more (another `mqtt.id` or prefix, an entity that makes no
sense without a music server) is removed where it was shown.  So what was ever published retained is noted
durably, before it is; a cleared topic is forgotten when the broker has confirmed it, for another speaker may
use it from then on.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mqtt.home_assistant import announcement, device_topic
from moodspeaker.domain.entities import announced, prefix, retained_topics
from moodspeaker.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodspeaker.config.schema import MqttSettings
    from moodspeaker.domain.entities import Entity, Need
    from moodspeaker.ports import Broker, Store

SETTING: Final = "retained_topics"
"""Its name in the store."""

_log = logging.getLogger(__name__)


class Announcer:
    """Publishes the discovery and clears what is used no more; used on the event loop."""

    def __init__(self, settings: MqttSettings, entities: Sequence[Entity], store: Store) -> None:
        self._settings, self._entities, self._store = settings, entities, store
        self._noted = noted_topics(store.get(SETTING, "{}"))

    def announce(self, have: frozenset[Need], broker: Broker, profiles: Sequence[str]) -> None:
        """Publish what a speaker with these parts shows, and let what else was noted be cleared.

        It is called again where other profiles are known.
        """
        settings, identity = self._settings, self._settings.id
        shown = announced(self._entities, have, sorted(profiles))
        device = device_topic(identity, settings.discovery_prefix)
        present = {entity.topic: str(entity.component) for entity in shown}
        known = self._noted.get(device, {})
        gone = {key: platform for key, platform in known.items() if key not in present}
        messages = announcement(shown, identity, settings.discovery, settings.discovery_prefix, gone)
        wanted: dict[str, Mapping[str, str]] = {
            topic: {} for topic in retained_topics(prefix(identity), self._entities)
        }
        wanted |= {message.topic: gone | present if message.topic == device else {} for message in messages}
        unused = self._noted.keys() - wanted.keys()
        self._noted |= wanted
        self._keep()
        for message in messages:
            broker.publish(message.topic, message.payload, retain=message.retain)
        for topic in sorted(unused):
            broker.clear(topic, lambda topic=topic: self._forget(topic))  # type: ignore[misc]

    def _forget(self, topic: str) -> None:
        self._noted.pop(topic, None)
        self._keep()

    def _keep(self) -> None:
        try:
            self._store.set(SETTING, json.dumps(self._noted, sort_keys=True))
        except StoreError as error:
            _log.warning("what is shown in home automation cannot be noted: %s", error)


def noted_topics(text: str) -> dict[str, Mapping[str, str]]:
    """Return the topics that were noted, each with the components announced there; nothing of a bad note."""
    try:
        noted = json.loads(text)
    except ValueError:
        return {}
    return {topic: dict(components) for topic, components in noted.items()}
