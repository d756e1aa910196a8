"""What a start of the speaker leaves for later, or out."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

START = "import moodspeaker.cli.run, moodspeaker.app"


def after_the_start(expression: str) -> object:
    """Return an expression's value in a process that has loaded the speaker."""
    code = f"{START}\nimport json, ssl, sys, aiohttp.connector\nprint(json.dumps({expression}))"
    return json.loads(subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60))


def when_ready(root: Path, expression: str) -> object:
    """Return an expression's value in a speaker, without music server, broker and camera, that is ready."""
    code = (
        "import gc, json, os, sys\n"
        "from moodspeaker.adapters import systemd\n"
        "def tell(words):\n"
        "    if 'READY=1' in words:\n"
        f"        print(json.dumps({expression}), flush=True)\n"
        "        os._exit(0)\n"
        "systemd.notify = tell\n"
        "from moodspeaker.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    settings = (
        f"paths.state={root}/state", f"paths.runtime={root}/run", "camera.source=none", "mpd.host=",
        "web.port=0", "vision.spawn=false",
    )  # fmt: skip
    words = ["run", "--config", os.devnull, *(word for setting in settings for word in ("--set", setting))]
    return json.loads(
        subprocess.check_output([sys.executable, "-c", code, *words], stderr=subprocess.DEVNULL, timeout=60)
    )


@pytest.mark.usefixtures("unmeasured")
def test_a_running_speaker_has_nothing_in_memory_that_it_never_needs(root: Path) -> None:
    loaded = when_ready(root, "sorted(sys.modules)")
    assert isinstance(loaded, list)
    assert {"aiohttp.web", "pydantic"} <= set(loaded)
    never = {
        "argparse", "csv", "difflib", "email.mime", "gettext", "gzip", "importlib.metadata",
        "moodspeaker.library.names", "mpd", "numpy", "paho", "tracemalloc", "zipfile",
    }  # fmt: skip
    assert never.isdisjoint(loaded)
    assert not [name for name in loaded if name.startswith("_sysconfigdata")], "how Python was built"


def test_garbage_is_collected_as_usual_once_it_is_ready(root: Path) -> None:
    assert when_ready(root, "[gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() > 50_000]") == [
        True, list(gc.get_threshold()), True,
    ]  # fmt: skip


def test_the_table_of_file_types_is_not_read_by_aiohttp_and_is_there_for_others() -> None:
    here = "__import__('mimetypes').guess_type('a.deb')[0]"

    found = after_the_start(f"[len(aiohttp.web_fileresponse.CONTENT_TYPES.types_map[True]), {here}]")

    assert isinstance(found, list)
    assert found[0] < 250, "Python's own"
    assert (
        str(found[1]) == subprocess.check_output([sys.executable, "-c", f"print({here})"], text=True).strip()
    )


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
