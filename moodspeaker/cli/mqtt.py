"""`moodspeaker mqtt`: what the broker keeps of this speaker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY: Final = "remove what the MQTT broker keeps of this speaker"
EPILOG: Final = """\
  moodspeaker mqtt purge    clear every retained topic of ours, and with them the device in Home Assistant and
                            what it told its household; what other speakers have learned stays with them

Stop the speaker first, else it publishes everything again: systemctl stop moodspeaker
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = EPILOG
    parser.add_argument("action", choices=("purge",), help="purge: clear every retained topic of ours")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each topic that was cleared")


def run(arguments: Namespace) -> int:
    """Clear what the broker keeps; return 0, 1 where a running speaker would publish it again."""
    from moodspeaker.adapters.mqtt.purge import purge
    from moodspeaker.cli.client import ask
    from moodspeaker.config.load import load
    from moodspeaker.domain.entities import ROOT
    from moodspeaker.domain.household import HOUSEHOLDS
    from moodspeaker.errors import DaemonError

    config = load(arguments.config, arguments.set)
    try:
        ask(config.api_socket, "/api/status")
    except DaemonError:
        pass
    else:
        message = (
            "the speaker runs and would publish everything again: stop it first (systemctl stop moodspeaker)"
        )
        raise DaemonError(message)
    if not config.mqtt.host:
        if not arguments.json:
            print("mqtt.host is empty: there is no broker to clear anything at")
        return 0
    topics = purge(config.mqtt)
    if arguments.json:
        for topic in topics:
            print(json.dumps({"topic": topic}))
    else:
        print(f"cleared {len(topics)} retained topics of moodspeaker/{config.mqtt.id}")
        if any(topic.startswith(f"{ROOT}/{HOUSEHOLDS}/") for topic in topics):
            print("the other speakers of the household keep what they have learned")
    return 0
