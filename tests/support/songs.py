"""A library of made-up songs, and a music server and a listener for it that tests tell what to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moodspeaker.adapters.mpd.catalogue import Catalogue
from moodspeaker.adapters.mpd.playlists import StoredPlaylists
from moodspeaker.database import Database
from moodspeaker.errors import PlayerError
from moodspeaker.library.fusion import Estimate
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.library.songs import Sound
from moodspeaker.resources import schema_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from moodspeaker.domain.library import SharedStickers
    from moodspeaker.domain.song import CatalogueSong
    from support.clock import Clock


def library_file(folder: Path) -> Database:
    """Return the library's file in a state folder, open."""
    database = Database(folder / FILE, lambda: migrations(schema_folder()))
    assert database.write(lambda _: None)
    return database


class FakeServer:
    """A music server with these songs."""

    def __init__(self, songs: Sequence[CatalogueSong], folder: str) -> None:
        self.songs, self.folder = list(songs), folder
        self.mark = "1"
        self.away = False
        self.asked = 0
        self.stickers: dict[str, SharedStickers] = {}
        self.playlists: dict[str, list[str]] = {}

    def changes(self, songs: Sequence[CatalogueSong]) -> None:
        """Have other songs from now on."""
        self.songs = list(songs)
        self.mark = str(int(self.mark) + 1)

    def read_stickers(self) -> Mapping[str, SharedStickers]:
        """Answer as `sharing.read_stickers` does."""
        return dict(self.stickers)

    def read_playlists(self, ours: Collection[str], known: str) -> StoredPlaylists:
        """Answer as `playlists.read_playlists` does."""
        theirs = [uris for name, uris in self.playlists.items() if name not in ours]
        mark = repr(theirs)
        return StoredPlaylists(() if mark == known else theirs, mark)

    def restore_stickers(self, lost: Mapping[str, SharedStickers]) -> None:
        """Keep them, as after `sharing.restore_stickers`."""
        self.stickers |= lost

    def read(self, known: str, tell: Callable[[int], None]) -> Catalogue:
        """Answer as `read_catalogue` does."""
        self.asked += 1
        if self.away:
            message = "no MPD answers: start it"
            raise PlayerError(message)
        if known == self.mark:
            return Catalogue((), address="here", mark=known)
        tell(len(self.songs))
        return Catalogue(tuple(self.songs), frozenset(), "here", self.mark, self.folder)


class FakeListener:
    """Hears what it is told of each file name; counts what it was asked; each song takes some seconds."""

    def __init__(self, clock: Clock, seconds: float = 1.0) -> None:
        self.clock, self.seconds = clock, seconds
        self.sounds: dict[str, Sound] = {}
        self.heard: list[tuple[str, float | None, float | None]] = []
        self.before: Callable[[str], None] = lambda _: None

    def listen(self, path: Path, start: float | None, end: float | None) -> Sound:
        """Hear a file."""
        self.before(path.name)
        self.clock.later(self.seconds)
        self.heard.append((path.name, start, end))
        usual = Sound(60.0, fingerprint=path.read_bytes(), estimate=Estimate(0.1, 0.1, 0.4, 0.6))
        return self.sounds.get(path.name, usual)

    @property
    def names(self) -> list[str]:
        """The files that were listened to."""
        return [name for name, _, _ in self.heard]
