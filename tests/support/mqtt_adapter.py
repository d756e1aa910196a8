"""The broker's adapter, as the tests of its faults use it."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

from moodspeaker.adapters.mqtt.client import MqttBroker
from moodspeaker.adapters.mqtt.probe import probe
from moodspeaker.config.schema import MqttSettings
from support.bystander import PREFIX, until
from support.fake_broker import WILL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from moodspeaker.domain.broker import BrokerState
    from moodspeaker.domain.commands import Command


def settings_of(port: int, host: str = "127.0.0.1", **more: Any) -> MqttSettings:  # noqa: ANN401 - any setting
    """Return the settings that reach a port, or a socket's path as `host`."""
    return MqttSettings(host=host, port=port, id="test", **more)


def broker_of(
    settings: MqttSettings, on_command: Callable[[Command], None] = lambda _command: None
) -> MqttBroker:
    """Return the adapter, not yet started, on the running loop."""
    return MqttBroker(
        settings,
        PREFIX.rstrip("/"),
        WILL,
        on_command,
        loop=asyncio.get_running_loop(),
        chance=random.Random(1),
    )


def connected(
    settings: MqttSettings,
    story: Callable[[MqttBroker], Awaitable[None]],
    on_command: Callable[[Command], None] = lambda _command: None,
) -> None:
    """Tell a story of one broker's adapter."""

    async def whole() -> None:
        broker = broker_of(settings, on_command)
        broker.publish(WILL.topic, "online", retain=True)
        broker.start()
        try:
            await story(broker)
        finally:
            broker.stop()

    asyncio.run(whole())


def expect(settings: MqttSettings, state: BrokerState, *words: str) -> None:
    """Check that the adapter and `doctor` show a state, with these words in its reason."""

    async def story(broker: MqttBroker) -> None:
        await until(lambda: broker.state is state and all(word in broker.reason for word in words), 12)
        assert "\n" not in broker.reason

    connected(settings, story)
    found, reason = probe(settings)
    assert found is state
    assert all(word in reason for word in words), reason
