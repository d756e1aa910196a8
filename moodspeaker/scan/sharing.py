"""Letting other players see the moods: stickers of each song, and a stored playlist a mood.

What was written is not written again: stickers follow a song's change, playlists are looked at once a day,
and when songs are gone or have moved.  What the server refuses (it keeps no stickers, it has no playlist
folder) is told once and is no fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.errors import PlayerError
from moodspeaker.library.index import PLAYLISTS_AT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from moodspeaker.domain.library import SongAffect
    from moodspeaker.domain.moment import Moment
    from moodspeaker.library.index import SongIndex
    from moodspeaker.scan.progress import Progress

DAY: Final = 24 * 3600.0
SONGS: Final = 200
"""Songs of a playlist at most."""
NAMES: Final = {emotion: f"Mood – {emotion.capitalize()}" for emotion in EMOTIONS}  # noqa: RUF001 - a dash
"""Names of the playlists; the listener's own are called `mood-happy`."""


class Sharing:
    """Writes what changed; a function that is None is switched off."""

    def __init__(
        self,
        index: SongIndex,
        write_stickers: Callable[[Sequence[SongAffect]], None] | None,
        write_playlists: Callable[[Mapping[str, Sequence[str]], Sequence[str]], Sequence[str]],
        now: Callable[[], Moment],
        progress: Progress,
        *,
        playlists: bool,
    ) -> None:
        """`playlists`: whether there are to be any; those that were made before are removed where not."""
        self._index, self._now, self._progress = index, now, progress
        self._write_stickers, self._write_playlists = write_stickers, write_playlists
        self._playlists = playlists

    def run(self) -> None:
        """Write the stickers that changed, and the playlists where it is time."""
        for what, act in (("stickers", self._stickers), ("playlists", self._all_playlists)):
            refused = ""
            try:
                act()
            except PlayerError as error:
                refused = str(error)
                new = refused != self._index.state(f"no_{what}")
                self._progress.say(f"{what}: other players do not see the moods there: {refused}", new=new)
            if refused != self._index.state(f"no_{what}"):
                self._index.set_state(**{f"no_{what}": refused})

    def _stickers(self) -> None:
        if self._write_stickers is None:
            return
        while songs := self._index.unshared():
            self._write_stickers(songs)
            self._index.note_shared(songs)

    def _all_playlists(self) -> None:
        index, now = self._index, self._now().wall
        ours = [name for name in index.state("playlists").split("\n") if name]
        if not self._playlists:
            if ours:
                self._write_playlists({}, ours)
                index.set_state(**{"playlists": "", PLAYLISTS_AT: ""})
            return
        at = float(index.state(PLAYLISTS_AT) or 0)
        if 0 <= now - at < DAY or not int(index.state("placed") or 0):
            return
        wanted = {name: index.nearest(emotion, SONGS) for emotion, name in NAMES.items()}
        written = self._write_playlists(wanted, ours)
        index.set_state(**{"playlists": "\n".join(written), PLAYLISTS_AT: f"{now:.0f}"})
