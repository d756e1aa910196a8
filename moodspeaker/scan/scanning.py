"""A scan: the tags of all songs first, useful at once, then the sound of those that were not heard yet.

Theory of operation
===================
    round:  listing (skipped where the music server has read no files since)  ->  moods by what is known
            sound, for `ROUND` seconds at most                                ->  moods by what is known
    again until nothing is left to hear

So songs that are added, renamed or deleted in the midst of a long scan are met within a round.  What was
heard is written every few songs: whenever the scan is killed, the next one goes on there.  A music server
that is away is told, and what is known of it is gone on with; a song that cannot be read is told and left.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from moodspeaker.errors import PlayerError
from moodspeaker.library.index import PLAYLISTS_SEEN
from moodspeaker.library.songs import Sound
from moodspeaker.scan.files import SAMPLE, Located, locate, unreachable
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from moodspeaker.adapters.mpd.catalogue import Catalogue
    from moodspeaker.adapters.mpd.playlists import StoredPlaylists
    from moodspeaker.domain.library import SharedStickers
    from moodspeaker.domain.moment import Moment
    from moodspeaker.library.index import SongIndex
    from moodspeaker.library.lexicon import Lexicon
    from moodspeaker.library.songs import Unheard
    from moodspeaker.scan.progress import Progress

ROUND: Final = 600.0
"""Seconds for which sound is analysed before the music server is asked for changes."""
KEEP_SECONDS: Final = 5.0
"""Seconds after which what was heard is written."""
KEEP_SONGS: Final = 5
"""Songs after which it is."""


@dataclass(frozen=True, slots=True)
class World:
    """What a scan asks of the world."""

    read_catalogue: Callable[[str, Callable[[int], None]], Catalogue]
    """Returns what the music server has, no songs where its mark is the given one; raises PlayerError."""
    read_stickers: Callable[[], Mapping[str, SharedStickers]]
    """Returns what other players know of songs, by URI; raises PlayerError."""
    restore_stickers: Callable[[Mapping[str, SharedStickers]], None] | None
    """Gives back what the server lost of songs that moved; raises PlayerError.  None: that is not wanted."""
    read_playlists: Callable[[Collection[str], str], StoredPlaylists]
    """Returns the stored playlists but those of these names, none where their mark is the given one; raises
    PlayerError."""
    listen: Callable[[Path, float | None, float | None], Sound]
    """Returns what a file, or the part of it between two moments in seconds, sounds like."""
    alike: Callable[[bytes, bytes], bool]
    """Tells whether two fingerprints are of one sound."""
    refused: str
    """Why nothing can be listened to, else empty."""
    model: str
    """Version of what `listen` goes by: with another one, songs are heard again."""
    now: Callable[[], Moment]


class Scan:
    """One scan of the whole library."""

    def __init__(
        self, index: SongIndex, lexicon: Lexicon, world: World, progress: Progress, music_dir: str
    ) -> None:
        """`music_dir` is the folder of the files; empty: the one that the music server names."""
        self._index, self._lexicon, self._world, self._progress = index, lexicon, world, progress
        self._music_dir = music_dir
        self._in_vain: set[int] = set()
        """Songs that could not be read, and may be at the next scan."""
        self._done = 0
        self.failed = 0
        """Songs whose sound could not be read."""

    def run(self) -> bool:
        """Scan until nothing is left; return whether the music server was there.  Raises StoreError."""
        if self._index.state("model") != self._world.model:
            self._index.set_state(model=self._world.model)
        there, _ = self._take_listing()
        self._index.place(self._lexicon)
        self._progress.begin()
        while (folder := self._folder()) is not None:
            left = self._hear(folder)
            there, changed = self._take_listing()
            self._index.place(self._lexicon)
            if not left and not changed:
                break
        return there

    # --- tags ---------------------------------------------------------------------------------------------

    def _take_listing(self) -> tuple[bool, bool]:
        """Take over what the music server lists; return whether it was there, and whether it changed."""
        index, progress = self._index, self._progress
        known = index.state("mark") if index.state("music_dir") == self._music_dir else ""
        try:
            listing = self._world.read_catalogue(known, progress.listed)
        except PlayerError as error:
            progress.say(f"tags: the songs stay as they were listed last: {error}")
            self._note_fault(str(error))
            return False, False
        self._note_fault("")
        scanned_at = f"{self._world.now().wall:.0f}"
        if known and listing.mark == known:
            index.set_state(scanned_at=scanned_at)
            self._take_what_others_know()
            return True, False
        changes = index.take_listing(listing.songs)
        index.set_state(
            mark=listing.mark,
            address=listing.address,
            music_dir=self._music_dir,
            folder=self._music_dir or listing.folder,
            scanned_at=scanned_at,
            left_out=listing.left_out.words,
        )
        self._take_what_others_know()
        progress.say(f"tags: {len(listing.songs)} songs, {changes}", new=changes.any)
        return True, changes.any

    def _note_fault(self, fault: str) -> None:
        """Keep why the music server's songs could not be listed, for whoever asks how far the scan is."""
        if fault != self._index.state("fault"):
            self._index.set_state(fault=fault)

    def _take_what_others_know(self) -> None:
        """Take over what other players keep on the server, once songs that moved have their new URIs."""
        self._take_stickers()
        self._take_playlists()

    def _take_playlists(self) -> None:
        index = self._index
        ours = [name for name in index.state("playlists").split("\n") if name]
        known = index.state(PLAYLISTS_SEEN)
        try:
            told = self._world.read_playlists(ours, known)
        except PlayerError as error:  # a server that keeps none is no fault
            self._progress.say(f"playlists: what goes together there is not read: {error}", new=False)
            return
        if told.mark != known:
            index.take_playlists(told.playlists, told.mark)
            self._progress.say(f"playlists: {len(told.playlists)} tell what goes together")

    def _take_stickers(self) -> None:
        try:
            lost = self._index.take_stickers(self._world.read_stickers())
            if lost and self._world.restore_stickers is not None:
                self._world.restore_stickers(lost)
                self._progress.say(f"stickers: those of {len(lost)} songs that moved are given back")
        except PlayerError as error:  # a server that keeps none is no fault
            self._progress.say(f"stickers: what other players know is not read: {error}", new=False)

    # --- sound --------------------------------------------------------------------------------------------

    def _folder(self) -> Path | None:
        """Return the music folder, None where the files cannot be read; keep why."""
        index = self._index
        folder, uris = index.state("folder"), index.some_uris(SAMPLE)
        reason = unreachable(folder, uris, address=index.state("address")) if uris else ""
        reason = reason or self._world.refused
        new = reason != index.state("files")
        if new:
            index.set_state(files=reason)
        if reason:
            self._progress.say(f"sound: tags alone tell the moods: {reason}", new=new)
        return Path(folder) if uris and not reason else None

    def _hear(self, folder: Path) -> bool:
        """Analyse sound for a round; return whether songs are left."""
        world, index = self._world, self._index
        begun = kept_at = world.now().monotonic
        total = self._done + index.count_unheard(world.model) - len(self._in_vain)
        found: list[tuple[Unheard, Sound]] = []
        try:
            for song in self._unheard():
                self._progress.heard(self._done, total)
                found.append((song, self._listen(song, folder)))
                self._done += 1
                now = world.now().monotonic
                if len(found) >= KEEP_SONGS or now - kept_at >= KEEP_SECONDS:
                    self._keep(found)
                    kept_at = now
                if now - begun >= ROUND:
                    return True
        finally:
            self._keep(found)
        return False

    def _keep(self, found: list[tuple[Unheard, Sound]]) -> None:
        """Write what was heard."""
        if found:
            self._index.add_sounds(found, self._world.model, self._world.alike)
            found.clear()

    def _unheard(self) -> Iterator[Unheard]:
        after = 0
        while songs := self._index.unheard(self._world.model, after):
            yield from (song for song in songs if song.id not in self._in_vain)
            after = songs[-1].id

    def _listen(self, song: Unheard, folder: Path) -> Sound:
        located = locate(song.uri, folder)
        if isinstance(located, Located):
            sound = self._world.listen(located.path, song.start, song.end)
        else:
            sound = Sound(reason=located.reason, passing=located.passing)
        if sound.passing:
            self._in_vain.add(song.id)
        if sound.seconds is None:
            self.failed += 1
            self._progress.say(f"{song.uri}: {sound.reason}", new=sound.reason != song.reason)
        return sound
