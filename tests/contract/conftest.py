"""Fixtures of the broker's contract."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import pytest

from moodspeaker.adapters.mqtt import client as mqtt
from moodspeaker.adapters.mqtt.link_faults import Retry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def links_end() -> Iterator[None]:
    """Wait for the links' threads, and let what the library leaves to the collector be collected here."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("mqtt "):
            thread.join(5)
    gc.collect()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon, whatever the fault."""
    monkeypatch.setattr(mqtt, "DELAYS", dict.fromkeys(Retry, (0.1, 0.3, 0.5)))
