"""`moodspeaker tune`: what other settings would have made of the last day, and which fit it best."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from moodspeaker.domain.look_record import LookRecord
    from moodspeaker.domain.mood import Mood
    from moodspeaker.mood.tracker import MoodSettings
    from moodspeaker.mood.tuning import Outcome

SUMMARY: Final = "propose settings of the mood from the records of the last day"
EPILOG: Final = """\
It replays the looks that the running speaker has kept (records.hours; seven numbers a face, no pictures) with
other values of mood.confirm, mood.dwell and mood.margin, and changes nothing.  A change that is followed by
another one within three minutes is brief; a mood of five minutes and more is lasting.  The settings that fit
best find nearly all lasting moods with the fewest brief changes.

  moodspeaker tune
  moodspeaker tune day/          a folder with trace.jsonl, as for moodspeaker replay, without frames
"""
TUNED: Final = ("confirm", "dwell", "margin")
"""The settings that are tried."""
FEWEST: Final = 600
"""Looks below which nothing can be told."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = EPILOG
    parser.add_argument(
        "folder", type=Path, nargs="?", metavar="DIR", help="records of another day, in place of the last"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, the proposal last")


def run(arguments: Namespace) -> int:
    """Print what each of the settings makes of the records; return 1 where there are too few."""
    from moodspeaker.config.layers import load_layers
    from moodspeaker.mood import tuning
    from moodspeaker.replaying.changes import ReplayedMood
    from moodspeaker.replaying.day import RecordedDay

    layers = load_layers(arguments.config, arguments.set)
    for reason in layers.left_out.values():
        print(f"moodspeaker: {reason}", file=sys.stderr)
    settings = layers.config.mood
    looks = list(_looks(arguments))
    if len(looks) < FEWEST:
        print(f"{len(looks)} looks are on record: come back after an hour with somebody in the room")
        return 1
    outcomes: list[Outcome] = []
    tried = tuning.candidates(settings)
    begin, end = looks[0].at.wall, looks[-1].at.wall
    for each, replayed in zip(tried, ReplayedMood.of(RecordedDay.of_looks(looks), tried), strict=True):
        changes = list(replayed.changes())
        if not outcomes:
            taken = tuning.shares(changes, begin, end)
        outcomes.append(tuning.outcome_of(changes, end, each))
        if sys.stderr.isatty():
            print(f"\r{len(outcomes)} of {len(tried)}", end="", file=sys.stderr)
    best = tuning.best(outcomes)
    if arguments.json:
        for outcome in outcomes:
            print(json.dumps(_row(outcome)))
        print(json.dumps({"best": _row(best), "in_force": _row(outcomes[0])}))
    else:
        _print(looks, taken, outcomes, best)
    return 0


def _looks(arguments: Namespace) -> Iterator[LookRecord]:
    from moodspeaker.cli.client import find, lines
    from moodspeaker.vision import trace

    if arguments.folder is not None:
        yield from trace.look_records(trace.read(arguments.folder))
    else:
        yield from trace.look_records(trace.parse(lines(find(arguments), "/api/records"), Path("records")))


def _row(outcome: Outcome) -> dict[str, object]:
    settings = asdict(outcome.settings)
    row: dict[str, object] = {f"mood.{name}": settings[name] for name in TUNED}
    return row | {"changes": outcome.changes, "brief": outcome.brief, "lasting": outcome.lasting}


def _print(
    looks: Sequence[LookRecord], taken: Mapping[Mood, float], outcomes: Sequence[Outcome], best: Outcome
) -> None:
    hours = (looks[-1].at.wall - looks[0].at.wall) / 3600
    shares = sorted(taken.items(), key=lambda item: -item[1])
    print(
        f"{len(looks)} looks in {hours:.1f} hours: "
        + ", ".join(f"{mood} {share:.0%}" for mood, share in shares)
    )
    print("\nconfirm   dwell  margin   changes  brief  lasting")
    for outcome in outcomes:
        s = outcome.settings
        mark = "  in force" * (outcome is outcomes[0]) + "  best" * (outcome is best)
        numbers = f"{outcome.changes:7}  {outcome.brief:5}  {outcome.lasting:7}"
        print(f"{s.confirm:7g} {s.dwell:7g} {s.margin:7g}   {numbers}{mark}")
    if best is outcomes[0]:
        print("\nthe settings in force fit best")
    else:
        print(
            "\nbetter for this day, on the page or in config.toml:\n\n[mood]\n"
            + _changed(outcomes[0].settings, best.settings)
        )


def _changed(before: MoodSettings, after: MoodSettings) -> str:
    old, new = asdict(before), asdict(after)
    return "\n".join(f"{name} = {new[name]:g}" for name in TUNED if old[name] != new[name])
