"""What the demo tells: a line that lives, one that stays for every change; pure functions of snapshots."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    Snapshot = Mapping[str, Any]
    """The daemon's answer to GET /api/status."""


WITHOUT_MUSIC: Final = {"stop": "no music yet", "pause": "music paused", "down": "waits for the music server"}
"""What is said of a player that does not play."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What has been shown so far."""

    mood: str = "unsure"
    uri: str | None = None
    selection: str | None = None
    """The mood whose music plays."""
    switches: int = 0
    """Music switches shown."""


def clock(seconds: float) -> str:
    """Return m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def live(snapshot: Snapshot, seconds: float) -> str:
    """Return one line that says what is seen, decided and played now."""
    faces, camera, player = snapshot["faces"], snapshot["camera"]["state"], snapshot["player"]
    sees = ("sees nobody", "sees 1 face")[faces] if faces < 2 else f"sees {faces} faces"  # noqa: PLR2004
    if snapshot["camera"].get("browser") == "waits":
        sees = "waits for a browser's camera"
    elif camera == "off" and not snapshot["camera"].get("reason"):
        sees = "the camera opens"
    elif camera != "ok":
        sees = f"camera {camera}"
    elif faces:
        emotion, share = max(snapshot["probabilities"].items(), key=lambda item: item[1])
        sees += f", {emotion} {share:.2f}"
    plays = WITHOUT_MUSIC.get(player["state"], f"player {player['state']}")
    if player["state"] == "play":
        plays = f'plays "{player["title"]}"'
    mood = "mood not known yet" if snapshot["mood"] == "unsure" else f"mood {snapshot['mood']}"
    held = " | hold" if snapshot["hold"]["active"] else ""
    return f"{clock(seconds):>5}  {sees} | {mood} | {plays}{held}"


def tell(shown: Shown, snapshot: Snapshot, seconds: float) -> tuple[Shown, list[str]]:
    """Return what has been shown then, and the lines that stay: changes of mood, of music and of the song."""
    lines = []
    if snapshot["mood"] != shown.mood:
        lines.append(f"{clock(seconds):>5}  mood: {shown.mood} -> {snapshot['mood']}")
        shown = replace(shown, mood=snapshot["mood"])
    player, selection = snapshot["player"], snapshot["selection"]
    if player["state"] == "play" and selection is not None and player["uri"] != shown.uri:
        song = f'"{player["title"]}" by {player["artist"]}'
        rule, name = selection["rule"], selection["name"]
        source = name if name.startswith(rule) else f"{rule} {name}"
        if shown.selection is None:
            lines.append(f"{clock(seconds):>5}  music starts: {song}  ({source})")
        elif selection["mood"] != shown.selection:
            shown = replace(shown, switches=shown.switches + 1)
            lines.append(f"{clock(seconds):>5}  music switch {shown.switches}: {song}  ({source})")
        else:
            lines.append(f"{clock(seconds):>5}  next song: {song}")
        shown = replace(shown, uri=player["uri"], selection=selection["mood"])
    return shown, lines
