"""Changes of whose the music is, each with its decision (the rules: `control`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.director.ahead import MINUTE
from moodspeaker.director.control import Control, Holder
from moodspeaker.director.effects import SaveSetting
from moodspeaker.director.kept_holder import CONTROL, is_worth_a_write, to_text
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.player import PlayState

if TYPE_CHECKING:
    from moodspeaker.director.flow import MusicFlow
    from moodspeaker.director.kept_holder import KeptHolder
    from moodspeaker.director.settings import HoldSettings
    from moodspeaker.director.state import State, Turn


class Holding:
    """Leaves the music alone, for a while or without an end, and takes it again."""

    def __init__(self, state: State, flow: MusicFlow, settings: HoldSettings, kept: KeptHolder) -> None:
        """Begin; it is whose it was before a restart."""
        self.settings = settings
        self._state, self._flow = state, flow
        state.holder = kept.holder
        self._on_disk, self._boot = kept.on_disk, kept.boot

    def hold(self, turn: Turn, rule: Rule, *, minutes: float | None = None, act: str | None = None) -> None:
        """Leave the music alone for some minutes, by default `hold.minutes`."""
        minutes = minutes or self.settings.minutes
        self._state.holder = Holder(Control.HELD, turn.now.later(minutes * MINUTE), minutes)
        self._flow.should_play = False
        turn.record(Verb.HELD, rule, minutes=minutes, act=act)

    def leave_stopped(self, turn: Turn, rule: Rule, *, act: str | None = None) -> None:
        """Leave the music alone without an end: from here on only play or resume starts it."""
        self._state.holder = Holder(Control.STOPPED_BY_USER)
        self._flow.should_play = False
        turn.record(Verb.HELD, rule, act=act)

    def release(self, turn: Turn, rule: Rule) -> None:
        """Let the music be ours to change; it goes on as it is."""
        if not self._state.holder.ours:
            turn.record(Verb.RESUMED, rule)
        self._state.holder = Holder()
        if self._state.connected:  # else what was lost goes on when the player is back
            self._flow.should_play = self._state.plays_ours

    def first_contact(self, turn: Turn, *, stood: bool) -> None:
        """Decide whose the music is in a player that is new to us.

        `stood`: ours stands still as it did before a restart, when nobody had stopped it.
        """
        control, report = self._state.holder.control, self._state.report
        free = stood or (report.ours and report.song is None)  # it ran out: a stop keeps the current song
        if control is Control.HELD:
            pass
        elif self._state.playing and not report.ours:
            self.hold(turn, Rule.PLAYED_ALREADY)
        elif self._state.playing and control is Control.STOPPED_BY_USER:
            self.release(turn, Rule.PERSON_STARTED_OURS)
        elif control is Control.OURS and not self._state.playing and report.length and not free:
            self.leave_stopped(turn, Rule.STANDS_STILL)

    def contact_again(self, turn: Turn) -> None:
        """Decide whose the music is in a player that was lost: somebody may have used it meanwhile."""
        control, report = self._state.holder.control, self._state.report
        if self._state.playing and report.ours and control is Control.STOPPED_BY_USER:
            self.release(turn, Rule.PERSON_STARTED_OURS)
        elif control is Control.HELD or report.ours or not report.length:
            pass
        elif self._state.playing:
            self.hold(turn, Rule.OTHER_MUSIC)
        elif control is Control.OURS:
            self.leave_stopped(turn, Rule.CAME_BACK_OTHER)

    def countdown(self, turn: Turn) -> None:
        """End a hold when its time is over."""
        state = self._state
        state.holder = state.holder.by(turn.now)
        if not state.holder.over(turn.now):
            return
        if state.endless_theirs:
            state.holder = Holder(Control.HELD)
            turn.record(Verb.HELD, Rule.ENDLESS_STREAM)
        elif state.report.state is not PlayState.PLAY and state.report.length and not state.report.ours:
            self.leave_stopped(turn, Rule.HOLD_ENDED_STILL)
        else:
            self.release(turn, Rule.HOLD_ENDED)

    def end_of_their_stream(self, turn: Turn) -> None:
        """Let a hold without an end have one when their endless stream is over."""
        holder = self._state.holder
        if holder.control is Control.HELD and holder.until is None and not self._state.endless_theirs:
            self.hold(turn, Rule.STREAM_ENDED)

    def keep(self, turn: Turn) -> None:
        """Keep whose the music is, where that has changed: it is so after a restart."""
        holder = self._state.holder
        if is_worth_a_write(self._on_disk, holder):
            self._on_disk = holder
            turn.add(SaveSetting(CONTROL, to_text(holder, self._boot)))
