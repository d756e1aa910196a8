"""`moodspeaker forget`: erase the records of the room, or what the household told, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

SUMMARY: Final = "erase the records and the calibration, or what the household told, at once"
EPILOG: Final = """\
They are kept for records.hours and then erased by themselves; 0 keeps none.  Settings stay, and so does the
listener's taste: what was heard, liked or disliked.  Where no speaker runs, they are erased from the files in
paths.state; exit code 1: there are none.

--household erases what other speakers told (mqtt.household) instead, and clears what this one told them at
the broker.  What they have learned stays with them until they do the same; while mqtt.household is set, what
they publish is learned anew.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = EPILOG
    parser.add_argument(
        "--household", action="store_true", help="what other speakers told, in place of the records"
    )


def run(arguments: Namespace) -> int:
    """Erase them; return 0."""
    from moodspeaker.cli.client import NotRunning, erase, find

    if arguments.household:
        erase(find(arguments), "/api/household")
        print(
            "what the household told is erased; the other speakers keep what they have learned from this one"
        )
        return 0
    try:
        erase(find(arguments), "/api/records")
    except NotRunning:
        _erase_from_files(arguments)
    print("the records of looks and decisions, and the calibration, are erased")
    return 0


def _erase_from_files(arguments: Namespace) -> None:
    """Erase them where no speaker runs; raise StoreError, also where there is nothing to erase."""
    import time
    from contextlib import closing

    from moodspeaker.adapters.state.store import FILE, SqliteStore
    from moodspeaker.config.load import load
    from moodspeaker.domain.moment import Moment
    from moodspeaker.errors import StoreError
    from moodspeaker.speaker.calibrating import RESTING
    from moodspeaker.timestamps import Timestamps, boot_id

    config = load(arguments.config, arguments.set)
    file = config.state_folder / FILE
    if not file.exists():
        cure = "start the speaker, whose files may be elsewhere, and call this again"
        message = f"{file}: no such file, nothing is erased: {cure}"
        raise StoreError(message)
    timestamps = Timestamps(lambda: Moment(time.monotonic(), time.time()), boot_id())
    with closing(SqliteStore(config.state_folder, config.records.hours, timestamps)) as store:
        store.forget()
        store.set(RESTING, "")
