"""What plays: from the wish for a mood's music to songs in the player's queue, and back to what became of it.

Theory of operation
===================
A wish takes three steps, each an event of its own, and only the last one is recorded as done:

    ask  ──RequestProgramme──>  ready  ──PlayProgramme, QueueProgramme──>  confirmed (or failed)

One wish is open at a time.  A newer one takes its place: an answer to an older request is not used, and an older
order that still waits for the player is dropped there.

*Pending.*  A switch at the song's end puts the new songs behind the current one.  Whether one is pending is read
from the player's report (the song that follows belongs to another programme), so it survives restarts of either
side.  When a song of the new programme plays, the switch has happened.

*Ahead.*  The queue is kept `ahead_songs` songs or `ahead_minutes` ahead, whichever is more, topped up when half of
that is left; never more than once through the mood's music, or two songs.

*Faults.*  What does not sound is tried again after 2, 4, 8 ... 60 seconds for as long as the music is ours and
wanted; the first refusal is recorded, and each other reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker.backoff import Backoff
from moodspeaker.director.effects import (
    Confirmed,
    ExtendQueue,
    Failed,
    GoToNext,
    GoToPrevious,
    PausePlaying,
    PlayProgramme,
    QueueProgramme,
    RequestMore,
    RequestProgramme,
    SaveSetting,
    StartPlaying,
    Why,
)
from moodspeaker.director.state import Pending
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.player import EndReason, PlayState

if TYPE_CHECKING:
    from random import Random

    from moodspeaker.director.effects import NoProgramme, ProgrammeReady
    from moodspeaker.director.settings import MusicSettings
    from moodspeaker.director.state import State, Turn
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.player import TrackEnded
    from moodspeaker.domain.song import Programme
    from moodspeaker.music.recent import RecentProgrammes

MINUTE: Final = 60.0
MOST_AHEAD: Final = 200
"""Songs ahead at most, however short they are."""
FIRST_RETRY: Final = 2.0
LONGEST_RETRY: Final = 60.0
"""Seconds before music that did not sound is tried again."""
STEADY: Final = 30.0
"""Seconds of playing after which the next fault is a new one."""
TOO_SHORT: Final = 5.0
"""Seconds: a queue that ends sooner than this did not play."""
TOP_UP_RETRY: Final = 30.0
"""Seconds before songs are appended again after a refusal."""
PROGRAMMES: Final = "programmes"
"""The setting under which the recent programmes are kept."""


class How(Enum):
    """How a wish is carried out."""

    NOW = auto()
    AT_SONG_END = auto()
    GO_ON = auto()
    """Let the current programme go on where a switch was pending."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The music that is wanted next and does not stand in the queue yet."""

    request: int
    mood: Emotion
    how: How
    why: Why | None
    """What is recorded when it is confirmed; None: nothing."""


class MusicFlow:
    """Carries wishes out and keeps the queue filled."""

    def __init__(
        self, state: State, settings: MusicSettings, recent: RecentProgrammes, chance: Random
    ) -> None:
        """Begin; `recent` holds the programmes whose songs may stand in the queue."""
        self.settings = settings
        self._state, self._recent = state, recent
        self._backoff = Backoff(chance, first=FIRST_RETRY, longest=LONGEST_RETRY, shortest=1.0)
        self._requests = 0
        self._wish: Wish | None = None
        self._order: PlayProgramme | QueueProgramme | None = None
        """The open wish's order to the player."""
        self._reasons: dict[int, Why] = {}
        """Why each programme that was queued follows."""
        self._more: int | None = None
        """The open request for more songs, until the player has them."""
        self._more_after = -math.inf
        self._last_end: EndReason | None = None
        self._started_at = -math.inf
        self._retry_at: float | None = None
        self._fault = ""
        self.wanted = False
        """Whether our music is to play: it was started, and nobody stopped it since."""

    # --- wishes -----------------------------------------------------------------------------------------------

    @property
    def coming(self) -> Emotion | None:
        """The mood whose music is wanted next, waits, or plays; None when the music is not ours."""
        if self._wish is not None:
            return self._wish.mood
        if self._state.pending is not None:
            return self._state.pending.programme.mood
        return self.current

    @property
    def asked(self) -> Emotion | None:
        """The mood whose music is asked for and has not come yet."""
        return self._wish.mood if self._wish is not None else None

    @property
    def at_song_end(self) -> bool:
        """Whether a switch waits for the end of the song that plays."""
        song = self._state.report.song
        return self.settings.switch == "song_end" and song is not None and song.seconds is not None

    @property
    def current(self) -> Emotion | None:
        """The mood whose music plays; None when the music is not ours."""
        programme = self._state.programme
        ours = programme is not None and self._state.report.programme == programme.id
        return programme.mood if ours and programme is not None else None

    @property
    def starting(self) -> bool:
        """Whether the player is told to play other music at once and has not answered yet."""
        return isinstance(self._order, PlayProgramme)

    def play(self, turn: Turn, mood: Emotion, verb: Verb, rule: Rule) -> None:
        """Wish for a mood's music, now."""
        self.wanted, self._retry_at = True, None
        self._wish_for(turn, mood, How.NOW, turn.why(verb, rule))

    def queue(self, turn: Turn, mood: Emotion) -> None:
        """Wish for a mood's music at the song's end."""
        self._wish_for(turn, mood, How.AT_SONG_END, turn.why(Verb.PENDING, Rule.WAITS_FOR_SONG_END))

    def go_on(self, turn: Turn, why: Why | None) -> None:
        """Let the current programme go on: a switch that is pending, or on its way, is cancelled."""
        programme = self._state.programme
        if programme is None or (self._state.pending is None and self._order is None):
            self._wish = None
            if why is not None:
                turn.record_why(why)
            return
        self._requests += 1
        self._wish, self._order = Wish(self._requests, programme.mood, How.GO_ON, why), None
        turn.add(RequestMore(self._requests, programme, self._count(programme)))

    def restore(self, turn: Turn, last: str) -> None:
        """Play the last programme again in a player that came back empty, from the song that played."""
        programme = self._state.programme
        if programme is None:
            return
        first = programme.songs.index(last) if last in programme.songs else 0
        self._wish = None
        self._order = PlayProgramme(programme, turn.why(Verb.RESUMED, Rule.PLAYER_BACK), first)
        turn.add(self._order)

    def drop(self) -> None:
        """Forget the open wish: a person came first."""
        self._wish = self._order = None

    def _wish_for(self, turn: Turn, mood: Emotion, how: How, why: Why) -> None:
        self._requests += 1
        self._wish, self._order = Wish(self._requests, mood, how, why), None
        song = self._state.report.song
        count = self.settings.ahead_songs
        turn.add(RequestProgramme(self._requests, mood, count, song.uri if song is not None else ""))

    def ready(self, turn: Turn, event: ProgrammeReady) -> None:
        """Give the drawn songs to the player."""
        if event.request == self._more:
            turn.add(ExtendQueue(event.programme))
        wish = self._wish
        if wish is None or event.request != wish.request:
            return
        if wish.how is How.NOW and wish.why is not None:
            self._order = PlayProgramme(event.programme, wish.why)
        else:
            self._order = QueueProgramme(event.programme, wish.why)
            if wish.how is How.AT_SONG_END and wish.why is not None:
                self._reasons[event.programme.id] = wish.why
        turn.add(self._order)

    def none(self, turn: Turn, event: NoProgramme) -> None:
        """Say that a mood has no music."""
        if event.request == self._more:
            self._more, self._more_after = None, turn.now.monotonic + TOP_UP_RETRY
        if self._wish is not None and event.request == self._wish.request:
            self._wish = None
            turn.record(Verb.KEPT, Rule.NO_MUSIC, mood=event.mood)

    # --- what became of it ------------------------------------------------------------------------------------

    def confirmed(self, turn: Turn, event: Confirmed) -> None:
        """Record what the player did."""
        effect = event.effect
        if effect is self._order:
            self._wish = self._order = None
        match effect:
            case PlayProgramme(programme, why):
                self._keep(turn, programme)
                self._started_at, self._fault = turn.now.monotonic, ""
                turn.record_why(why, mood=programme.mood, name=programme.name, source_rule=programme.rule)
                self.top_up(turn)
            case QueueProgramme(programme, why):
                if why is not None:
                    turn.record_why(why, mood=programme.mood, name=programme.name, source_rule=programme.rule)
                self._keep(turn, programme, current=False)
                self.see(turn)
            case ExtendQueue(programme):
                self._more = None
                self._keep(turn, programme, current=False)
                self.top_up(turn)
            case StartPlaying(why) | PausePlaying(why):
                if why is not None:
                    turn.record_why(why)
            case GoToNext() | GoToPrevious():
                pass  # the song that ended tells of it
            case _:
                assert_never(effect)

    def failed(self, turn: Turn, event: Failed) -> None:
        """Say why not, and try again where that may help."""
        effect = event.effect
        mine = effect is self._order
        if mine:
            self._wish = self._order = None
        if isinstance(effect, ExtendQueue):
            self._more, self._more_after = None, turn.now.monotonic + TOP_UP_RETRY
        if event.superseded or self._state.lost:
            return
        if isinstance(effect, PlayProgramme) and mine and effect.why.rule is Rule.PLAYER_BACK:
            # the songs are not there any more: others of this mood may be
            mood = self._state.target or effect.programme.mood
            self._wish_for(turn, mood, How.NOW, Why(Verb.RESUMED, Rule.AFTER_FAULT, effect.why.evidence))
            return
        self._refused(turn, event.reason)
        if isinstance(effect, PlayProgramme):
            self._retry_later(turn)

    def _refused(self, turn: Turn, reason: str) -> None:
        if reason != self._fault:
            self._fault = reason
            turn.record(Verb.KEPT, Rule.PLAYER_REFUSED, reason=reason)

    def _retry_later(self, turn: Turn) -> None:
        self._retry_at = turn.now.monotonic + self._backoff.delay()

    def retry_soon(self) -> None:
        """Try again at the next tick what did not sound: something changed."""
        if self._retry_at is not None:
            self._retry_at = -math.inf

    def tick(self, turn: Turn) -> None:
        """Try again what did not sound."""
        state, now = self._state, turn.now.monotonic
        if state.playing and now - self._started_at >= STEADY:
            self._backoff.reset()
        if self._retry_at is None or now < self._retry_at or self._wish is not None:
            return
        self._retry_at = None
        mood = state.target or (state.programme.mood if state.programme is not None else None)
        if state.connected and state.holder.ours and self.wanted and not state.playing and mood is not None:
            self.play(turn, mood, Verb.STARTED, Rule.AFTER_FAULT)

    def _keep(self, turn: Turn, programme: Programme, *, current: bool = True) -> None:
        """Keep a programme that the player took, durably."""
        whole = self._recent.add(programme)
        if current or (self._state.programme is not None and self._state.programme.id == whole.id):
            self._state.programme = whole
        self._reasons = {p.id: self._reasons[p.id] for p in self._recent if p.id in self._reasons}
        turn.add(SaveSetting(PROGRAMMES, self._recent.to_text()))

    # --- the player's reports ---------------------------------------------------------------------------------

    def ended(self, event: TrackEnded) -> None:
        """Keep how the last song came to its end."""
        self._last_end = event.why

    def see(self, turn: Turn) -> None:
        """Read from the report which programme plays and which one follows."""
        state, report = self._state, self._state.report
        playing = self._recent.find(report.programme)
        if playing is not None and (state.programme is None or state.programme.id != playing.id):
            self._notice(turn, playing)
        following = self._recent.find(report.upcoming)
        if following is None or playing is None or following.id == playing.id or report.song is None:
            state.pending = None
            return
        song = report.song
        if state.pending is None or state.pending.programme.id != following.id:
            left = None if song.seconds is None else max(0.0, song.seconds - report.elapsed)
            state.pending = Pending(following, song.name, None if left is None else turn.now.later(left))

    def _notice(self, turn: Turn, playing: Programme) -> None:
        """Take another programme than the last one as the current one; where it was pending, that is a switch."""
        state = self._state
        was_pending = state.pending is not None and state.pending.programme.id == playing.id
        state.programme = playing
        if not (was_pending or playing.id in self._reasons):
            return  # an older one that came back
        why = self._reasons.pop(playing.id, turn.why(Verb.SWITCHED, Rule.AT_SONG_END))
        skipped = self._last_end is EndReason.SKIPPED
        rule = Rule.WITH_NEXT if skipped else Rule.AT_SONG_END
        switched = Why(Verb.SWITCHED, rule, why.evidence)
        turn.record_why(switched, mood=playing.mood, name=playing.name, source_rule=playing.rule)

    def stopped(self, turn: Turn, before: PlayState) -> None:
        """Go on where our music came to an end by itself."""
        state, report = self._state, self._state.report
        if not (self.wanted and state.holder.ours and before is PlayState.PLAY and self._wish is None):
            return
        if report.state is not PlayState.STOP or not (report.ours or not report.length):
            return
        if report.error:
            self._refused(turn, report.error)
            self._retry_later(turn)
        elif turn.now.monotonic - self._started_at < TOO_SHORT:
            self._retry_later(turn)
        elif mood := state.target or (state.programme.mood if state.programme is not None else None):
            self.play(turn, mood, Verb.STARTED, Rule.QUEUE_ENDED)

    def top_up(self, turn: Turn) -> None:
        """Ask for more songs when half of what is to be ahead is left."""
        state, report, programme = self._state, self._state.report, self._state.programme
        if programme is None or report.programme != programme.id or not report.ours:
            return
        if state.pending is not None or self._wish is not None or self._more is not None:
            return
        if turn.now.monotonic < self._more_after or report.state is PlayState.STOP:
            return
        count = self._missing(programme)
        if count > 0:
            self._requests += 1
            self._more = self._requests
            turn.add(RequestMore(self._requests, programme, count))

    def _missing(self, programme: Programme) -> int:
        """Return how many songs are to be added now: none until half of what is to be ahead is left."""
        report = self._state.report
        endless = report.song is not None and report.song.seconds is None
        if endless or report.seconds_ahead is None or report.song is None:
            return 0
        mean = report.seconds_ahead / report.ahead if report.ahead else report.song.seconds
        for_time = math.ceil(self.settings.ahead_minutes * MINUTE / mean) if mean else 0
        most = min(MOST_AHEAD, max(programme.pool, 2))
        wanted = min(most, max(self.settings.ahead_songs, for_time))
        return wanted - report.ahead if report.ahead * 2 < wanted else 0

    def _count(self, programme: Programme) -> int:
        return min(self.settings.ahead_songs, max(programme.pool, 2))
