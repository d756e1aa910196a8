"""Certificates of a CA of our own, made with openssl(1)."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import time
from typing import TYPE_CHECKING

from support.servers import require

if TYPE_CHECKING:
    from pathlib import Path


def openssl(folder: Path, *words: str) -> bytes:
    """Run openssl(1) in a folder and return what it says."""
    command = [require("openssl"), *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout


def make(folder: Path, name: str, days: int = 30) -> None:
    """Write NAME.pem and NAME.key, signed by ca.pem, which is made where it is missing."""
    if not (folder / "ca.pem").exists():
        openssl(
            folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "ca.key", "-out", "ca.pem", "-days", "9", "-subj", "/CN=our own",
            "-addext", "keyUsage=critical,keyCertSign",
        )  # fmt: skip
    openssl(
        folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
        f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
    )  # fmt: skip
    (folder / "names").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n", encoding="utf-8"
    )
    openssl(
        folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial",
        str(time.monotonic_ns()), "-out", f"{name}.pem", "-days", str(days), "-extfile", "names",
    )  # fmt: skip


def fingerprint(folder: Path, name: str) -> str:
    """Return the hash of NAME.pem's key, by which Chromium can be told to trust it."""
    openssl(folder, "x509", "-in", f"{name}.pem", "-pubkey", "-noout", "-out", f"{name}.pub")
    key = openssl(folder, "pkey", "-pubin", "-in", f"{name}.pub", "-outform", "der")
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
