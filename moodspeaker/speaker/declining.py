"""What whoever gave a command is told where it cannot be carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.decision import Reason, Rule
from moodspeaker.domain.wording import sentence
from moodspeaker.errors import NoMusic, NoPlayer, NothingPlays, NotNow, NoVolume

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.director.state import State

ERRORS: Final[Mapping[Rule, type[NotNow]]] = {
    Rule.NO_PLAYER: NoPlayer,
    Rule.NO_MUSIC_AT_ALL: NoMusic,
    Rule.NOTHING_TO_SKIP: NothingPlays,
}


def declined(reason: Reason) -> NotNow:
    """Return the answer to a command that is declined for a reason."""
    return ERRORS.get(reason.rule, NotNow)(sentence(reason))


def demand_volume(state: State) -> None:
    """Raise NoPlayer where no music server is connected, NoVolume where it plays and has no mixer."""
    if not state.connected:
        raise declined(Reason(Rule.NO_PLAYER, {"reason": state.lost}))
    if state.playing and state.report.volume is None:
        message = (
            'the music server has no volume: give its output a mixer, as mixer_type "software" in mpd.conf'
        )
        raise NoVolume(message)
