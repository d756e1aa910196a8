"""The dialogue's second half: the page, for this machine or for phones too, and the code that opens it."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.cli.setup import places as files
from moodspeaker.config.hosts import is_loopback
from moodspeaker.errors import DaemonError, MoodspeakerError

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.cli.setup.places import Places
    from moodspeaker.cli.setup.questions import Questions
    from moodspeaker.config.schema import Config

SETTINGS: Final = "50-setup.toml"
"""The file in `conf.d` that holds what was chosen here."""
TOKEN: Final = "web-token"  # noqa: S105 - the name of its file
BACK_WITHIN: Final = 15.0
"""Seconds in which a speaker that is started again must answer."""
FOR_PHONES: Final = f"""\
{files.MARK}
[web]
host = "0.0.0.0"
token_file = "{{token}}"
"""


def dialogue(config: Config, questions: Questions, places: Places) -> None:
    """Open the page for phones where that is wanted, and show its address and code."""
    questions.say("")
    if not config.web.port:
        questions.say("Page: there is none (web.port is 0).")
        return
    changed = False
    if is_loopback(config.web.host) and not config.web.token_file:
        wanted = questions.choose("Page: shall phones in your network open it, with a code?", ("no", "yes"))
        changed = wanted == "yes" and open_for_phones(questions, places)
    if changed and not (places.of_service and files.restart("moodspeaker")):
        questions.say("Start the speaker again, then open the page with: moodspeaker pair")
        return
    told = _pairing(config, wait=changed, questions=questions)
    if told is not None:
        from moodspeaker.cli.pair import text_of

        questions.say(text_of(told))


def open_for_phones(questions: Questions, places: Places) -> bool:
    """Make a token and write the settings that let phones in; return whether that could be done."""
    folder = places.settings.parent
    settings, token = folder / "conf.d" / SETTINGS, folder / TOKEN
    if not files.is_ours(settings):
        questions.say(f"{settings} is not one that setup wrote, so it stays as it is.")
        return False
    try:
        if not places.settings.exists():
            files.write(places.settings, f"{files.MARK}: settings may be added here\n")
        if not token.exists():
            files.write(token, f"{secrets.token_hex(16)}\n", secret=True)
        files.write(settings, FOR_PHONES.format(token=_toml(token)))
    except OSError as error:
        questions.say(f"{folder}: {error.strerror}: run it with sudo to let phones in.")
        return False
    questions.say(f"Phones may open it from its next start on ({settings}).")
    return True


def _toml(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _pairing(config: Config, *, wait: bool, questions: Questions) -> Any:  # noqa: ANN401 - JSON
    """Return the page's addresses and a code; None where the speaker does not run, which is said."""
    from moodspeaker.cli.client import post

    until = time.monotonic() + (BACK_WITHIN if wait else 0.0)
    while True:
        try:
            return post(config.api_socket, "/api/pair", "{}")
        except DaemonError as error:
            if time.monotonic() >= until:
                questions.say(f"Page: {error}. Its address and code then: moodspeaker pair")
                return None
        except MoodspeakerError as error:
            questions.say(f"Page: {error}")
            return None
        time.sleep(0.5)
