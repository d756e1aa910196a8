"""What a start of the speaker leaves for later, or out."""

from __future__ import annotations

import json
import subprocess
import sys

START = "import moodspeaker.cli.run, moodspeaker.app"


def after_the_start(expression: str) -> object:
    """Return an expression's value in a process that has loaded the speaker."""
    code = f"{START}\nimport json, ssl, sys, aiohttp.connector\nprint(json.dumps({expression}))"
    return json.loads(subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60))


def test_what_is_asked_for_now_and_then_is_not_loaded_at_the_start() -> None:
    later = {
        "difflib",
        "moodspeaker.adapters.mpd.player",
        "moodspeaker.adapters.mqtt.client",
        "moodspeaker.director.rehearsal",
        "moodspeaker.library.browsing",
        "moodspeaker.mood.tuning",
        "moodspeaker.web.documentation",
        "mpd",
        "paho",
    }

    loaded = after_the_start("list(sys.modules)")

    assert isinstance(loaded, list)
    assert later.isdisjoint(loaded), "each module costs a start about a millisecond"


def test_the_certificate_authorities_are_not_read_by_aiohttp_and_are_there_for_others() -> None:
    here = "ssl.create_default_context().cert_store_stats()['x509']"
    stores = ", ".join(
        f"aiohttp.connector.{name}.cert_store_stats()['x509']"
        for name in ("_SSL_CONTEXT_VERIFIED", "_SSL_CONTEXT_UNVERIFIED")
    )

    found = after_the_start(f"[{stores}, {here}]")

    assert found == [0, 0, int(subprocess.check_output([sys.executable, "-c", f"import ssl; print({here})"]))]
