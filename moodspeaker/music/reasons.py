"""Why a song was chosen, in words."""

from __future__ import annotations

import re
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.listener import HOUSEHOLD
from moodspeaker.domain.timbre import UNIT, apart
from moodspeaker.music import content
from moodspeaker.music.preference import DAY, SOUND, What

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodspeaker.music.choice import Wanted
    from moodspeaker.music.collaborative import Named, Sessions
    from moodspeaker.music.hybrid import Candidate
    from moodspeaker.music.preference import Event

LIKED: Final = 0.15
"""Liking from which on a song that was never heard is told to be like what is liked."""
LIKE_WHAT: Final = "but like what you like"
AUDIBLE: Final = SOUND / 2
"""What its timbre has to add to the liking of a song that is told to sound like one that is liked."""
LONG_AGO: Final = 14
"""Days from which on it is told when a song was heard last."""
WHEN: Final = {
    Emotion.ANGRY: "when the room was angry",
    Emotion.DISGUST: "when the room was disgusted",
    Emotion.FEAR: "when the room was anxious",
    Emotion.HAPPY: "in happy hours",
    Emotion.SAD: "in sad hours",
    Emotion.SURPRISE: "when the room was surprised",
    Emotion.NEUTRAL: "in quiet hours",
}
TIMES: Final = {1: "once", 2: "twice"}


def reasons(
    one: Candidate,
    events: Sequence[Event],
    wanted: Wanted,
    now: float,
    *,
    like: str,
    goes: str,
    nothing_near: bool,
) -> Mapping[str, str]:
    """Return the reasons for a song by what they are about, the strongest first.

    `like` is as of `sounds_like`, `goes` as of `goes_with`; `nothing_near` tells whether no song at
    all is near to what is wanted.
    """
    if wanted.songs is None:
        mood = content.in_words(one.place, wanted, nothing_near=nothing_near)
        if one.corrected:
            mood = f"{mood}, by your own word"
    else:
        mood = f"your own choice for {content.ROOM[wanted.mood]}"
    found = {
        "taste": _taste(one, events, wanted, like),
        "mood": mood,
        "session": goes,
        "rest": _rest(one, now),
    }
    order = sorted(found, key=lambda about: about == "taste") if one.liking.weight == 0 else found
    return {about: found[about] for about in order if found[about]}


def _taste(one: Candidate, events: Sequence[Event], wanted: Wanted, like: str) -> str:
    said = _said(events, wanted)
    if said is What.DISLIKED:
        return "you do not like it, but little else is left"
    likes = "you like it" if said is What.LIKED else ""
    heard = _heard([event for event in events if _is_theirs(event, wanted)], wanted.mood)
    if likes or heard:
        between = ", " if heard.startswith("although") else " and "
        return between.join(filter(None, (likes, heard)))
    if one.heard is not None:
        return ""
    likely = one.liking.value >= LIKED
    if likely and one.liking.artist:
        return f"not heard yet, and you like {one.song.artist}"
    if like:
        return f"not heard yet, but sounds like {like}, which you like"
    return f"not heard yet, {LIKE_WHAT}" if likely else "not heard yet"


def sounds_like(one: Candidate, liked: Sequence[Candidate]) -> str:
    """Return the name of a song that is liked and that this one sounds like; empty where that counts little.

    `liked` are songs to choose from: those among them that are liked.
    """
    mine = one.song.timbre
    if one.heard is not None or one.liking.sound < AUDIBLE or not mine:
        return ""
    near = (other for other in liked if other.liking.weight > 0 and other.liking.value >= LIKED)
    distances = [(apart(mine, other.song.timbre), other.song) for other in near if other.song.timbre]
    far, song = min(distances, default=(UNIT, one.song), key=itemgetter(0))
    return _name(song) if far < UNIT else ""


def _heard(events: Sequence[Event], mood: Emotion) -> str:
    """Return how often a song was heard to its end, and how often not where that is as often."""
    counts = Counter(event.what for event in events)
    finished, skipped = counts[What.FINISHED], counts[What.SKIPPED] + counts[What.SKIPPED_EARLY]
    words = f"although you skipped it {_times(skipped)}" if skipped and skipped >= finished else ""
    if not finished:
        return words
    here = sum(event.what is What.FINISHED and event.mood is mood for event in events)
    heard = f"you finished it {_times(finished)}{_share(here, finished, mood)}"
    return f"{heard}, {words}" if words else heard


def _said(events: Sequence[Event], wanted: Wanted) -> What | None:
    """Return whether this listener said last that they like a song or not; None where they said nothing."""
    said = (event.what for event in reversed(events) if _is_theirs(event, wanted))
    return next((what for what in said if what in {What.LIKED, What.DISLIKED}), None)


def _is_theirs(event: Event, wanted: Wanted) -> bool:
    return wanted.profile == HOUSEHOLD or event.profile in {wanted.profile, HOUSEHOLD}


def _times(count: int) -> str:
    return TIMES.get(count, f"{count} times")


def _share(here: int, whole: int, mood: Emotion) -> str:
    if not here:
        return ""
    if here == whole:
        return f" {WHEN[mood]}"
    return f", {_times(here)} {WHEN[mood]}"


def _rest(one: Candidate, now: float) -> str:
    days = 0 if one.heard is None else int((now - one.heard) / DAY)
    return f"not heard for {days} days" if days >= LONG_AGO else ""


def goes_with(song: Named, last: Sequence[Named], sessions: Sessions) -> str:
    """Return with which of the last songs a song goes, and why; empty where it is none."""
    for other in reversed(last):
        heard, listed = sessions.common(song.uri, other.uri)
        if heard:
            return f"heard {_times(heard)} together with {_name(other)}"
        if listed:
            return f"in a playlist of yours with {_name(other)}"
    for other in reversed(last):
        if song.artist and song.artist == other.artist:
            return f"by {song.artist}, as {_name(other)} was"
    for other in reversed(last):
        if shared := song.names() & other.names():
            return f"{_as_written(min(shared), song)} is on it, as on {_name(other)}"
    for other in reversed(last):
        if song.artist != other.artist and sessions.meet(song.artist, other.artist):
            return f"{song.artist} and {other.artist} go together here"
    return ""


def _name(song: Named) -> str:
    return song.title or song.uri.rsplit("/", 1)[-1]


def _as_written(name: str, song: Named) -> str:
    """Return a name in lower case as the song's tags write it."""
    found = re.search(re.escape(name), f"{song.artist}\n{song.title}", re.IGNORECASE)
    return found[0] if found else name
