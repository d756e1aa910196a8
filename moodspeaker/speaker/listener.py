"""Who listens: their profile, what they hear and what they say of it.

A guest teaches nothing: neither what they hear nor what they say is kept.

A word on a song is about the one that the person heard or saw.  A client that shows songs names it; where
another has begun since, the word goes to the one before, which no more than one song can be.  A word that
names none (a button, a script) is about the song that plays, but for two that nobody can mean so: it comes
within `SOONEST` of a song's own end, for nobody hears the next, makes up their mind and presses that fast;
or it is the same word again within that time: whoever presses "dislike" twice means one song.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker.domain.commands import Dislike, Like, WrongMood
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import GUEST, HOUSEHOLD, Opinion, Verdict
from moodspeaker.domain.play import Play
from moodspeaker.domain.player import PlayState
from moodspeaker.errors import NothingPlays

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.director.state import State
    from moodspeaker.domain.commands import VerdictCommand
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.mood import Mood
    from moodspeaker.domain.player import TrackEnded
    from moodspeaker.domain.song import Song
    from moodspeaker.speaker.happening import Ports

PROFILE: Final = "profile"
PROFILES: Final = "profiles"
"""The settings under which they are kept."""
MOST: Final = 20
"""Names that are known: the last ones that were used."""

SOONEST: Final = 0.5
"""Seconds within which nobody speaks of a song that has just begun by itself, or of two songs."""

_log = logging.getLogger(__name__)


class Listener:
    """Keeps what the listener hears and says."""

    def __init__(self, ports: Ports, correct: Callable[[str, Emotion], None]) -> None:
        """Begin with the profile of before a restart; `correct` gives a song another mood."""
        store, self._announce = ports.store, ports.announce
        self._store, self._history, self._verdicts = store, ports.history, ports.verdicts
        self._correct = correct
        self.profile = store.get(PROFILE, HOUSEHOLD)
        """Who listens."""
        self._names = _names(store.get(PROFILES, "[]"))
        self._announce(self.profiles)
        self._before: tuple[Song, Mood] | None = None
        """The song that ended last, and the mood that it was played for."""
        self._finished = -math.inf
        """When a song last came to its own end, in monotonic seconds."""
        self._said: tuple[VerdictCommand, float, Song, Mood] | None = None
        """The last word that named no song, when it was said, and what it was about."""

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that are known, `household` and `guest` first."""
        return (HOUSEHOLD, GUEST, *self._names)

    def choose(self, name: str) -> None:
        """Let somebody else listen from now on.  Raises StoreError, and then nobody changes."""
        known = next((one for one in self.profiles if one.casefold() == name.casefold()), name)
        if known not in {HOUSEHOLD, GUEST}:
            before, names = self._names, (*(one for one in self._names if one != known), known)[-MOST:]
            self._store.set(PROFILES, json.dumps(names))
            self._names = names
            if known not in before:
                self._announce(self.profiles)
        self._store.set(PROFILE, known)
        self.profile = known
        _log.info("the listener is %s", known)

    def say(self, command: VerdictCommand, state: State, now: Moment) -> VerdictCommand:
        """Keep what the listener says of a song, durably; return it with the song that it is about.

        Raises NothingPlays, or StoreError where it could not be kept.
        """
        song, mood = self._meant(command, state, now.monotonic)
        if not command.uri:
            self._said = (command, now.monotonic, song, mood)
        meant = replace(command, uri=song.uri)
        if self.profile == GUEST:
            return meant
        opinion, corrected = _opinion(command)
        self._verdicts.add(Verdict(now, song.uri, opinion, mood, corrected, self.profile))
        _log.info("%s says of %s: %s", self.profile, song.name, opinion)
        if corrected is not None:
            self._correct(song.uri, corrected)
        return meant

    def _meant(self, command: VerdictCommand, state: State, now: float) -> tuple[Song, Mood]:
        """Return the song that a word is about, and the mood that it was, or is, played for."""
        uri = command.uri
        if self._before is not None:
            named = self._before[0].uri == uri and not state.is_playing(uri)
            if named or (not uri and now - self._finished < SOONEST):
                return self._before
        if self._said is not None:
            word, said_at, song, mood = self._said
            if command == word and now - said_at < SOONEST:
                return song, mood
        song = _playing(state)
        if uri not in {"", song.uri}:
            message = f"{uri}: this song does not play, nor did it until now: say it of {song.name}"
            raise NothingPlays(message)
        programme = state.playing_programme
        return song, state.mood if programme is None else programme.mood

    def hear(self, ended: TrackEnded, state: State, now: Moment, switched_at: float | None) -> None:
        """Keep what was heard, and how it ended; `switched_at` is the monotonic moment of our last switch."""
        song, programme = ended.song, state.programme
        ours = programme is not None and ended.programme == programme.id
        self._before = (song, programme.mood if ours and programme is not None else state.mood)
        if ended.why is EndReason.FINISHED:
            self._finished = now.monotonic
        if self.profile == GUEST:
            return
        self._history.add(
            Play(
                now,
                song.uri,
                song.title,
                song.artist,
                song.seconds,
                ended.heard,
                ended.why,
                state.mood,
                programme.mood if ours and programme is not None else None,
                None if switched_at is None else now.monotonic - switched_at,
                self.profile,
            )
        )


def _playing(state: State) -> Song:
    song = state.report.song
    if song is None or state.report.state not in {PlayState.PLAY, PlayState.PAUSE}:
        message = "no song plays that this could be said of: play one first"
        raise NothingPlays(message)
    return song


def _opinion(command: VerdictCommand) -> tuple[Opinion, Emotion | None]:
    match command:
        case Like():
            return Opinion.LIKE, None
        case Dislike():
            return Opinion.DISLIKE, None
        case WrongMood(mood, _):
            return Opinion.WRONG_MOOD, mood
        case _:
            assert_never(command)


def _names(text: str) -> tuple[str, ...]:
    """Return the names of a JSON list; none where it is damaged."""
    try:
        names = json.loads(text)
    except ValueError:
        return ()
    return tuple(filter(None, (str(name) for name in names))) if isinstance(names, list) else ()
