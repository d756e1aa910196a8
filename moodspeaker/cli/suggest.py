"""`moodspeaker suggest`: the songs that fit a mood, and why."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from moodspeaker.database import Database
    from moodspeaker.music.choice import Suggestion, Wanted

SUMMARY = "name the songs that fit a mood, and why"
EPILOG = """\
The best first.  Without a seed, songs that are as good take turns.

  moodspeaker suggest --mood happy
  moodspeaker suggest --mood sad --count 5 --seed 1 --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from moodspeaker.cli.plain import count, whole_number
    from moodspeaker.domain.emotion import EMOTIONS

    parser.epilog = EPILOG
    parser.add_argument("--mood", required=True, choices=[str(mood) for mood in EMOTIONS], help="of the room")
    parser.add_argument(
        "--target", default="match", choices=["match", "lift", "calm"],
        help="songs for the mood, or where lift or calm lead from it (match)",
    )  # fmt: skip
    parser.add_argument("--profile", default="household", metavar="NAME", help="whose taste (household)")
    parser.add_argument("--count", type=count, default=10, metavar="N", help="songs (10)")
    parser.add_argument("--seed", type=whole_number, metavar="S", help="the same seed gives the same songs")
    parser.add_argument("--json", action="store_true", help="one JSON object a song")


def run(arguments: argparse.Namespace) -> int:
    """Print a line a song; return 1 where there is no index yet."""
    from contextlib import closing

    from moodspeaker.cli.owner import act_as_owner
    from moodspeaker.config.glance import library_settings
    from moodspeaker.database import Database
    from moodspeaker.errors import StoreError
    from moodspeaker.library.choosing import SongChooser
    from moodspeaker.library.migrations import FILE, migrations
    from moodspeaker.resources import place
    from moodspeaker.timestamps import Timestamps, boot_id, this_instant

    folder, household = library_settings(arguments.config, arguments.set)
    act_as_owner(folder)
    file = os.path.join(folder, FILE)
    if not os.path.exists(file):
        message = f"{file}: there is no index yet: moodspeaker index scan"
        raise StoreError(message)
    seed = int.from_bytes(os.urandom(4)) if arguments.seed is None else arguments.seed
    schema = os.path.join(place("music-index"), "schema")
    with closing(Database(file, lambda: migrations(schema))) as database:
        database.write(lambda _: None)
        chooser = SongChooser(database, Timestamps(this_instant, boot_id()), household)
        songs = chooser.suggest(_wanted(arguments), arguments.count, seed)
        fault = "" if songs else database.fault or _nothing(database)
        if songs:
            chooser.keep()
    for song in songs:
        print(json.dumps(song.as_json(), allow_nan=False) if arguments.json else _line(song))
    if not songs:
        raise StoreError(fault)
    return 0


def _nothing(database: Database) -> str:
    """Return why there is nothing to suggest, with the cure."""
    from moodspeaker.domain.wording import NO_SONGS

    query = (
        "SELECT 1 FROM scan_state WHERE name = 'scanned_at' "
        "AND NOT EXISTS (SELECT 1 FROM songs WHERE gone IS NULL)"
    )
    if database.read(query, {}):
        return NO_SONGS
    return "the index has no songs with a mood: moodspeaker index scan"


def _wanted(arguments: argparse.Namespace) -> Wanted:
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.mood.affect import POINTS
    from moodspeaker.music.choice import Wanted

    mood = Emotion(arguments.mood)
    if arguments.target == "match":
        return Wanted(POINTS[mood], mood, arguments.profile)
    from moodspeaker.domain.aim import Aim
    from moodspeaker.domain.wording import GOALS as WORDS
    from moodspeaker.music.journey import GOALS

    aim = f"the {WORDS[arguments.target]} music that {arguments.target} leads to"
    return Wanted(GOALS[Aim(arguments.target)], mood, arguments.profile, aim=aim)


def _line(song: Suggestion) -> str:
    name = f"{song.artist} - {song.title}" if song.artist else song.title
    return f"{song.score:5.2f}  {name}: {'; '.join(song.reasons.values())}"
