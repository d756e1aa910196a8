"""`moodspeaker status`: what the running speaker sees, decides and plays."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping

SUMMARY: Final = "show what the running speaker sees, decides and plays"
EPILOG: Final = """\
mood       an emotion, or nobody, dark, covered, lost, unsure, paused
music      what the player does
selection  the music that was chosen, from where, and for which mood
pending    what follows when this song ends
hold       until when the music is left alone, because a person chose or stopped something
Where the state of a part is not ok, its cause and cure stand beside it.
Exit code 1: no speaker answers; then moodspeaker doctor tells why.
"""
BAR: Final = 24
"""Characters of a probability of one."""
SURE: Final = 0.5
"""Confidence below which a mood is not told with its share."""
ROOM_STATES: Final = {
    "dark": "too dark to see faces",
    "covered": "something covers the lens",
    "lost": "the camera gives no pictures",
    "unsure": "no mood has settled yet",
    "paused": "the camera is switched off",
}
"""What the states of the room that need a word mean."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = EPILOG
    parser.add_argument("--json", action="store_true", help="the snapshot as one line of JSON")


def run(arguments: Namespace) -> int:
    """Print the snapshot; return 0."""
    from moodspeaker.cli.client import ask, find

    snapshot = ask(find(arguments), "/api/status")
    if arguments.json:
        print(json.dumps(snapshot, ensure_ascii=not shows("é█")))
    else:
        for name, text in lines(snapshot):
            print(f"{name:10} {text}")
    return 0


def shows(text: str) -> bool:
    """Tell whether the terminal has these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def lines(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the lines of a snapshot for a person: a name and its text."""
    yield from _mood(snapshot)
    yield "faces", str(snapshot.get("faces") or 0)
    for said in snapshot.get("evidence") or ():
        yield "evidence", _evidence(said)
    player = snapshot.get("player") or {}
    yield "music", _music(player)
    if reasons := player.get("reasons"):
        yield "because", "; ".join(reasons.values())
    if player.get("limits"):
        yield "limits", player["limits"]
    yield from _choice(snapshot)
    camera = snapshot.get("camera") or {}
    opened = "open" if camera.get("open") else "closed"
    sensing = "on" if snapshot.get("sensing") else "off"
    yield "camera", _with_reason(f"{camera.get('state')}, {opened}, sensing {sensing}", camera)
    if camera.get("browser") == "sends":
        yield "browser", "its camera's pictures come over the network; each is dropped after the look"
    if camera.get("preview") == "on":
        yield "preview", "the camera's picture is shown on the page, to aim it; it ends by itself"
    if calibration := _calibration(snapshot.get("calibration") or {}):
        yield "at rest", calibration
    broker = snapshot.get("broker") or {}
    yield "broker", _with_reason(str(broker.get("state")), broker)
    if index := snapshot.get("index"):
        yield "index", _index(index)
    models = snapshot.get("models") or {}
    versions = ", ".join(f"{task} {models[task]}" for task in ("face", "emotion") if models.get(task))
    yield "models", _with_reason(versions or "none yet", models)
    if machine := _machine(snapshot.get("machine") or {}):
        yield "machine", machine
    yield from _faults(snapshot)


def _calibration(calibration: Mapping[str, Any]) -> str:
    """Return what a calibration found, or why it found nothing; empty where there was none."""
    state = calibration.get("state")
    if state == "running":
        return f"looks at your face until {clock(calibration['until'])}: keep it at rest"
    if state == "failed":
        return f"not calibrated: {calibration['reason']}"
    if state == "done":
        lowered = ", ".join(calibration["lowered"])
        return f"calibrated, {lowered} count less" if lowered else "calibrated, nothing to correct"
    return ""


def _choice(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what was chosen to play, for whom, and whose choice it is."""
    selection, pending = snapshot.get("selection"), snapshot.get("pending")
    if selection and selection.get("name"):
        yield "selection", f"{selection['name']} ({selection['rule']}) for {selection['mood']}"
    if pending:
        when = f", expected at {clock(pending['at'])}" if pending.get("at") else ""
        yield "pending", f"{pending['mood']} when this song ends{when}"
    if held := hold_text(snapshot.get("hold") or {}):
        yield "hold", held
    if snapshot.get("override"):
        yield "override", f"plays to {snapshot['override']} whatever the faces say"
    if target := target_text(snapshot):
        yield "target", target
    yield from _journey(snapshot.get("journey"))
    if (profile := snapshot.get("profile", "household")) != "household":
        yield "listener", profile
    if household := snapshot.get("household"):
        yield "household", household_text(household)


def _mood(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the mood, and the seven shares where they say something."""
    mood, shares = snapshot["mood"], snapshot.get("probabilities") or {}
    since = f"since {clock(snapshot.get('since'))}"
    if mood not in shares:
        meaning = f": {ROOM_STATES[mood]}" if mood in ROOM_STATES else ""
        yield "mood", f"{mood}{meaning}, {since}"
        return
    confidence = snapshot.get("confidence") or 0.0
    if confidence < SURE:
        leading = max(shares, key=shares.__getitem__)
        yield "mood", f"{mood}, {'fading' if leading == mood else f'turning {leading}'}, {since}"
        return
    yield "mood", f"{mood}, {confidence:.0%} sure, {since}"
    full, empty = ("█", "·") if shows("█·") else ("#", ".")
    for emotion, share in shares.items():
        yield "", f"{emotion:9}{full * round(share * BAR) or empty:{BAR}} {share:4.0%}"


def hold_text(hold: Mapping[str, Any]) -> str:
    """Return why the music is left alone, and until when; empty where it is ours to change."""
    if not hold.get("active"):
        return ""
    if hold.get("until"):
        return f"until {clock(hold['until'])}"
    return "as long as the stream plays" if hold.get("control") == "held" else "until you play or resume"


def household_text(household: Mapping[str, Any]) -> str:
    """Return with which other speakers this one learns, and when it last heard something new."""
    speakers = household["speakers"]
    if household.get("reason"):
        return f"{household['name']}: {household['reason']}"
    if not speakers:
        return f"{household['name']}: no other speaker was heard yet"
    names = ", ".join(one["speaker"] for one in speakers)
    last = clock(max(one["heard"] for one in speakers))
    return f"{household['name']}: learned with {names}; last heard {last}"


def target_text(snapshot: Mapping[str, Any]) -> str:
    """Return what the music does with the mood, and why; empty while no mood is known."""
    target = snapshot.get("target") or {}
    return f"{target['aim']}: {target['reason']}" if target.get("aim") else ""


def _journey(journey: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield the steps of a journey."""
    if not journey:
        return
    steps = journey["steps"]
    end = f", over: {journey['ended']}" if journey["ended"] else ""
    yield "journey", f"{journey['aim']} from {journey['mood']}, step {journey['step']} of {len(steps)}{end}"
    for step in steps:
        at = f"{step['valence']:+.2f} {step['arousal']:+.2f}"
        song = f": {step['song']}" if step["song"] else ""
        yield "", f"{at}  {step['state']:8}  {step['reason']}{song}"


def _faults(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong beside camera, player, broker and models."""
    if fault := (snapshot.get("store") or {}).get("fault"):
        yield "store", fault
    if page := (snapshot.get("web") or {}).get("fault"):
        yield "page", page
    settings = snapshot.get("config") or {}
    for reason in settings.get("reload_refused") or ():
        yield "settings", f"the last reload was refused, the old settings stay: {reason}"
    for reason in settings.get("left_out") or ():
        yield "settings", reason
    if waiting := settings.get("restart_for"):
        yield "settings", f"changed, and take effect with a restart: {', '.join(waiting)}"


def clock(moment: str | None) -> str:
    """Return a moment (RFC 3339) as local time, with its day where that is not today."""
    from datetime import datetime

    if not moment:
        return "now"
    at = datetime.fromisoformat(moment).astimezone()
    today = at.date() == datetime.now(at.tzinfo).date()
    return at.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")


def _music(player: Mapping[str, Any]) -> str:
    song = " - ".join(
        text for text in (player.get("artist"), player.get("title") or player.get("uri")) if text
    )
    state = str(player.get("state"))
    return _with_reason(f"{state}: {song}" if song else state, player)


def _index(index: Mapping[str, Any]) -> str:
    """Return how much is known of how many songs."""
    songs, placed, heard = (index.get(name) or 0 for name in ("songs", "placed", "heard"))
    left_out = index.get("left_out") or ""
    if not songs:
        return str(index.get("reason") or left_out or "empty")
    when = f", scanned {clock(index['scanned_at'])}" if index.get("scanned_at") else ""
    known = f"{songs} songs, {placed / songs:.0%} with a mood, {heard / songs:.0%} by their sound{when}"
    known = f"{known}; {left_out}" if left_out else known
    return f"{known}: {index['reason']}" if index.get("reason") else known


def _evidence(said: Mapping[str, Any]) -> str:
    """Return what another source says, how much it counts and until when."""
    points = [f"{name} {said[name]:g}" for name in ("valence", "arousal") if said.get(name) is not None]
    words = ", ".join([*([said["emotion"]] if said.get("emotion") else []), *points])
    return f"{said['source']}: {words}, weight {said['weight']:g}, until {clock(said['until'])}"


def _machine(machine: Mapping[str, Any]) -> str:
    """Return how warm the machine is and what slows it down; empty where it does not tell."""
    warm = machine.get("temperature")
    now, ever = machine.get("throttled") or (), machine.get("throttled_ever") or ()
    told = [f"{warm:g} °C" if shows("°") else f"{warm:g} C"] if warm is not None else []
    told += [f"now: {', '.join(now)}"] if now else []
    told += [f"since its start: {', '.join(ever)}"] if ever else []
    return "; ".join(told)


def _with_reason(text: str, part: Mapping[str, Any]) -> str:
    reason = part.get("reason") or part.get("refused")
    return f"{text}: {reason.removeprefix(f'{text}: ')}" if reason else text
