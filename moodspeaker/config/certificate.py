"""A certificate and its key as they stand on the disk: read, matched, and asked when they end."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from typing import Final

from moodspeaker.errors import ConfigError

KEYS: Final = "web.cert_file", "web.key_file"
BEGIN: Final = "-----BEGIN CERTIFICATE-----"
END: Final = "-----END CERTIFICATE-----"
VALIDITY: Final = re.compile(
    rb"\x30.(?:\x17\x0d\d{12}Z|\x18\x0f\d{14}Z)(?:\x17\x0d|\x18\x0f)(\d{12}(?:\d\d)?Z)", re.DOTALL
)
"""A certificate's beginning and end, in DER; the group is the end."""
SHORT_TIME: Final = 13
"""Characters of a time whose year has two digits."""


def checked_context(cert_file: str, key_file: str) -> ssl.SSLContext:
    """Return a server's context with this certificate; raise ConfigError where the files are no pair."""
    for key, file in zip(KEYS, (cert_file, key_file), strict=True):
        if not file:
            raise ConfigError([f"{key} is empty: name both {KEYS[0]} and {KEYS[1]}, or neither"])
        try:
            with open(file, "rb"):  # noqa: PTH123 - as `config.secrets`
                pass
        except OSError as error:
            raise ConfigError([f"{key} = {file!r}: {error.strerror}: name a PEM file"]) from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert_file, key_file, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            why = f"{key_file} is not the key of this certificate: name the pair that belongs together"
        else:
            why = f"not a certificate and its key in PEM ({error.reason or error}): name others"
        raise ConfigError([f"{KEYS[0]} = {cert_file!r}: {why}"]) from None
    return context


def expiry(cert_file: str) -> float:
    """Return when the first certificate of a file ends, in seconds since the epoch; raise ConfigError.

    The standard library decodes the certificate of a peer alone; the validity is two times side by side in
    the DER (RFC 5280, 4.1.2.5), and nothing else looks like them.
    """
    try:
        with open(cert_file, encoding="ascii", errors="replace") as source:  # noqa: PTH123 - as above
            text = source.read()
        first = text[text.index(BEGIN) : text.index(END) + len(END)]
        found = VALIDITY.search(ssl.PEM_cert_to_DER_cert(first))
    except (OSError, ValueError) as error:
        raise ConfigError([f"{KEYS[0]} = {cert_file!r}: no certificate in PEM ({error})"]) from None
    if found is None:
        raise ConfigError([f"{KEYS[0]} = {cert_file!r}: a certificate without an end: name another"])
    ends = found[1].decode()
    if len(ends) == SHORT_TIME:  # two digits of the year: 1950 to 2049
        ends = ("19" if ends >= "50" else "20") + ends
    return datetime.strptime(ends, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
