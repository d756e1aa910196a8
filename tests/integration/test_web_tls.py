"""The page over TLS: with a CA of our own, renewed under way, and named when it is no good."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.certificates import make
from support.fake_daemon import SNAPSHOT, FakeDaemon, settings
from support.servers import free_port
from support.web_api import ask, serve

from moodspeaker.config.certificate import expiry
from moodspeaker.config.check import cautions, refusals

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.config.schema import Config
    from moodspeaker.web.app import Api


def secure(root: Path, certificate: str = "one", key: str = "one") -> Config:
    """Return settings with these files."""
    files = {"cert_file": str(root / f"{certificate}.pem"), "key_file": str(root / f"{key}.key")}
    return settings(root, port=free_port(), **files)


async def serial_at(root: Path, address: str) -> str:
    """Ask over TLS and return the certificate's serial number."""
    context = ssl.create_default_context(cafile=str(root / "ca.pem"))
    assert await ask(address, "GET", "/api/status", ssl=context) == (200, SNAPSHOT)
    port = int(address.rstrip("/").rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    seen: dict[str, Any] = writer.get_extra_info("peercert")
    writer.close()
    return str(seen["serialNumber"])


def test_it_speaks_https_and_takes_a_renewed_certificate_without_a_restart(root: Path) -> None:
    make(root, "one")
    make(root, "two")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert api.address.startswith("https://")
        old = await serial_at(root, api.address)
        for end in (".key", ".pem"):
            shutil.copy(root / f"two{end}", root / f"one{end}")
        assert await serial_at(root, api.address) != old
        assert api.reason == ""
        (root / "one.pem").write_text("broken", encoding="utf-8")
        await serial_at(root, api.address)
        assert "goes on with the old certificate" in api.reason

    serve(secure(root), story)


def test_a_mismatched_pair_is_named_everywhere_and_leaves_the_socket(root: Path) -> None:
    make(root, "one")
    make(root, "two")
    config = secure(root, key="two")
    assert "is not the key of this certificate" in " ".join(refusals(config))

    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert "is not the key of this certificate" in api.reason
        assert (await ask(root / "api.sock", "GET", "/healthz"))[0] == 200

    serve(config, story)


def test_an_expired_certificate_is_named(root: Path) -> None:
    make(root, "one", days=0)
    config = secure(root)
    assert expiry(str(root / "one.pem")) == pytest.approx(time.time(), abs=120)
    assert list(refusals(config)) == []
    assert "has expired" in " ".join(cautions(config, time.time()))

    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert "has expired" in api.reason

    serve(config, story)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"cert_file": "one.pem"}, "web.key_file is empty"),
        ({"key_file": "one.key"}, "web.cert_file is empty"),
        ({"cert_file": "gone.pem", "key_file": "one.key"}, "gone.pem"),
        ({"cert_file": "names", "key_file": "one.key"}, "not a certificate and its key in PEM"),
    ],
)
def test_what_is_missing_or_no_certificate_is_named(root: Path, files: dict[str, str], said: str) -> None:
    make(root, "one")
    config = settings(root, port=free_port(), **{key: str(root / name) for key, name in files.items()})
    assert said in " ".join(refusals(config))

    async def story(api: Api, daemon: FakeDaemon) -> None:
        assert said in api.reason

    serve(config, story)
