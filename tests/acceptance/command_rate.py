"""A hundred commands a second for a minute: how long until each one's new state is published.

    PYTHONPATH=tests .venv/bin/python tests/acceptance/command_rate.py

It starts a Mosquitto with TLS and passwords, an MPD that plays and a speaker, prints the median and the 99th
percentile, and fails where a command is lost, the music is touched, or the latter is over `MOST`.
"""

from __future__ import annotations

import statistics
import sys

from support.command_rate import GuardedBroker, hold_often
from support.servers import short_folder

SECONDS = 60
MOST = 0.1
"""Seconds."""


def main() -> int:
    """Measure; return 0 where it is fast enough."""
    with short_folder() as root:
        home = GuardedBroker(root)
        with home.broker:
            waits = hold_often(home, SECONDS)
    p99 = waits[len(waits) * 99 // 100]
    print(f"{len(waits)} commands: median {1000 * statistics.median(waits):.1f} ms, p99 {1000 * p99:.1f} ms")
    return 0 if p99 <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
