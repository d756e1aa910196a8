"""A recorded day with the director as it is: how often the music would have been switched; pure.

Design notes
============
The director itself decides, event by event; only its player is made up.  It plays our music from the first
look to the last, songs of `SONG` seconds, one after another; nobody touches it, and it refuses nothing.  So
what is counted is what other settings would change, and nothing that a person did on that day.

Time goes in steps: the next change of mood, the next end of a song, or the next tick, whichever comes first.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker.director.director import Director
from moodspeaker.director.effects import (
    Confirmed,
    ExtendQueue,
    Failed,
    GoToNext,
    GoToPrevious,
    NoProgramme,
    PausePlaying,
    PlayProgramme,
    ProgrammeReady,
    QueueProgramme,
    Record,
    RequestMore,
    RequestProgramme,
    SaveSetting,
    StartPlaying,
    Tick,
)
from moodspeaker.domain.commands import Play
from moodspeaker.domain.decision import Verb
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.player import (
    MusicChanged,
    PlayerChanged,
    PlayerConnected,
    PlayerReport,
    PlayState,
    TrackEnded,
)
from moodspeaker.domain.song import MusicSource, Programme, Song
from moodspeaker.music.recent import RecentProgrammes
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from moodspeaker.director.effects import Event, PlayerEffect
    from moodspeaker.director.settings import DirectorSettings
    from moodspeaker.domain.emotion import Affect, Emotion
    from moodspeaker.domain.look_rows import LookRow
    from moodspeaker.domain.mood import Mood, MoodChange
    from moodspeaker.mood.tracker import MoodSettings

SONG: Final = 210.0
"""Seconds of a song."""
TICK: Final = 30.0
"""Seconds between ticks: nothing that the director waits for is shorter than a minute."""
POOL: Final = 1000
"""Songs that there are for each mood."""
MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Rules:
    """How the mood settles, and what the music does with it."""

    mood: MoodSettings
    director: DirectorSettings


@dataclass(frozen=True, slots=True)
class DayToReplay:
    """A day on record, and the rules that are to be compared on it."""

    rows: Sequence[LookRow]
    """The looks, oldest first."""
    oldest: float
    """Seconds since the epoch before which looks do not count."""
    minute: int
    """What is to be added to the minutes since the epoch to have the local minute of the day."""
    sources: Mapping[Emotion, str]
    """The rule of each mood's music."""
    now: Rules
    then: Rules


@dataclass(frozen=True, slots=True)
class Switch:
    """Other music took the place of what played."""

    at: float
    """Monotonic seconds."""
    mood: Mood
    """Whose music it is."""


def rehearse(
    settings: DirectorSettings,
    sources: Mapping[Emotion, str],
    changes: Sequence[MoodChange],
    span: tuple[float, float],
    room: Callable[[float], tuple[int, Affect | None]],
) -> list[Switch]:
    """Return the switches of music that changes of mood lead to, in order.

    `sources` has the rule of each mood's music, `span` is from when until when music plays, and `room` tells
    of a moment the local minute of the day and where the room is in the affect plane, None while nobody is
    seen.  Times are monotonic seconds.
    """
    begin, end = span
    player = _Player(settings, begin)
    player.start(sources)
    coming = deque(changes)
    tick = begin
    while True:
        at = min(coming[0].at if coming else end, player.song_ends, tick)
        if at >= end:
            return player.switches
        player.now = max(at, player.now)
        if coming and coming[0].at <= at:
            player.take(coming.popleft())
        elif player.song_ends <= at:
            player.end_song()
        else:
            tick = at + TICK
            player.take(Tick(*room(at)))


class _Player:
    """A director and the player that it believes to have."""

    def __init__(self, settings: DirectorSettings, begin: float) -> None:
        chance = random.Random(1)  # noqa: S311 - no secret; the same answer every time
        self._director = Director(settings, _Unwritten(), chance)
        self._events: deque[Event] = deque()
        self._queue: list[tuple[Song, Programme]] = []
        self._place, self._began_at, self._state = 0, begin, PlayState.STOP
        self._paused_at = begin
        self._drawn = 0
        self.now = begin
        self.switches: list[Switch] = []

    @property
    def song_ends(self) -> float:
        """When the song that plays is over; infinity where none plays."""
        return self._began_at + SONG if self._state is PlayState.PLAY else float("inf")

    def start(self, sources: Mapping[Emotion, str]) -> None:
        """Connect, and let a person play music."""
        music = {mood: MusicSource(str(mood), rule, (str(mood),)) for mood, rule in sources.items()}
        self.take(MusicChanged(MappingProxyType(music)), PlayerConnected(self._report()), Play())

    def take(self, *events: Event) -> None:
        """Let events happen, and all that follows from them."""
        self._events.extend(events)
        while self._events:
            for effect in self._director.handle(self._events.popleft(), Moment(self.now, self.now)):
                match effect:
                    case Record(decision):
                        if decision.verb is Verb.SWITCHED:
                            self.switches.append(Switch(self.now, decision.mood))
                    case SaveSetting():
                        pass
                    case RequestProgramme() | RequestMore():
                        self._events.append(self._answer(effect))
                    case _:
                        self._carry_out(effect)

    def end_song(self) -> None:
        """Let the song that plays come to its end."""
        song, programme = self._queue[self._place]
        ended = TrackEnded(song, SONG, EndReason.FINISHED, programme.id, SONG)
        self._place, self._began_at = self._place + 1, self.now
        if self._place >= len(self._queue):
            self._queue, self._place, self._state = [], 0, PlayState.STOP
        self.take(ended, PlayerChanged(self._report()))

    def _answer(self, request: RequestProgramme | RequestMore) -> ProgrammeReady | NoProgramme:
        """Draw songs."""
        self._drawn += request.count
        songs = tuple(str(number) for number in range(self._drawn - request.count, self._drawn))
        match request:
            case RequestProgramme(number, mood, count, _, near):
                drawn = Programme(number, mood, str(mood), "", songs, POOL, count, near)
            case RequestMore(number, before, count):
                drawn = replace(before, songs=songs, drawn=before.drawn + count)
            case _:
                assert_never(request)
        return ProgrammeReady(number, drawn)

    def _carry_out(self, order: PlayerEffect) -> None:
        if not self._director.wants(order):
            self._events.append(Failed(order, "a later wish came first", superseded=True))
            return
        playing = self._queue[self._place : self._place + 1]
        match order:
            case PlayProgramme(programme):
                self._queue, self._place, self._state = _songs(programme), 0, PlayState.PLAY
                self._began_at = self.now
            case QueueProgramme(programme):
                self._queue, self._place = [*playing, *_songs(programme)], 0
            case ExtendQueue(programme):
                self._queue = [*self._queue[self._place :], *_songs(programme)]
                self._place = 0
            case StartPlaying():
                if self._state is PlayState.PAUSE:
                    self._began_at += self.now - self._paused_at
                self._state = PlayState.PLAY
            case PausePlaying():
                self._state, self._paused_at = PlayState.PAUSE, self.now
            case GoToNext() | GoToPrevious():
                pass  # nobody is there who would
            case _:
                assert_never(order)
        self._events += (PlayerChanged(self._report()), Confirmed(order))

    def _report(self) -> PlayerReport:
        if not self._queue:
            return PlayerReport(self._state)
        (song, programme), *ahead = self._queue[self._place :]
        return PlayerReport(
            self._state,
            song,
            self.now - self._began_at,
            len(self._queue),
            ours=True,
            programme=programme.id,
            upcoming=ahead[0][1].id if ahead else None,
            ahead=len(ahead),
            seconds_ahead=SONG * len(ahead),
        )


class _Unwritten(RecentProgrammes):
    """The last programmes where nothing is kept: to write them would be most of the work."""

    def to_text(self) -> str:
        """Return nothing."""
        return ""


def _songs(programme: Programme) -> list[tuple[Song, Programme]]:
    return [(Song(uri, seconds=SONG), programme) for uri in programme.songs]
