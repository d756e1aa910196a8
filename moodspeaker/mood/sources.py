"""Where the looks of several sources meet: what one room shows at one time.

Each source (the camera, another camera, a browser) tells what it sees at its own pace.  The room shows the
faces of the newest look of every source that looked in the last seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from moodspeaker.domain.emotion import Probabilities
    from moodspeaker.domain.observation import Observation

FRESH: Final = 3.0
"""Seconds that a source's look counts beside newer ones of other sources."""


class Sources:
    """The newest look of each source."""

    def __init__(self) -> None:
        """Begin without any."""
        self._looks: dict[str, Observation] = {}

    def look(self, observation: Observation) -> list[Probabilities]:
        """Take a look; return the expressions of all faces that the room shows now."""
        self._looks[observation.source] = observation
        newest = max(look.at for look in self._looks.values())
        self._looks = {name: look for name, look in self._looks.items() if newest - look.at <= FRESH}
        return [face.probabilities for look in self._looks.values() for face in look.faces]

    def clear(self) -> None:
        """Forget what was seen: the camera is closed or lost."""
        self._looks.clear()
