"""The supervisor's protocol."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from moodspeaker.adapters.systemd import RESTART_STATUS, notify, restart_status

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


@pytest.mark.parametrize(
    ("word", "status"), [("75", 75), ("0", 0), ("", None), ("soon", None), ("256", None), ("-1", None)]
)
def test_a_service_says_with_which_status_we_come_back(
    word: str, status: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESTART_STATUS, word)
    assert restart_status() == status


def test_a_status_that_is_none_is_named_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(RESTART_STATUS, "one day")
    assert restart_status() is restart_status() is None
    assert caplog.messages == [f"{RESTART_STATUS} = 'one day' is no exit status: write 0 to 255, or unset it"]


def test_without_a_service_nobody_starts_us_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(RESTART_STATUS, raising=False)
    assert restart_status() is None
