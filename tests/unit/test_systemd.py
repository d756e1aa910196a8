"""The supervisor's protocol."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from moodspeaker.adapters.systemd import notify

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_is_told(root: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    address = str(root / "notify") if kind == "path" else f"@moodspeaker-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(address.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert notify("READY=1\nSTATUS=läuft")
        assert supervisor.recv(100) == "READY=1\nSTATUS=läuft".encode()


def test_nobody_to_tell_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")


def test_a_supervisor_that_is_gone_stops_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(root / "gone"))
    assert not notify("WATCHDOG=1")
    assert "WATCHDOG=1" in caplog.text
