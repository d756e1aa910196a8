"""`moodspeaker status`: what the running speaker sees, decides and plays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Mapping

SUMMARY: Final = "show what the running speaker sees, decides and plays"
BAR: Final = 24
"""Characters of a probability of one."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.add_argument("--json", action="store_true", help="the snapshot as one line of JSON")


def run(arguments: Namespace) -> int:
    """Print the snapshot; return 0."""
    from moodspeaker.cli.client import ask
    from moodspeaker.config import load

    snapshot = ask(load(arguments.config, arguments.set), "/api/status")
    if arguments.json:
        print(json.dumps(snapshot, ensure_ascii=False))
    else:
        for name, text in lines(snapshot):
            print(f"{name:10} {text}")
    return 0


def lines(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the lines of a snapshot for a person: a name and its text."""
    probabilities = snapshot.get("probabilities") or {}
    sure = f", {snapshot['confidence']:.0%} sure" if snapshot["mood"] in probabilities else ""
    yield "mood", f"{snapshot['mood']}{sure}, since {clock(snapshot.get('since'))}"
    for emotion, share in probabilities.items():
        yield "", f"{emotion:9}{'█' * round(share * BAR) or '·':{BAR}} {share:4.0%}"
    yield "faces", str(snapshot.get("faces") or 0)
    yield "music", _music(snapshot.get("player") or {})
    selection, pending, hold = snapshot.get("selection"), snapshot.get("pending"), snapshot.get("hold") or {}
    if selection and selection.get("name"):
        yield "selection", f"{selection['name']} ({selection['rule']}) for {selection['mood']}"
    if pending:
        when = f", expected at {clock(pending['at'])}" if pending.get("at") else ""
        yield "pending", f"{pending['mood']} when this song ends{when}"
    if hold.get("active"):
        endless = "as long as the stream plays" if hold.get("hand") == "held" else "until you play or resume"
        yield "hold", f"until {clock(hold['until'])}" if hold.get("until") else endless
    if snapshot.get("override"):
        yield "override", f"plays to {snapshot['override']} whatever the faces say"
    camera = snapshot.get("camera") or {}
    eye = "open" if camera.get("open") else "closed"
    sensing = "on" if snapshot.get("sensing") else "off"
    yield "camera", _with_reason(f"{camera.get('state')}, {eye}, sensing {sensing}", camera)
    yield (
        "broker",
        _with_reason(str((snapshot.get("broker") or {}).get("state")), snapshot.get("broker") or {}),
    )
    models = snapshot.get("models") or {}
    versions = ", ".join(f"{task} {models[task]}" for task in ("face", "emotion") if models.get(task))
    yield "models", _with_reason(versions or "none yet", models)
    fault = (snapshot.get("store") or {}).get("fault")
    if fault:
        yield "store", fault
    if page := (snapshot.get("web") or {}).get("fault"):
        yield "page", page


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


def _with_reason(text: str, part: Mapping[str, Any]) -> str:
    reason = part.get("reason") or part.get("refused")
    return f"{text}: {reason.removeprefix(f'{text}: ')}" if reason else text
