"""What plays: from the wish for a mood's music to songs in the player's queue, and back to what became of it.

Theory of operation
===================
A wish takes three steps, each an event of its own, and only the last one is recorded as done:

    wish  ──RequestProgramme──>  order  ──PlayProgramme, QueueProgramme──>  confirmed (or failed)

One wish or order is open at a time.  A newer one takes its place: an answer to an older request is not used,
and an older order that the player has not begun with is not carried out (`wants`).  Was it begun, then it is
confirmed, and recorded, all the same.

*Pending.*  A switch at the song's end puts the new songs behind the current one.  Whether one is pending is
read from the player's report (the song that follows belongs to another programme), so it survives restarts of
either side.  When a song of the new programme plays, the switch has happened.

*Ahead.*  More songs of what plays: see `ahead`.

*Faults.*  What does not sound is tried again for as long as the music is ours and should play: see `faults`.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker.director.ahead import MOST_AHEAD, Ahead
from moodspeaker.director.effects import (
    ExtendQueue,
    GoToNext,
    GoToPrevious,
    PausePlaying,
    PlayProgramme,
    QueueProgramme,
    RequestProgramme,
    SaveSetting,
    StartPlaying,
    Why,
)
from moodspeaker.director.faults import STEADY, Faults
from moodspeaker.director.state import Pending
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import PlayState
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from random import Random

    from moodspeaker.director.effects import Failed, NoProgramme, PlayerEffect, ProgrammeReady
    from moodspeaker.director.settings import MusicSettings
    from moodspeaker.director.state import State, Turn
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.player import TrackEnded
    from moodspeaker.domain.song import MusicFor, Programme
    from moodspeaker.music.recent import RecentProgrammes

JITTER: Final = 2.0
"""Seconds by which the expected end of a song may differ from report to report."""
PROGRAMMES: Final = "programmes"
"""The setting under which the recent programmes are kept."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The music that is wanted next and is not drawn yet."""

    request: int
    music: MusicFor
    at_once: bool
    """Whether it is to play at once, else at the song's end."""
    fades: bool
    """Whether the song's end comes at once, by the server's own crossfade."""
    why: Why
    """What is recorded when it is confirmed."""

    def order(self, programme: Programme) -> PlayProgramme | QueueProgramme:
        """Return what the player is told, for songs that were drawn."""
        if self.at_once:
            return PlayProgramme(programme, self.why)
        return QueueProgramme(programme, self.why, self.fades)


class MusicFlow:
    """Carries wishes out and keeps the queue filled."""

    def __init__(
        self, state: State, settings: MusicSettings, recent: RecentProgrammes, chance: Random
    ) -> None:
        """Begin; `recent` holds the programmes whose songs may stand in the queue."""
        self._numbers = itertools.count(1)
        self._ahead = Ahead(state, settings, self._numbers)
        self._state, self._recent = state, recent
        self.faults = Faults(chance)
        self._wish: Wish | None = None
        self._order: PlayProgramme | QueueProgramme | None = None
        self._in_doubt: PlayProgramme | QueueProgramme | None = None
        """The last order that failed: a busy player may have done it all the same, without an answer."""
        self._reasons: dict[int, Why] = {}
        """Why each programme that was put behind another follows it."""
        self._last_end: EndReason | None = None
        self._last_song = ""
        """URI of the song that played when the player was lost."""
        self._started_at = -math.inf
        self.should_play = False
        """Whether our music is to play: it was started, is ours, and nobody stopped or paused it since."""

    @property
    def settings(self) -> MusicSettings:
        """How music changes."""
        return self._ahead.settings

    @settings.setter
    def settings(self, settings: MusicSettings) -> None:
        self._ahead.settings = settings

    # --- what is on its way ---------------------------------------------------------------------------------

    @property
    def current(self) -> MusicFor | None:
        """The music that plays; None when it is not ours."""
        programme = self._state.playing_programme
        return None if programme is None else programme.serves

    @property
    def coming(self) -> MusicFor | None:
        """The music that is wanted, on its way, pending, or plays; None when the music is not ours."""
        if self._wish is not None:
            return self._wish.music
        if self._order is not None:
            return self._order.programme.serves
        if self._state.pending is not None:
            return self._state.pending.programme.serves
        return self.current

    @property
    def starting(self) -> bool:
        """Whether other music is to play at once and is not confirmed yet."""
        return isinstance(self._order, PlayProgramme) or (self._wish is not None and self._wish.at_once)

    @property
    def at_song_end(self) -> bool:
        """Whether a switch waits for the end of the song that plays."""
        song = self._state.report.song
        return self.settings.switch != "now" and song is not None and song.seconds is not None

    def wants(self, order: PlayProgramme | QueueProgramme | ExtendQueue) -> bool:
        """Tell whether an order is still to be carried out."""
        return self._ahead.wants(order) if isinstance(order, ExtendQueue) else order is self._order

    # --- wishes ---------------------------------------------------------------------------------------------

    def play(self, turn: Turn, mood: Emotion, verb: Verb, rule: Rule) -> None:
        """Wish for a mood's music, now."""
        self.should_play = True
        self.faults.give_up()
        music = self._state.music_for(mood)
        why = turn.why(verb, rule, **self._state.details_of(music))
        self._wish_for(turn, music, why, at_once=True)

    def play_instead(self, turn: Turn, mood: Emotion) -> None:
        """Let what is starting be another mood's music, for the same reason."""
        starting = self._wish or self._order
        if starting is not None and starting.why is not None:
            self._wish_for(turn, self._state.music_for(mood), starting.why, at_once=True)

    def queue(self, turn: Turn, mood: Emotion) -> None:
        """Wish for a mood's music, or the next step of a journey, at the song's end."""
        music = self._state.music_for(mood)
        fades = self.settings.switch == "fade" and self._state.report.crossfade > 0
        why = turn.why(Verb.PENDING, Rule.WAITS_FOR_SONG_END, **self._state.details_of(music))
        journey = self._state.journey
        if journey is not None and music.near is not None:
            step = journey.steps[journey.at].reason
            why = turn.why(Verb.PENDING, step.rule, **step.details)
            fades = fades and journey.at == 0
        if fades:
            why = turn.why(Verb.PENDING, Rule.FADES, **why.details)
        self._wish_for(turn, music, why, at_once=False, fades=fades)

    def restore(self, turn: Turn, programme: Programme) -> None:
        """Play a programme again in a player that came back without it, from the song that played."""
        songs = programme.songs
        first = max((n for n, song in enumerate(songs) if song == self._last_song), default=0)
        again = replace(programme, songs=songs[first : first + MOST_AHEAD])
        self.drop()
        self._order = PlayProgramme(again, turn.why(Verb.RESUMED, Rule.PLAYER_BACK))
        turn.add(self._order)

    def cancel(self, turn: Turn, why: Why | None) -> None:
        """Let the current programme go on: a switch that is pending, or on its way, is off.

        `why` is recorded when that is so.
        """
        queued = self._state.pending is not None or isinstance(self._order, QueueProgramme)
        programme, current = self._state.programme, self.current
        self.drop()
        if queued and programme is not None and current is not None:
            self._order = QueueProgramme(self._rest_of(programme), why)
            turn.add(self._order)
        elif why is not None:
            turn.record_why(why)

    def drop(self) -> None:
        """Drop what is wanted or on its way: a person, or something newer, came first."""
        self._wish = self._order = None
        self._ahead.drop()
        self.faults.give_up()

    def lose(self) -> None:
        """Drop everything: the player is gone, and answers nothing more."""
        self.drop()
        self._ahead.lose()
        self._last_end = None
        song = self._state.report.song
        if song is not None:
            self._last_song = song.uri

    def _wish_for(self, turn: Turn, music: MusicFor, why: Why, *, at_once: bool, fades: bool = False) -> None:
        request = next(self._numbers)
        self._wish, self._order = Wish(request, music, at_once, fades, why), None
        self._ahead.drop()
        song = self._state.report.song
        avoid = song.uri if song is not None else ""
        turn.add(RequestProgramme(request, music.mood, self.settings.ahead_songs, avoid, music.near))

    def _rest_of(self, programme: Programme) -> Programme:
        """Return a programme with the songs behind the current one; with all others where it is the last."""
        song, songs = self._state.report.song, programme.songs
        uri = song.uri if song is not None else ""
        place = max((n for n, each in enumerate(songs) if each == uri), default=-1)
        rest = songs[place + 1 :] or tuple(each for each in songs if each != uri) or songs
        return replace(programme, songs=rest[:MOST_AHEAD])

    def ready(self, turn: Turn, event: ProgrammeReady) -> None:
        """Give the drawn songs to the player."""
        wish = self._wish
        if (instead := self._ahead.ready(turn, event)) is not None:
            self._order = instead
            turn.add(instead)
        elif wish is not None and event.request == wish.request:
            self._wish, self._order = None, wish.order(event.programme)
            turn.add(self._order)

    def no_music(self, turn: Turn, event: NoProgramme) -> MusicFor | None:
        """Say that a mood has no music (any more); return what there is none of where a journey wanted it."""
        wish = self._wish
        if self._ahead.no_music(turn, event.request):
            return None
        if wish is not None and event.request == wish.request:
            self._wish = None
            if wish.music.near is not None:
                return wish.music
            turn.record(Verb.KEPT, Rule.NO_MUSIC, mood=event.mood)
            if wish.at_once:
                self.faults.retry_later(turn)
        return None

    # --- what became of it ----------------------------------------------------------------------------------

    def confirmed(self, turn: Turn, effect: PlayerEffect) -> None:
        """Record what the player did."""
        self._close(effect)
        match effect:
            case PlayProgramme(programme, why):
                self._started_at = turn.now.monotonic
                self._keep(turn, programme, plays=True)
                turn.record_why(why, mood=programme.mood, name=programme.name, source_rule=programme.kind)
                self.see(turn)
            case QueueProgramme(programme, why):
                whole = self._keep(turn, programme)
                if why is not None:
                    turn.record_why(why, mood=programme.mood, name=programme.name, source_rule=programme.kind)
                    if whole is not self._state.programme:
                        self._reasons[programme.id] = why
                self.see(turn)
            case ExtendQueue(programme):
                self._keep(turn, programme)
                self.see(turn)  # in a queue that a person changed meanwhile those songs are pending
            case StartPlaying(why) | PausePlaying(why):
                self._started_at = turn.now.monotonic
                if why is not None:
                    turn.record_why(why)
            case GoToNext() | GoToPrevious():
                pass  # the song that ended tells of it
            case _:
                assert_never(effect)
        self.top_up(turn)

    def failed(self, turn: Turn, event: Failed) -> None:
        """Say why not, and try again where that may help."""
        effect = event.effect
        wanted = self._close(effect)
        if isinstance(effect, ExtendQueue):
            self._ahead.refused(turn)
        elif isinstance(effect, PlayProgramme | QueueProgramme) and not self._recent.find(
            effect.programme.id
        ):
            self._in_doubt = effect
        if event.superseded or self._state.lost:
            return
        if isinstance(effect, PlayProgramme) and wanted and effect.why.rule is Rule.PLAYER_BACK:
            # the songs are not there any more: others of this mood may be
            played = effect.programme.mood
            mood = self._state.with_music(self._state.led_mood, played) or played
            why = Why(Verb.RESUMED, Rule.AFTER_FAULT, effect.why.evidence)
            self._wish_for(turn, self._state.music_for(mood), why, at_once=True)
            return
        self.faults.refused(turn, event.reason)
        if wanted or (isinstance(effect, StartPlaying) and self.should_play):
            self.faults.retry_later(turn)

    def _close(self, effect: PlayerEffect) -> bool:
        """Note that an order is answered; return whether it was the open one."""
        self._ahead.answered(effect)
        if effect is not self._order:
            return False
        self._order = None
        return True

    def _keep(self, turn: Turn, programme: Programme, *, plays: bool = False) -> Programme:
        """Keep a programme that the player took, durably; return it with all its songs."""
        whole = self._recent.add(programme)
        if plays:
            self._recent.plays(whole)
        current = self._state.programme
        if plays or (current is not None and current.id == whole.id):
            self._state.programme = whole
        self._reasons = {p.id: self._reasons[p.id] for p in self._recent if p.id in self._reasons}
        turn.add(SaveSetting(PROGRAMMES, self._recent.to_text()))
        return whole

    # --- the player's reports -------------------------------------------------------------------------------

    def ended(self, event: TrackEnded) -> None:
        """Note how the last song came to its end."""
        self._last_end = event.why

    def see(self, turn: Turn) -> None:
        """Read from the report which programme plays and which one follows."""
        state, report = self._state, self._state.report
        if self._in_doubt is not None and self._in_doubt.programme.id in (report.programme, report.upcoming):
            done, self._in_doubt = self._in_doubt, None
            self.confirmed(turn, done)
            return
        playing = self._recent.find(report.programme)
        if playing is not None and (state.programme is None or state.programme.id != playing.id):
            self._notice(turn, playing)
        following, song = self._recent.find(report.upcoming), report.song
        if following is None or song is None or following is playing:
            state.pending = None
            return
        at = None
        if song.seconds is not None and report.state is PlayState.PLAY:
            at = turn.now.later(max(0.0, song.seconds - report.elapsed))
        before = state.pending
        if (
            before is None
            or before.programme is not following
            or before.song != song.name
            or _moved(before.at, at)
        ):
            state.pending = Pending(following, song.name, at)

    def _notice(self, turn: Turn, playing: Programme) -> None:
        """Take another programme as the current one; where it was pending, that is a switch."""
        came = playing.id in self._reasons or self._recent.newer(playing)
        before, self._state.programme = self._state.programme, playing
        if self._order is not None and before is not None and self._order.programme.id == before.id:
            self._order = None  # too late to let that one go on
        self._recent.plays(playing)
        turn.add(SaveSetting(PROGRAMMES, self._recent.to_text()))
        if not came:
            return  # an older one that is back
        why = self._reasons.pop(playing.id, turn.why(Verb.PENDING, Rule.WAITS_FOR_SONG_END))
        rule = Rule.WITH_NEXT if self._last_end is EndReason.SKIPPED else Rule.AT_SONG_END
        switched = Why(Verb.SWITCHED, rule, why.evidence, why.details)
        turn.record_why(switched, mood=playing.mood, name=playing.name, source_rule=playing.kind)

    def stopped(self, turn: Turn, before: PlayState) -> None:
        """Go on where our music came to its end by itself, or by a fault."""
        state, report = self._state, self._state.report
        if (
            before is not PlayState.PLAY
            or report.state is PlayState.PLAY
            or not self.should_play
            or self.starting
        ):
            return
        mood = state.with_music(state.led_mood, state.last_mood)
        if report.error:
            self.faults.refused(turn, report.error)
            self.faults.retry_later(turn)
        elif report.state is PlayState.PAUSE:
            pass  # our pause
        elif mood is None or turn.now.monotonic - self._started_at < STEADY:
            self.faults.retry_later(turn)
        else:
            self.play(turn, mood, Verb.STARTED, Rule.QUEUE_ENDED)

    def tick(self, turn: Turn) -> None:
        """Let time pass: songs that could not be appended are tried again, a fault is over."""
        if self._state.playing and self._wish is None and self._order is None:
            self.faults.played(turn, self._started_at)
        self.top_up(turn)

    def top_up(self, turn: Turn) -> None:
        """Ask for more songs of what plays, where nothing else is wanted or on its way."""
        if self._wish is None and self._order is None:
            self._ahead.top_up(turn)

    def draw_again(self, turn: Turn) -> None:
        """Let what stands ahead be drawn again, where nothing else is wanted or on its way."""
        if self._wish is None and self._order is None:
            self._ahead.draw_again(turn)


def _moved(before: Moment | None, now: Moment | None) -> bool:
    """Tell whether an expected moment is another one."""
    if before is None or now is None:
        return before is not now
    return abs(before.monotonic - now.monotonic) > JITTER
