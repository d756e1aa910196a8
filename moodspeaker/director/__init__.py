"""The director: events in, effects out.  It knows no clock, loop, thread or library.

The law of this module
======================
The speaker changes **what** plays, not **whether** it plays.

*Who holds the music.*  The music is in one of three hands:

    FREE     ours to change
    HELD     a person chose something else: left alone until a countdown ends, or `resume`
    WAITING  a person stopped or paused it: no countdown; only their play, or `play`/`resume`, ends it

    first contact   empty queue: FREE   playing: HELD (our queue of before a restart: FREE)   stopped with
    songs: WAITING
    a person        queue, other song, seek: HELD     stop, pause: WAITING     next, previous in our queue: a
    verdict, FREE
                    the command `hold`: HELD, a waiting switch is taken back; WAITING stays WAITING
    countdown over  HELD -> FREE; an endless stream of theirs is left alone for as long as it plays; stopped:
    WAITING

*When it changes.*  FREE and playing, a new mood with music: at the song's end (the new songs are queued
behind the current one: the switch is *pending*), or at once with `music.switch = "now"`.  RoomState states and
moods without music keep what plays.

*When it starts.*  A person starts it; with `listen.start = "arrival"` a mood read from a face does too, when
FREE, not playing, and outside `listen.quiet`.  What `listen.absence_pause` paused goes on when someone is
back, outside `listen.quiet` too.  After a lost music server the state last seen is restored: ours was
playing, so it plays again, also where an older queue of ours is back.

Every decision and every refusal is a `Decision` with its rule and evidence.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping  # noqa: TC003 - read at run time by the dataclass
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from annotated_types import Ge, Gt, Le

from moodspeaker.domain.commands import Command, Hold, Next, Override, Play, Resume, Sensing
from moodspeaker.domain.decision import Decision, Verb
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import Mood, MoodChange, RoomState
from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerEvent,
    PlayerLost,
    PlayerReport,
    PlayState,
)
from moodspeaker.domain.song import Selection, Song, Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

MINUTE: Final = 60.0
DAY: Final = 24 * 60
EMPTY: Final = PlayerReport(PlayState.DOWN, None, 0.0, ())
EARLIER: Final = 8
"""Selections that are known again after the current one replaced them."""


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """When music plays."""

    start: Literal["person", "arrival"] = "person"
    """Who starts music: only a person's act, or also someone coming in."""
    absence_pause: Annotated[float, Ge(0), Le(1440)] = 0.0
    """Minutes of nobody after which our music pauses until someone is back; 0: never."""
    quiet: str = ""
    """Local hours in which nothing starts by itself, HH:MM-HH:MM; empty: none."""

    def __post_init__(self) -> None:
        quiet_hours(self.quiet)


@dataclass(frozen=True, slots=True)
class HoldSettings:
    """How long a person's choice is left alone."""

    minutes: Annotated[float, Gt(0), Le(1440)] = 30.0
    """Minutes of the countdown."""


@dataclass(frozen=True, slots=True)
class MusicSettings:
    """How music changes."""

    switch: Literal["song_end", "now"] = "song_end"
    """When a new mood's music begins."""


def quiet_hours(text: str) -> tuple[int, int] | None:
    """Return the minutes of the day between which it is quiet, or None; raise ValueError with the cure."""
    if not text:
        return None
    numbers = [word.split(":") for word in text.split("-")]
    if len(numbers) == 2 and all(len(n) == 2 and n[0].isdigit() and n[1].isdigit() for n in numbers):  # noqa: PLR2004 - two of two
        begin, end = (60 * int(hour) + int(minute) for hour, minute in numbers)
        if max(begin, end) <= DAY and all(int(minute) < 60 for _, minute in numbers):  # noqa: PLR2004 - minutes
            return begin, end
    message = f"quiet = {text!r}: write HH:MM-HH:MM, such as 22:00-07:00, or nothing"
    raise ValueError(message)


class Hand(Enum):
    """In whose hand the music is."""

    FREE = "free"
    HELD = "held"
    WAITING = "waiting"


# --- events of our own and effects
# -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passes; `minute` is the local minute of the day."""

    minute: int


@dataclass(frozen=True, slots=True)
class PlayFailed:
    """The player could not do what it was asked, or broke off in the middle."""

    effect: PlayerEffect
    reason: str


Event: TypeAlias = MoodChange | PlayerEvent | Command | Tick | PlayFailed


@dataclass(frozen=True, slots=True)
class PlaySongs:
    """Replace the queue and play from the `first` song."""

    selection: Selection
    first: int = 0


@dataclass(frozen=True, slots=True)
class ArmSongs:
    """Let these songs follow the current one."""

    songs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtendSongs:
    """Append these songs."""

    songs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unpause:
    """Play on."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Go to the next song."""


@dataclass(frozen=True, slots=True)
class SetSensing:
    """Open or close the camera, durably."""

    on: bool


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep a value durably."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Record:
    """Keep and publish a decision."""

    decision: Decision


PlayerEffect: TypeAlias = PlaySongs | ArmSongs | ExtendSongs | Unpause | Pause | Skip
Effect: TypeAlias = PlayerEffect | SetSensing | Remember | Record


@dataclass(frozen=True, slots=True)
class Pending:
    """A switch that waits for the song's end."""

    selection: Selection
    """What comes."""
    song: str
    """Title of the song that ends first."""
    at: Moment | None
    """When it is expected."""


@dataclass(slots=True)
class State:
    """All that the director knows; read by those who show it, changed by the director alone."""

    mood: Mood = RoomState.UNSURE
    since: Moment = field(default_factory=lambda: Moment(0.0, 0.0))
    override: Emotion | None = None
    hand: Hand = Hand.FREE
    hold_until: Moment | None = None
    """When the hold ends; None beside HELD: for as long as their stream plays."""
    selection: Selection | None = None
    """What was last given to the player and began to play."""
    pending: Pending | None = None
    music: Mapping[Emotion, Source] = field(default_factory=dict)
    report: PlayerReport = EMPTY
    lost: str = ""
    """Why the player is down, else empty."""


class Director:
    """Takes events one after another and answers each with effects."""

    def __init__(
        self,
        listen: ListenSettings,
        hold: HoldSettings,
        music: MusicSettings,
        chance: Random,
        *,
        override: Emotion | None = None,
        selection: Selection | None = None,
        armed: Selection | None = None,
    ) -> None:
        self.listen, self.hold, self.music = listen, hold, music
        self.state = State(override=override, selection=selection)
        self._chance = chance
        self._contacted = False
        self._was_playing_ours = False
        self._paused_by_us = False
        self._minute = 0
        self._song_before_loss: Song | None = None
        self._selection_before: Selection | None = selection
        self._armed: Selection | None = armed
        """What was last put behind a current song: it may still wait there after we, or the player, were
        away.
        """
        self._broken_off: Selection | None = None
        """What the player could not be given whole: some of it may be in the queue."""
        self._earlier: deque[Selection] = deque(maxlen=EARLIER)
        """Selections before this one: a killed server comes back with the queue that it saved last."""
        self._attended = -math.inf
        """When a person last acted or commanded: somebody was there."""
        self._evidence: dict[str, str | float | int | None] = {}
        self._effects: list[Effect] = []

    def handle(self, event: Event, now: Moment) -> list[Effect]:  # noqa: C901, PLR0912 - one case an event, and nothing else
        """Take one event; return what is to be done, in order."""
        self._effects = []
        if isinstance(event, PersonActed | Override | Hold | Resume | Play | Next):
            self._attended = now.monotonic
        match event:
            case MoodChange():
                self._mood_changed(event, now)
            case PlayerConnected(report):
                self._connected(report, now)
            case PlayerLost(reason):
                self._lost(reason)
            case PlayerChanged(report):
                self._player_changed(report, now)
            case PersonActed(act, report):
                self._person_acted(act, report, now)
            case MusicChanged(music):
                self._music_changed(music, now)
            case Tick(minute):
                self._minute = minute
                self._tick(now)
            case PlayFailed(effect, reason):
                self._failed(effect, reason, now)
            case Sensing(on):
                self._effects.append(SetSensing(on))
            case Override(mood):
                self._override(mood, now)
            case Hold(minutes):
                self._hold_on_command(minutes or self.hold.minutes, now)
            case Resume():
                self._resume(now)
            case Play():
                self._play(now)
            case Next():
                self._next(now)
        self._was_playing_ours = (
            self._plays_ours() if self.state.report is not EMPTY else self._was_playing_ours
        )
        return self._effects

    @property
    def target(self) -> Emotion | None:
        """The mood to play to, if one is known."""
        if self.state.override is not None:
            return self.state.override
        return self.state.mood if isinstance(self.state.mood, Emotion) else None

    # --- the room
    # ---------------------------------------------------------------------------------------------------

    def _mood_changed(self, change: MoodChange, now: Moment) -> None:
        self.state.mood, self.state.since = change.current, now
        self._evidence = {
            "cause": change.cause,
            "confidence": round(change.confidence, 2),
            "previous": str(change.previous),
        }
        if not isinstance(change.current, Emotion):
            if self.state.report.state is PlayState.PLAY:
                self._decide(Verb.KEPT, f"{change.current}: the music goes on", now)
            return
        if self._paused_by_us and self._may_start() and self.state.report.state is PlayState.PAUSE:
            self._paused_by_us = False
            self._effects.append(Unpause())
            self._decide(Verb.RESUMED, "someone is back", now)
            self.state.report = replace(self.state.report, state=PlayState.PLAY)
        self._follow(now, arrival=True)

    def _override(self, mood: Emotion | None, now: Moment) -> None:
        self.state.override = mood
        self._effects.append(Remember("override", str(mood) if mood else "auto"))
        self._evidence = {"cause": "override"}
        if mood is None:
            self._decide(Verb.RESUMED, "the faces lead again", now)
        self._follow(now)

    # --- the player
    # -------------------------------------------------------------------------------------------------

    def _connected(self, report: PlayerReport, now: Moment) -> None:
        first, self._contacted = not self._contacted, True
        wanted = self.state.hand is Hand.FREE and self._was_playing_ours
        last_song = self.state.report.song or self._song_before_loss
        self.state.report, self.state.lost = report, ""
        self._find_pending(now)
        self._end_of_their_stream(now)
        ours, current = self._was_ours(report), self._is_ours(report)
        if first:
            self._evidence = {"cause": "first contact"}
            if not report.queue or (ours and report.state is PlayState.PLAY):
                self.state.hand = Hand.FREE
            elif report.state is PlayState.PLAY:
                self._hold(self.hold.minutes, "music was playing already", now)
            else:
                self._wait("the player stands still with songs in its queue", now)
        elif self.state.hand is Hand.FREE and report.queue and not ours:
            self._evidence = {"cause": "contact again"}
            if report.state is PlayState.PLAY:
                self._hold(self.hold.minutes, "other music plays after the player came back", now)
            else:
                self._wait("the player came back with other songs", now)
        elif wanted and self.state.selection is not None and not (report.state is PlayState.PLAY and current):
            self._evidence = {"cause": "contact again"}
            self._restore(self.state.selection, last_song, now)
            return
        self._follow(now)

    def _failed(self, effect: PlayerEffect, reason: str, now: Moment) -> None:
        """Take back what the player did not do."""
        self.state.pending = None
        if isinstance(effect, PlaySongs) and effect.selection == self.state.selection:
            self.state.selection, self._broken_off = self._selection_before, effect.selection
            before = dump_selection(self.state.selection) if self.state.selection is not None else ""
            self._effects.append(Remember("selection", before))
        if not self.state.lost:
            self._decide(Verb.KEPT, f"the player refused: {reason}", now)

    def _find_pending(self, now: Moment) -> None:
        """Take up the switch that waits in the queue, or came to pass, while we, the player or a person's
        choice let it lie.
        """
        armed, report = self._armed, self.state.report
        if armed is None or self.state.selection is None or armed.songs == self.state.selection.songs:
            return
        before, waiting = report.queue[: -len(armed.songs)], report.queue[-len(armed.songs) :]
        if waiting != armed.songs or report.song is None:
            return
        if report.song.uri in armed.songs:
            self._evidence = {"cause": "the song's end"}
            self._switched(armed, "at the song's end", now)
        elif self.state.hand is Hand.FREE and before[-1:] == (report.song.uri,):
            self.state.pending = self._pending(armed, now)

    def _restore(self, selection: Selection, last: Song | None, now: Moment) -> None:
        """Play again what the lost player was playing, or what the mood has become since."""
        target = self.target
        if target is not None and target is not selection.mood and target in self.state.music:
            self._start(target, "our music was playing when the player was lost", now)
            return
        self._selection_before = selection
        at = selection.songs.index(last.uri) if last is not None and last.uri in selection.songs else 0
        self._effects.append(PlaySongs(selection, at))
        self._decide(Verb.RESUMED, "our music was playing when the player was lost", now)

    def _lost(self, reason: str) -> None:
        self._song_before_loss = self.state.report.song
        self.state.report, self.state.lost, self.state.pending = EMPTY, reason, None

    def _player_changed(self, report: PlayerReport, now: Moment) -> None:
        before, self.state.report = self.state.report, report
        pending = self.state.pending
        if pending is not None and report.song is not None and report.song.uri in pending.selection.songs:
            self._switched(pending.selection, "at the song's end", now)
        elif self.state.hand is not Hand.FREE:
            self._find_pending(now)
        self._end_of_their_stream(now)
        if self.state.hand is not Hand.FREE or self.state.selection is None:
            return
        began = before.state is not PlayState.PLAY and report.state is PlayState.PLAY
        coming = self.state.pending.selection if self.state.pending is not None else self.state.selection
        if began and self.target in self.state.music and self.target is not coming.mood:
            self._follow(now)  # the mood changed while the player was still on its way, or stood still
            return
        if self.state.pending is not None:
            return
        ours = self._is_ours(report)
        ended = before.state is PlayState.PLAY and report.state is PlayState.STOP and self._is_ours(before)
        if ended and (ours or not report.queue):
            self._start(self.target or self.state.selection.mood, "the queue had ended", now)
        elif (
            ours
            and report.state is PlayState.PLAY
            and report.song is not None
            and report.song.uri == report.queue[-1]
        ):
            source = self.state.music.get(self.state.selection.mood)
            if source is not None:
                more = self._draw(self.state.selection.mood, source, avoid=report.song.uri)
                self._effects.append(ExtendSongs(more.songs))
                self.state.selection = replace(more, songs=(*self.state.selection.songs, *more.songs))
                self._effects.append(Remember("selection", dump_selection(self.state.selection)))

    def _person_acted(self, act: Act, report: PlayerReport, now: Moment) -> None:
        self.state.report = report
        self._paused_by_us = False
        self._evidence = {
            "cause": "person",
            "act": str(act),
            "song": report.song.uri if report.song else None,
        }
        if act in (Act.NEXT, Act.PREVIOUS) and (self._is_ours(report) or self.state.hand is not Hand.FREE):
            if self.state.hand is Hand.FREE:
                self._decide(Verb.SKIPPED, f"a person chose the {act} song", now)
                self._player_changed(report, now)
            elif self.state.hand is Hand.WAITING and report.state is PlayState.PLAY and self._is_ours(report):
                self._free("a person started our music", now)
                self._follow(now)
        elif act in (Act.STOP, Act.PAUSE):
            self._wait(f"a person chose {act}", now)
        elif act is Act.PLAY and self._is_ours(report):
            self._free("a person started our music", now)
            self._follow(now)
        elif act is Act.PLAY and self.state.hand is Hand.HELD:
            pass
        else:
            rule = "a person started their music" if act is Act.PLAY else f"a person changed the {act}"
            if report.state is PlayState.PLAY:
                self._hold(self.hold.minutes, rule, now)
            else:
                self._wait(rule, now)

    def _music_changed(self, music: Mapping[Emotion, Source], now: Moment) -> None:
        self.state.music = music
        target = self.target
        followed = self.state.selection is not None and self.state.selection.mood is target
        if self.state.report is not EMPTY and target in music and not followed:
            self._evidence = {"cause": "the library changed"}
            self._follow(now)

    # --- a person's commands
    # ----------------------------------------------------------------------------------------

    def _hold_on_command(self, minutes: float, now: Moment) -> None:
        self._evidence = {"cause": "command"}
        if self.state.hand is Hand.WAITING:
            self._wait("a person asked for a hold, and the music was stopped already", now)
            return
        if self.state.pending is not None:
            self._take_back()
        self._hold(minutes, "a person asked for it", now)

    def _resume(self, now: Moment) -> None:
        self._evidence = {"cause": "command"}
        self._free("a person asked for it", now)
        if self.state.report.state is PlayState.PLAY or self.state.report is EMPTY:
            self._follow(now)
        elif self._is_ours(self.state.report):
            self._effects.append(Unpause())
        else:
            self._start_something(now)

    def _play(self, now: Moment) -> None:
        self._evidence = {"cause": "command"}
        if self.state.report is EMPTY:
            self._decide(Verb.KEPT, f"no player: {self.state.lost or 'not connected yet'}", now)
            return
        theirs = bool(self.state.report.queue) and not self._is_ours(self.state.report)
        if self.state.report.state is PlayState.PLAY:
            self._follow(now)
        elif self.state.report.state is PlayState.PAUSE or (theirs and self.state.hand is Hand.HELD):
            if not theirs:
                self._free("a person asked for music", now)
            elif self.state.hand is Hand.WAITING:
                self._hold(self.hold.minutes, "a person went on with their music", now)
            self._effects.append(Unpause())
        else:
            self._free("a person asked for music", now)
            self._start_something(now)

    def _next(self, now: Moment) -> None:
        self._evidence = {"cause": "command"}
        if self.state.report.state is PlayState.PLAY:
            self._effects.append(Skip())
            self._decide(Verb.SKIPPED, "a person asked for the next song", now)
        else:
            self._decide(Verb.KEPT, "nothing plays that could be skipped", now)

    # --- time
    # -------------------------------------------------------------------------------------------------------

    def _tick(self, now: Moment) -> None:
        state = self.state
        if (
            state.hand is Hand.HELD
            and state.hold_until is not None
            and now.monotonic >= state.hold_until.monotonic
        ):
            self._evidence = {"cause": "countdown"}
            if self._endless_theirs():
                state.hold_until = None
                self._decide(Verb.HELD, "an endless stream plays: it is left alone", now)
            elif (
                state.report.state is not PlayState.PLAY
                and state.report.queue
                and not self._is_ours(state.report)
            ):
                self._wait("the hold ended, and their music stands still", now)
            else:
                self._free("the hold ended", now)
                self._follow(now)
        if (
            self.listen.absence_pause > 0
            and state.mood is RoomState.NOBODY
            and state.override is None
            and now.monotonic - max(state.since.monotonic, self._attended)
            >= self.listen.absence_pause * MINUTE
            and state.hand is Hand.FREE
            and self._plays_ours()
        ):
            self._paused_by_us = True
            state.report = replace(state.report, state=PlayState.PAUSE)
            self._effects.append(Pause())
            self._decide(Verb.PAUSED, f"nobody for {self.listen.absence_pause:g} minutes", now)

    def _may_start(self) -> bool:
        return self.state.hand is Hand.FREE and not self._is_quiet()

    def _is_quiet(self) -> bool:
        hours = quiet_hours(self.listen.quiet)
        if hours is None:
            return False
        begin, end = hours
        return begin <= self._minute < end if begin <= end else self._minute >= begin or self._minute < end

    # --- whose music
    # ------------------------------------------------------------------------------------------------

    def _is_ours(self, report: PlayerReport) -> bool:
        """Tell whether every song of the queue is of the selection, or of what waits or waited behind it."""
        return _drawn_from(report.queue, self.state.selection, self._armed, self._broken_off)

    def _was_ours(self, report: PlayerReport) -> bool:
        """Tell the same of earlier selections too."""
        return _drawn_from(report.queue, self.state.selection, self._armed, self._broken_off, *self._earlier)

    def _plays_ours(self) -> bool:
        return (
            self.state.report.state is PlayState.PLAY
            and self.state.hand is Hand.FREE
            and self._is_ours(self.state.report)
        )

    def _endless_theirs(self) -> bool:
        report = self.state.report
        endless = report.state is PlayState.PLAY and report.song is not None and report.song.seconds is None
        return endless and not self._is_ours(report)

    def _end_of_their_stream(self, now: Moment) -> None:
        if self.state.hand is Hand.HELD and self.state.hold_until is None and not self._endless_theirs():
            self._hold(self.hold.minutes, "their stream ended", now)

    def _hold(self, minutes: float, rule: str, now: Moment) -> None:
        self.state.hand, self.state.pending = Hand.HELD, None
        self.state.hold_until = Moment(now.monotonic + minutes * MINUTE, now.wall + minutes * MINUTE)
        self._decide(Verb.HELD, f"{rule}: left alone for {minutes:g} minutes", now)

    def _wait(self, rule: str, now: Moment) -> None:
        self.state.hand, self.state.hold_until, self.state.pending = Hand.WAITING, None, None
        self._decide(Verb.HELD, f"{rule}: only play or resume goes on", now)

    def _free(self, rule: str, now: Moment) -> None:
        if self.state.hand is not Hand.FREE:
            self._decide(Verb.RESUMED, rule, now)
        self.state.hand, self.state.hold_until = Hand.FREE, None
        if self.state.pending is None:
            self._find_pending(now)

    # --- what plays
    # -------------------------------------------------------------------------------------------------

    def _follow(self, now: Moment, *, arrival: bool = False) -> None:
        """Let the music follow the target mood, or say why not."""
        state, target = self.state, self.target
        if target is None:
            return
        refusal = self._refusal(target)
        if refusal:
            self._decide(Verb.KEPT, refusal, now)
        elif state.report.state is not PlayState.PLAY:
            self._arrive(target, now, arrival=arrival)
        elif state.selection is not None and state.selection.mood is target and self._is_ours(state.report):
            if state.pending is not None:
                self._take_back()
                self._decide(Verb.KEPT, f"{target} is back before its song ended", now)
            else:
                self._decide(Verb.KEPT, f"music for {target} plays already", now)
        elif state.pending is None or state.pending.selection.mood is not target:
            song = state.report.song
            if self.music.switch == "now" or song is None or song.seconds is None:
                self._start(target, "at once", now)
            else:
                self._arm(target, song.uri, now)

    def _take_back(self) -> None:
        """Let the current selection go on where a switch was waiting."""
        current = self.state.report.song.uri if self.state.report.song else ""
        songs = self.state.selection.songs if self.state.selection is not None else ()
        self._effects.append(ArmSongs(tuple(song for song in songs if song != current) or songs))
        self.state.pending = None

    def _refusal(self, target: Emotion) -> str:
        state = self.state
        if state.report is EMPTY:
            return f"no player: {state.lost or 'not connected yet'}"
        if state.hand is Hand.WAITING:
            return "a person stopped the music: only play or resume goes on"
        if state.hand is Hand.HELD:
            return "a person's choice is left alone"
        if target not in state.music:
            return f"no music for {target}: make a stored playlist mood-{target}"
        return ""

    def _arrive(self, target: Emotion, now: Moment, *, arrival: bool) -> None:
        if self.listen.start != "arrival":
            self._decide(Verb.KEPT, "nothing plays, and a person starts the music (listen.start)", now)
        elif not arrival:
            self._decide(Verb.KEPT, "nothing plays until someone comes in", now)
        elif self._is_quiet():
            self._decide(Verb.KEPT, f"quiet hours {self.listen.quiet}", now)
        else:
            self._start(target, "someone came in", now)

    def _start_something(self, now: Moment) -> None:
        """Start music because a person wants some: for the mood, else for a calm one, else any."""
        order = [self.target, Emotion.NEUTRAL, *EMOTIONS]
        mood = next(
            (emotion for emotion in order if emotion is not None and emotion in self.state.music), None
        )
        if mood is not None:
            self._start(mood, "a person asked for music", now)
        elif self.state.report.queue:
            self._effects.append(Unpause())
        else:
            self._decide(
                Verb.KEPT, "no music for any mood: make a stored playlist mood-happy, mood-sad, ...", now
            )

    def _start(self, mood: Emotion, rule: str, now: Moment) -> None:
        """Put a mood's music on, now."""
        source = self.state.music.get(mood)
        if source is None:
            self._decide(Verb.KEPT, f"no music for {mood}: make a stored playlist mood-{mood}", now)
            return
        current = self.state.report.song
        selection = self._draw(mood, source, avoid=current.uri if current else "")
        self._effects.append(PlaySongs(selection))
        self._switched(selection, rule, now)

    def _arm(self, mood: Emotion, current: str, now: Moment) -> None:
        source = self.state.music[mood]
        drawn = self._draw(mood, source, avoid=current)
        songs = tuple(song for song in drawn.songs if song != current) or drawn.songs
        selection = replace(drawn, songs=songs)
        self.state.pending, self._armed = self._pending(selection, now), selection
        self._effects += [ArmSongs(songs), Remember("armed", dump_selection(selection))]
        self._decide(Verb.PENDING, f"{selection.name} follows at the song's end", now)

    def _pending(self, selection: Selection, now: Moment) -> Pending:
        """Return the switch to a selection at the end of the current song."""
        song = self.state.report.song
        left = (
            max(0.0, song.seconds - self.state.report.elapsed)
            if song is not None and song.seconds is not None
            else None
        )
        at = None if left is None else Moment(now.monotonic + left, now.wall + left)
        return Pending(selection, (song.title or song.uri) if song else "", at)

    def _draw(self, mood: Emotion, source: Source, *, avoid: str) -> Selection:
        """Return the source's songs in an order drawn with a seed, not beginning with `avoid`."""
        seed = self._chance.getrandbits(32)
        songs = sorted(dict.fromkeys(source.songs), key=lambda song: _rank(seed, song))
        if len(songs) > 1 and songs[0] == avoid:
            songs = [*songs[1:], avoid]
        return Selection(mood, source.name, source.rule, tuple(songs), seed)

    def _switched(self, selection: Selection, rule: str, now: Moment) -> None:
        playing = self.state.report.state is PlayState.PLAY
        self._selection_before = self.state.selection
        if self.state.selection is not None:
            self._earlier.append(self.state.selection)
        self.state.selection, self.state.pending = selection, None
        self._paused_by_us = False
        self._effects.append(Remember("selection", dump_selection(selection)))
        verb = Verb.SWITCHED if playing else Verb.STARTED
        self._decide(verb, f"{selection.name} ({selection.rule}), {rule}", now, mood=selection.mood)

    def _decide(self, verb: Verb, rule: str, now: Moment, *, mood: Mood | None = None) -> None:
        evidence = {
            **self._evidence,
            "room": str(self.state.mood),
            "override": str(self.state.override) if self.state.override else None,
            "player": str(self.state.report.state),
        }
        self._effects.append(
            Record(Decision(now, verb, mood or self.target or self.state.mood, rule, evidence))
        )


def _drawn_from(queue: Sequence[str], *selections: Selection | None) -> bool:
    """Tell whether there is a queue and all its songs are of these selections."""
    songs = {song for selection in selections if selection is not None for song in selection.songs}
    return bool(queue) and songs.issuperset(queue)


def _rank(seed: int, song: str) -> int:
    """Return a number that orders songs by seed, the same on every machine (FNV-1a, 64 bits)."""
    value = 0xCBF29CE484222325
    for byte in f"{seed}:{song}".encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def dump_selection(selection: Selection) -> str:
    """Return a selection as one line of text for the store."""
    return "\x1f".join(
        [selection.mood, selection.name, selection.rule, str(selection.seed), *selection.songs]
    )


def load_selection(text: str) -> Selection | None:
    """Return the selection that `dump_selection` wrote, or None for anything else."""
    parts = text.split("\x1f")
    if len(parts) < 5 or parts[0] not in EMOTIONS or not parts[3].isdigit():  # noqa: PLR2004 - four words and a song
        return None
    return Selection(Emotion(parts[0]), parts[1], parts[2], tuple(parts[4:]), int(parts[3]))
