"""`moodspeaker command`: give the running speaker a command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, assert_never

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from moodspeaker.domain.commands import (
        ChangeSetting,
        Command,
        Next,
        Pause,
        Play,
        Previous,
        Profile,
        Restart,
        SetVolume,
        SongMood,
        Target,
        VerdictCommand,
    )
    from moodspeaker.domain.emotion import Emotion

SUMMARY: Final = "give the running speaker a command"
EXAMPLE: Final = """  moodspeaker command '{"hold": 30}'

Exit code 1: it cannot be done now (nothing plays, no player), or no speaker runs."""
TEACHES_NOTHING: Final = ": a guest, who teaches nothing"


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    from moodspeaker.domain.command_help import HELP

    parser.epilog = f"commands:\n{HELP}\nexample:\n{EXAMPLE}"
    parser.add_argument("command", metavar="COMMAND", help="""a JSON object, such as '{"sensing": "off"}'""")
    parser.add_argument("--json", action="store_true", help="print the new snapshot as one line of JSON")


def run(arguments: Namespace) -> int:
    """Give the command and print what it changes, or the new snapshot; return 0.

    Raises CommandError where it is malformed, DaemonError where it cannot be carried out.
    """
    from moodspeaker.cli.client import command, find
    from moodspeaker.cli.status import shows
    from moodspeaker.domain.commands import parse

    parsed = parse(arguments.command)
    snapshot = command(find(arguments), arguments.command)
    if arguments.json:
        print(json.dumps(snapshot, ensure_ascii=not shows("é█")))
    else:
        print(changed(parsed, snapshot))
    return 0


def changed(command: Command, snapshot: Mapping[str, Any]) -> str:
    """Return what a command changes, in one line; `snapshot` is the one just after it."""
    from moodspeaker.cli.status import hold_text
    from moodspeaker.domain.commands import (
        Calibrate,
        ChangeSetting,
        Dislike,
        GiveEvidence,
        Hold,
        Like,
        Next,
        Override,
        Pause,
        Play,
        Previous,
        Profile,
        Restart,
        Resume,
        Sensing,
        SetVolume,
        SongMood,
        Target,
        WrongMood,
    )

    held = hold_text(snapshot.get("hold") or {})
    match command:
        case Sensing(on):
            text = _sensing(snapshot) if on else "the camera is closed, and stays closed after a restart"
        case Override(mood):
            text = _override(mood, snapshot, held)
        case Hold() | Resume():
            text = f"the music is left alone {held}" if held else "the music follows the mood"
        case Play() | Pause() | Next() | Previous() | SetVolume():
            text = _of_player(command, snapshot)
        case Target() | Profile() | SongMood() | Like() | Dislike() | WrongMood():
            text = _of_listener(command, snapshot, held)
        case Calibrate(on):
            still = "ten seconds: look at the camera with your face at rest, then see: moodspeaker status"
            text = still if on else "what is read from faces counts as it is"
        case GiveEvidence(evidence):
            text = f"{evidence.source} counts for {evidence.seconds:g} s (weight {evidence.weight:g})"
        case ChangeSetting() | Restart():
            text = _of_program(command)
        case _:
            assert_never(command)
    return text


def _sensing(snapshot: Mapping[str, Any]) -> str:
    camera = snapshot.get("camera") or {}
    reason = camera.get("reason") or ("it is locked" if camera.get("locked") else "")
    return f"sensing is on, and the camera opens when it can: {reason}" if reason else "the camera opens"


def _override(mood: Emotion | None, snapshot: Mapping[str, Any], held: str) -> str:
    if mood is None:
        return f"the music follows the faces again (mood: {snapshot['mood']})"
    return f"the music is for {mood}, whatever the faces say{_when(snapshot, held)}"


def _target(snapshot: Mapping[str, Any], held: str) -> str:
    """Return what the music does with the mood."""
    from moodspeaker.cli.status import target_text

    known = target_text(snapshot) or f"{snapshot['target']['chosen'] or 'as set'}, once a mood is known"
    return f"target: {known}{_when(snapshot, held)}"


def _of_program(command: ChangeSetting | Restart) -> str:
    """Return how the program goes on."""
    from moodspeaker.domain.commands import ChangeSetting, Restart

    match command:
        case ChangeSetting(key, value):
            return f"{key} = {value:g}"
        case Restart():
            return "it ends and begins again, then see: moodspeaker status"
        case _:
            assert_never(command)


def _of_listener(
    command: Target | Profile | SongMood | VerdictCommand, snapshot: Mapping[str, Any], held: str
) -> str:
    """Return who listens, what their music does with the mood, or what became of a word on a song."""
    from moodspeaker.domain.commands import Dislike, Like, Profile, SongMood, Target, WrongMood
    from moodspeaker.domain.listener import GUEST

    who = snapshot["profile"]
    match command:
        case Target():
            text = _target(snapshot, held)
        case Profile():
            text = f"{who} listens{TEACHES_NOTHING if who == GUEST else ''}"
        case SongMood(uri, mood):
            follow = "the models decide again" if mood is None else f"{mood}; songs like it follow a little"
            text = f"{uri}: {follow} (from the next scan on)"
        case _ if who == GUEST:
            text = f"not kept{TEACHES_NOTHING}"
        case Like():
            text = f"kept: {who} likes it"
        case Dislike():
            text = f"kept: {who} does not like it"
        case WrongMood(None):
            text = "kept: it does not fit this mood"
        case WrongMood(mood):
            text = f"kept: it is {mood}; songs like it follow a little (from the next scan on)"
        case _:
            assert_never(command)
    return text


def _when(snapshot: Mapping[str, Any], held: str) -> str:
    if held:
        return f", but it is left alone {held}"
    return ", when this song ends" if snapshot.get("pending") else ""


def _of_player(command: Play | Pause | Next | Previous | SetVolume, snapshot: Mapping[str, Any]) -> str:
    """Return what was asked of the player, or what our music does when it is back."""
    from moodspeaker.domain.commands import Next, Pause, Play, Previous, SetVolume

    match command:
        case Play():
            text, later = "music", "goes on"
        case Pause():
            text, later = "a pause", "stays paused"
        case Next():
            text, later = "the next song", ""
        case Previous():
            text, later = "the song before", ""
        case SetVolume(percent):
            text, later = f"a volume of {percent}", ""
        case _:
            assert_never(command)
    player = snapshot.get("player") or {}
    if later and player.get("state") == "down":
        return f"our music {later} when the player is back ({player.get('reason') or 'it is down'})"
    return f"{text} is asked for"
