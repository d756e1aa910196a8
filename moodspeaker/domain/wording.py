"""The reason of a decision in words that a listener understands: one template for each rule.

A field in braces is a detail of the reason.  What is missing is left out or said in general words, so a
record that an older or a newer version wrote can always be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.decision import Rule
from moodspeaker.domain.mood import RoomState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.domain.decision import Details, Reason

NO_SONGS: Final = (
    "the music server had no songs when it was scanned: put some into its music folder, let it read that "
    "(mpc update), then: moodspeaker index scan"
)
TEMPLATES: Final[Mapping[Rule, str]] = {
    # switched, started, pending
    Rule.AT_ONCE: "{music}at once{lead}",
    Rule.AT_SONG_END: "{music}at the song's end{lead}",
    Rule.WITH_NEXT: "{music}with the next song{lead}",
    Rule.ARRIVAL: "{music}someone came in{lead}",
    Rule.ASKED_FOR_MUSIC: "{music}a person asked for music{lead}",
    Rule.QUEUE_ENDED: "{music}the queue had ended{lead}",
    Rule.PLAYER_BACK: "{music}our music was playing when the player was lost{lead}",
    Rule.AFTER_FAULT: "{music}the player can play again{lead}",
    Rule.WAITS_FOR_SONG_END: "{name}{source} follows at the song's end{lead}",
    Rule.FADES: "the song fades into {name}{source}{lead}",
    # kept
    Rule.ROOM_STATE: "{room}: the music goes on",
    Rule.PLAYS_ALREADY: "music for {mood} plays already",
    Rule.MOOD_CAME_BACK: "{mood} is back before its song ended",
    Rule.NO_PLAYER: "no player: {lost}",
    Rule.PERSON_STOPPED: "a person stopped the music: only play or resume goes on",
    Rule.PERSON_CHOSE: "a person's choice is left alone",
    Rule.NO_MUSIC: "no music for {mood}: make a stored playlist {playlist}, or: moodspeaker index scan",
    Rule.NO_MUSIC_AT_ALL: (
        "no music for any mood: moodspeaker index scan, or make a stored playlist mood-happy, mood-sad, ..."
    ),
    Rule.PERSON_STARTS: "nothing plays, and a person starts the music (listen.start)",
    Rule.WAITS_FOR_ARRIVAL: "nothing plays until someone comes in",
    Rule.QUIET_HOURS: "quiet hours{hours}",
    Rule.PLAYER_REFUSED: "the player refused: {refusal}",
    Rule.NOTHING_TO_SKIP: "nothing plays that could be skipped",
    Rule.TARGET_OFF: "the target for {mood} is off: the music goes on",
    # what the music does with a mood
    Rule.AIM_SET: "{aim} is set for {mood}",
    Rule.AIM_CHOSEN: "a person chose {aim} for {mood}",
    Rule.AIM_OVERRIDE: "a person chose music for {mood}",
    Rule.AIM_OWN_MUSIC: "your own music for {mood} is played as it is",
    Rule.AIM_LASTS: "{mood} has lasted {time}",
    Rule.AIM_OWN_MIX: "your own mix",
    Rule.AIM_NEIGHBOURHOOD: "{mood} has no music of its own: songs nearly as pleasant and as lively",
    # steps of a journey, and its end
    Rule.STEP_FIRST: "{step}: it begins where the room is",
    Rule.STEP_PLANNED: "{step}: a small step further",
    Rule.STEP_ANSWERED: "{step}: the room follows",
    Rule.STEP_TIME: "{step}: the one before lasted {time}",
    Rule.STEP_LATE: "{step}: the room did not follow for {time}, it goes on all the same",
    Rule.JOURNEY_ARRIVED: "the way to {goal} music is at its end: it stays there",
    Rule.JOURNEY_SKIPPED: "skipped twice on the way to {goal} music: music for {mood} again",
    Rule.JOURNEY_LEFT: "the way to {goal} music ends here: the music follows the mood",
    Rule.JOURNEY_NO_SONGS: "no songs on the way to {goal} music: moodspeaker index scan",
    # held
    Rule.PLAYED_ALREADY: "music was playing already: {until}",
    Rule.OTHER_MUSIC: "other music plays after the player came back: {until}",
    Rule.PERSON_CHANGED: "a person {changed}: {until}",
    Rule.PERSON_STARTED_THEIRS: "a person started their music: {until}",
    Rule.HOLD_ASKED: "a person asked for it: {until}",
    Rule.HOLD_ASKED_WHILE_STOPPED: (
        "a person asked for a hold, and the music was stopped already: only play or resume goes on"
    ),
    Rule.STREAM_ENDED: "their stream ended: {until}",
    Rule.ENDLESS_STREAM: "an endless stream plays: it is left alone",
    Rule.STANDS_STILL: "the player stands still with songs in its queue: only play or resume goes on",
    Rule.CAME_BACK_OTHER: "the player came back with other songs: only play or resume goes on",
    Rule.HOLD_ENDED_STILL: "the hold ended, and their music stands still: only play or resume goes on",
    Rule.PERSON_STOPPED_NOW: "a person chose {act}: only play or resume goes on",
    # resumed
    Rule.RESUME_ASKED: "a person asked for it",
    Rule.HOLD_ENDED: "the hold ended",
    Rule.PERSON_STARTED_OURS: "a person started our music",
    Rule.SOMEONE_BACK: "someone is back",
    Rule.FACES_LEAD: "the faces lead again",
    # paused, skipped
    Rule.NOBODY: "nobody for {time}",
    Rule.PAUSE_ASKED: "a person asked for a pause",
    Rule.SKIPPED_BY_PERSON: "a person {skipped}",
    Rule.DISLIKED: "a person does not like {disliked}",
    Rule.SKIPPED_BY_COMMAND: "a person asked for {wanted}{instead}",
}
ROOM: Final[Mapping[str, str]] = {
    RoomState.NOBODY: "nobody is there",
    RoomState.DARK: "it is dark",
    RoomState.COVERED: "the camera is covered",
    RoomState.LOST: "the camera is lost",
    RoomState.UNSURE: "no mood is sure",
    RoomState.PAUSED: "the camera is closed",
}
GOALS: Final[Mapping[str, str]] = {"lift": "brighter", "calm": "calmer"}
CHANGED: Final[Mapping[str, str]] = {
    "queue": "changed the queue",
    "song": "chose another song",
    "seek": "moved within the song",
    "next": "went to the next song",
    "previous": "went to the previous song",
}


def sentence(reason: Reason) -> str:
    """Return a reason in words, one line without a full stop; it never raises."""
    return TEMPLATES[reason.rule].format_map(_fields(reason.details))


def _fields(details: Details) -> Mapping[str, str]:
    """Return every field of the templates."""
    given = {key: str(value) for key, value in details.items() if value is not None and value != ""}
    name, song, mood, act, why = (given.get(key, "") for key in ("name", "song", "mood", "act", "reason"))
    source = f" ({given['source_rule']})" if "source_rule" in given else ""
    minutes = _minutes(details.get("minutes"))
    return {
        "music": f"{name}{source}, " if name else "",
        "name": name or "other music",
        "source": source,
        "mood": mood or "this mood",
        "playlist": f"mood-{mood}" if mood else "of its name",
        "room": ROOM.get(given.get("state", ""), "no mood is known"),
        "hours": f" {given['hours']}" if "hours" in given else "",
        "time": minutes or "a while",
        "until": f"left alone for {minutes}" if minutes else "only play or resume goes on",
        **_of_aim(details),
        "act": act or "to stop",
        "changed": CHANGED.get(act, "used the player"),
        "skipped": f"{'went back from' if act == 'previous' else 'skipped'} {song or 'the song'}",
        "disliked": song or "the song",
        "wanted": f"the {act} song" if act else "another song",
        "instead": f" instead of {song}" if song else "",
        "lost": why.removeprefix("off: ") or "not connected yet",
        "refusal": why or "it gave no reason",
    }


def _of_aim(details: Details) -> Mapping[str, str]:
    """Return the fields about what the music does with the mood."""
    aim, at, steps = details.get("aim"), details.get("step"), details.get("steps")
    goal = GOALS.get(str(aim), "other")
    step = f"towards {goal} music"
    if isinstance(at, int) and isinstance(steps, int):
        step = f"step {at} of {steps} {step}"
    near = details.get("near")
    lead = f", {step}" if isinstance(at, int) else ""
    if near:
        lead = f": {near} has no music of its own, these songs are nearly as pleasant and as lively"
    return {"aim": str(aim) if aim else "another target", "goal": goal, "step": step, "lead": lead}


def _minutes(minutes: object) -> str:
    """Return a number of minutes in words; empty for what is no number."""
    if not isinstance(minutes, int | float):
        return ""
    return f"{minutes:g} minute{'' if minutes == 1 else 's'}"
