"""What each entity shows: its value and its attributes from the snapshot as JSON; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from moodspeaker.domain.commands import SURENESS
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.mood import RoomState

if TYPE_CHECKING:
    from collections.abc import Mapping

SnapshotJson: TypeAlias = "Mapping[str, Any]"
"""The snapshot as JSON values."""

NONE: Final = "none"
"""The payload where there is nothing to tell."""
LONGEST_TEXT: Final = 255
"""Characters of a state, the most that Home Assistant takes; longer texts stand whole in the attributes."""


def problems(snapshot: SnapshotJson) -> list[str]:
    """Return everything that is wrong with the speaker, a text each with its cure."""
    found = [
        snapshot["models"]["refused"],
        snapshot["camera"]["reason"] if snapshot["camera"]["state"] == "lost" else "",
        snapshot["player"]["reason"] if snapshot["player"]["state"] == "down" else "",
        snapshot["store"]["fault"],
        snapshot["web"]["fault"],
        *snapshot["config"]["reload_refused"],
        *snapshot["config"]["left_out"],
    ]
    return [text for text in found if text]


def on_off(on: object) -> str:
    """Return the payload of something that is on or off."""
    return "ON" if on else "OFF"


def known(number: float | None) -> str:
    """Return a number; `none` where it is not known."""
    return NONE if number is None else f"{number:g}"


def short(text: str) -> str:
    """Return a text, cut where a state would be too long."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def hold_minutes(snapshot: SnapshotJson) -> str:
    """Return for how many whole minutes the music is left alone in all; `none` where that has no end."""
    minutes = snapshot["hold"]["minutes"]
    return NONE if minutes is None else whole_minutes(minutes)


def hold_length(snapshot: SnapshotJson) -> str:
    """Return for how many minutes a hold lasts that names none."""
    return whole_minutes(snapshot["config"]["hold_minutes"])


def whole_minutes(minutes: float) -> str:
    """Return minutes, at least one."""
    return str(max(1, round(minutes)))


def minimum_confidence(snapshot: SnapshotJson) -> str:
    """Return how sure it must be of a new mood, in whole percent."""
    least, most = SURENESS
    return str(min(most - 1, max(least + 1, round(100 * snapshot["config"]["margin"]))))


def occupancy(snapshot: SnapshotJson) -> str:
    """Return whether somebody is there; `none` where it cannot be seen."""
    mood = snapshot["mood"]
    if mood in {RoomState.DARK, RoomState.COVERED, RoomState.LOST, RoomState.PAUSED}:
        return NONE
    return on_off(mood in EMOTIONS or (mood == RoomState.UNSURE and snapshot["faces"]))


def under_voltage(snapshot: SnapshotJson) -> str:
    """Return whether the voltage is too low; `none` where the machine does not tell."""
    throttled = snapshot["machine"]["throttled"]
    return NONE if throttled is None else on_off("under voltage" in throttled)


def throttled(snapshot: SnapshotJson) -> str:
    """Return whether the machine is slowed down; `none` where it does not tell."""
    throttled = snapshot["machine"]["throttled"]
    return NONE if throttled is None else on_off(throttled)


def camera(snapshot: SnapshotJson) -> str:
    """Return whether the camera gives pictures; `none` where it is not meant to."""
    state = snapshot["camera"]["state"]
    return NONE if state == "off" else on_off(state != "lost")


def locked(snapshot: SnapshotJson) -> str:
    """Return whether the privacy lock keeps the camera closed; `none` where there is none."""
    locked = snapshot["camera"]["locked"]
    return NONE if locked is None else on_off(locked)


def browser_camera(snapshot: SnapshotJson) -> str:
    """Return whether a browser sends its camera's pictures."""
    return on_off(snapshot["camera"]["browser"] == "sends")


def preview(snapshot: SnapshotJson) -> str:
    """Return whether the camera's picture is shown to somebody who aims it."""
    return on_off(snapshot["camera"]["preview"] == "on")


def last_frame(snapshot: SnapshotJson) -> str:
    """Return when a closed camera gave its last picture; `none` while it is open."""
    return NONE if snapshot["camera"]["open"] else snapshot["vision"]["last_frame"] or NONE


def mood_attributes(snapshot: SnapshotJson) -> Mapping[str, Any]:
    """Return what stands beside the mood."""
    names = ("since", "probabilities", "valence", "arousal", "faces", "evidence")
    return {name: snapshot[name] for name in names}
