"""What commands lead to: a person's wishes about the music."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from moodspeaker.director.control import Control
from moodspeaker.director.effects import GoToNext, GoToPrevious, SaveSetting, StartPlaying
from moodspeaker.director.state import Turn
from moodspeaker.domain.commands import Dislike, Hold, Next, Override, Pause, Play, Previous, Resume, Target
from moodspeaker.domain.decision import Rule, Verb
from moodspeaker.domain.player import PlayState

if TYPE_CHECKING:
    from moodspeaker.director.aiming import Aiming
    from moodspeaker.director.flow import MusicFlow
    from moodspeaker.director.following import Following
    from moodspeaker.director.holding import Holding
    from moodspeaker.director.pausing import Pausing
    from moodspeaker.director.skipping import Skipping
    from moodspeaker.director.state import State
    from moodspeaker.domain.commands import VerdictCommand
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.moment import Moment


class Commanding:
    """Takes the commands that are about the music."""

    def __init__(  # noqa: PLR0917 - the director alone makes one
        self,
        state: State,
        flow: MusicFlow,
        holding: Holding,
        following: Following,
        pausing: Pausing,
        skipping: Skipping,
        aiming: Aiming,
    ) -> None:
        """Begin."""
        self._state, self._flow, self._holding = state, flow, holding
        self._following, self._pausing, self._skipping = following, pausing, skipping
        self._aiming = aiming

    def command(
        self, command: Override | Target | Hold | Resume | Play | Pause | Next | Previous, now: Moment
    ) -> Turn:
        """Carry a command out, as far as it is ours; return what comes of it."""
        turn = Turn(self._state, now, "override" if isinstance(command, Override) else "command")
        match command:
            case Override(mood):
                self._override(turn, mood)
            case Target(aim):
                self._aiming.choose(turn, aim)
                self._following.follow(turn)
            case Hold(minutes):
                self._command_hold(turn, minutes)
            case Resume():
                self._command_resume(turn)
            case Play():
                self._command_play(turn)
            case Pause():
                self._command_pause(turn)
            case Next() | Previous():
                self._skip(turn, command)
            case _:
                assert_never(command)
        return turn

    def verdict(self, command: VerdictCommand, now: Moment) -> Turn:
        """Let what follows be drawn again by what was said of a song; one that is not liked is skipped."""
        turn = Turn(self._state, now, "command")
        state = self._state
        plays = state.playing and (not command.uri or state.is_playing(command.uri))
        if isinstance(command, Dislike) and plays and state.report.programme is not None:
            self._skipping.ask(turn, GoToNext(turn.why(Verb.SKIPPED, Rule.DISLIKED, act="next")))
        self._flow.draw_again(turn)
        return turn

    def _command_hold(self, turn: Turn, minutes: float | None) -> None:
        if self._state.holder.control is Control.STOPPED_BY_USER:
            turn.record(Verb.HELD, Rule.HOLD_ASKED_WHILE_STOPPED)
            return
        self._holding.hold(turn, Rule.HOLD_ASKED, minutes=minutes)
        self._flow.cancel(turn, None)

    def _command_resume(self, turn: Turn) -> None:
        self._holding.release(turn, Rule.RESUME_ASKED)
        if self._state.playing or not self._state.connected:
            self._following.follow(turn)
        elif self._state.report.ours:
            self._go_on(turn)
        elif not self._following.start_something(turn):
            turn.record(Verb.KEPT, Rule.NO_MUSIC_AT_ALL)

    def _command_play(self, turn: Turn) -> None:
        report, control = self._state.report, self._state.holder.control
        still_theirs = report.length > 0 and not report.ours and not self._state.playing
        if not self._state.connected:
            self._play_without_player(turn)
        elif still_theirs and (report.state is PlayState.PAUSE or control is Control.HELD):
            if control is Control.STOPPED_BY_USER:
                self._holding.hold(turn, Rule.PERSON_STARTED_THEIRS)
            turn.add(StartPlaying(None))
        elif control is Control.HELD and self._state.playing:
            self._following.follow(turn)
        else:
            self._holding.release(turn, Rule.ASKED_FOR_MUSIC)
            if self._state.playing:
                self._following.follow(turn)
            elif report.state is PlayState.PAUSE:
                self._go_on(turn)
            elif not self._following.start_something(turn):
                turn.decline(Rule.NO_MUSIC_AT_ALL)

    def _play_without_player(self, turn: Turn) -> None:
        """Decline to play, unless our music played when the player was lost: then it goes on by itself."""
        if self._flow.should_play:
            turn.record(Verb.KEPT, Rule.NO_PLAYER, reason=self._state.lost)
        else:
            turn.decline(Rule.NO_PLAYER, reason=self._state.lost)

    def _go_on(self, turn: Turn) -> None:
        """Play on with what stands in the queue."""
        self._flow.should_play = self._state.report.ours
        turn.add(StartPlaying(None))

    def _command_pause(self, turn: Turn) -> None:
        if not self._state.connected and not self._flow.should_play:
            turn.decline(Rule.NO_PLAYER, reason=self._state.lost)
            return
        self._flow.drop()
        self._holding.leave_stopped(turn, Rule.PERSON_STOPPED_NOW, act="pause")
        if self._state.playing:
            self._pausing.pause_for_person(turn)
        elif not self._state.connected:  # our music would go on by itself
            self._pausing.owe()

    def _override(self, turn: Turn, mood: Emotion | None) -> None:
        self._state.override = mood
        turn.add(SaveSetting("override", str(mood) if mood else "auto", asked=True))
        if mood is None:
            turn.record(Verb.RESUMED, Rule.FACES_LEAD)
        self._following.follow(turn)

    def _skip(self, turn: Turn, command: Next | Previous) -> None:
        match command:
            case Next():
                why = turn.why(Verb.SKIPPED, Rule.SKIPPED_BY_COMMAND, act="next")
                self._skipping.ask(turn, GoToNext(why))
            case Previous():
                why = turn.why(Verb.SKIPPED, Rule.SKIPPED_BY_COMMAND, act="previous")
                self._skipping.ask(turn, GoToPrevious(why))
            case _:
                assert_never(command)
