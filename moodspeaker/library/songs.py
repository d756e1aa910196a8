"""Songs as the index knows them, and which listed song is which known one.

Design notes
============
A song keeps its id, and with it its history, for as long as it can be recognised:

    listed under the same URI             the same, unless title, artist and length are all another's
    listed under a new URI                one that is no longer listed, with the same title and artist (where
                                          there is no title: the same file name) and a length within
                                          `SAME_LENGTH`, where exactly one such song fits exactly one
    known by its sound                    what tags cannot tell is told after it was analysed, by its
                                          fingerprint and length (`index.SongIndex.add_sounds`)

So two files that swap their names swap their songs.  Songs that are no longer listed are kept as gone for a
while: a drive that was not mounted, a folder that MPD reads again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import field
from typing import TYPE_CHECKING, Final

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from moodspeaker.domain.emotion import Affect
    from moodspeaker.domain.song import CatalogueSong
    from moodspeaker.library.fusion import Estimate
    from moodspeaker.library.taste import Taste

SAME_LENGTH: Final = 1.5
"""Seconds by which the stated length of a song may change with its file."""
DOUBTFUL: Final = 10_000
"""Pairs of songs with the same tags beyond which nobody can tell which is which."""


@dataclass(frozen=True, slots=True)
class FileTags:
    """What a file's own tags say; the defaults: nothing."""

    title: str = ""
    artist: str = ""
    album: str = ""
    genre: str = ""
    moods: str = ""
    """Words of the mood tag, several separated by "; "."""
    bpm: float | None = None
    """Beats a minute."""
    key: str = ""
    """Musical key as "C", "F#m", "Bb"."""
    gain: float | None = None
    """ReplayGain of the song, in dB."""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Sound:
    """What the analysis of a song's sound found."""

    seconds: float | None = None
    """Length by decoding; None where nothing could be decoded."""
    damaged: bool = False
    """Whether the file ends before its stated length, or has parts that cannot be decoded."""
    fingerprint: bytes | None = None
    """Of its sound: alike in copies of one sound; None where there is none."""
    estimate: Estimate | None = None
    """Valence and arousal; None where the sound has none."""
    timbre: bytes = b""
    """How it sounds apart from that (`domain.timbre`); empty where that is not known."""
    reason: str = ""
    """Why it has none, else empty."""
    tags: FileTags = field(default_factory=FileTags)
    """What the file itself says."""
    passing: bool = False
    """Whether that may be another time the next time, as with a file that may not be read."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """A song whose sound is to be analysed."""

    id: int
    uri: str
    modified: str
    start: float | None
    """Seconds in its file where it begins; None where it is the whole file."""
    end: float | None
    reason: str
    """Why it could not be heard before, else empty."""


@dataclass(frozen=True, slots=True)
class IndexedSong:
    """A song as it is shown."""

    uri: str
    title: str
    artist: str
    album: str
    genre: str
    seconds: float | None
    """By decoding, else as stated."""
    affect: Affect | None
    """None where it could not be judged."""
    rank: Affect | None
    """Its place within the library, -1 to 1."""
    mood: str | None
    confidence: float
    source: str
    """`tags`, `sound`, `tags+sound`, `correction`, or empty."""
    reason: str
    """Why it could not be judged, or what is wrong with its sound; else empty."""
    damaged: bool
    bpm: float | None
    key: str
    """Empty where it is not known."""
    gain: float | None
    taste: Taste
    """By other players."""


@dataclass(frozen=True, slots=True)
class KnownSong:
    """A song of the index, as far as it is compared."""

    id: int
    uri: str
    key: int
    """Of title and artist: `key_of`."""
    digest: int
    """Of all its tags: `digest_of`."""
    seconds: float | None
    gone: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What a listing changes."""

    same: Sequence[tuple[int, CatalogueSong]]
    """Songs that stay where they are, with other tags."""
    moved: Sequence[tuple[int, str, CatalogueSong]]
    """Songs with another URI or that are back, and the URI that they had."""
    fresh: Sequence[CatalogueSong]
    gone: Sequence[int]
    """Songs that were there before and are not listed any more, the moved ones included."""

    @property
    def any(self) -> bool:
        """Whether anything changed at all."""
        return bool(self.same or self.moved or self.fresh or self.gone)

    def __str__(self) -> str:
        moved = {song for song, _, _ in self.moved}
        counts = {
            "new": len(self.fresh),
            "changed": len(self.same),
            "moved or back": len(moved),
            "gone": len(set(self.gone) - moved),
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing changed"


def key_of(uri: str, title: str, artist: str) -> int:
    """Return a number that is equal, in this process, for songs that may be the same by their tags."""
    if title:
        return hash((title.casefold(), artist.casefold()))
    return hash(_file_name(uri))


def digest_of(tags: CatalogueSong) -> int:
    """Return a number that is equal, in this process, where nothing changed."""
    return hash(
        (
            tags.title, tags.artist, tags.album, tags.genre, tags.moods, tags.seconds, tags.modified,
            tags.start, tags.end, tags.recording, tags.year,
        )
    )  # fmt: skip


def compare(known: Iterable[KnownSong], listed: Sequence[CatalogueSong]) -> Changes:
    """Return what a whole listing changes; a URI stands in it once."""
    lost: list[KnownSong] = []
    there: dict[str, KnownSong] = {}
    for song in known:
        if song.gone:
            lost.append(song)
        else:
            there[song.uri] = song
    same: list[tuple[int, CatalogueSong]] = []
    new: list[CatalogueSong] = []
    gone: list[KnownSong] = []
    for tags in listed:
        before = there.pop(tags.uri, None)
        if before is None:
            new.append(tags)
        elif _replaced(before, tags):
            new.append(tags)
            gone.append(before)
        elif before.digest != digest_of(tags):
            same.append((before.id, tags))
    gone += there.values()
    found = _recognised([*gone, *lost], new)
    moved = [(found[tags.uri].id, found[tags.uri].uri, tags) for tags in new if tags.uri in found]
    fresh = [tags for tags in new if tags.uri not in found]
    return Changes(same, moved, fresh, [song.id for song in gone])


def _replaced(song: KnownSong, tags: CatalogueSong) -> bool:
    """Tell whether another song took a file's place."""
    return (
        song.seconds is not None
        and song.key != key_of(tags.uri, tags.title, tags.artist)
        and not _as_long(song, tags)
    )


def _as_long(song: KnownSong, tags: CatalogueSong) -> bool:
    if song.seconds is None or tags.seconds is None:
        return song.seconds is tags.seconds
    return abs(song.seconds - tags.seconds) <= SAME_LENGTH


def _recognised(lost: Sequence[KnownSong], new: Sequence[CatalogueSong]) -> Mapping[str, KnownSong]:
    """Return the lost song that each new URI is, where there is no doubt.

    Those that were there until this listing count before those that went earlier; the same URI counts before
    the same file name, and that before another one.
    """
    by_key: dict[int, list[KnownSong]] = defaultdict(list)
    for song in lost:
        by_key[song.key].append(song)
    wanted: dict[int, list[CatalogueSong]] = defaultdict(list)
    for tags in new:
        key = key_of(tags.uri, tags.title, tags.artist)
        if key in by_key:
            wanted[key].append(tags)
    found: dict[str, KnownSong] = {}
    for key, several in wanted.items():
        for songs in ([song for song in by_key[key] if not song.gone], by_key[key]):
            for same in (_whole_uri, _file_name, _nothing):
                _pair(songs, several, same, found)
    return found


def _pair(
    songs: Sequence[KnownSong],
    new: Sequence[CatalogueSong],
    same: Callable[[str], str],
    found: dict[str, KnownSong],
) -> None:
    """Add to `found` the pairs of which each fits no other, among those that are not paired yet."""
    taken = {song.id for song in found.values()}
    left: dict[str, list[KnownSong]] = defaultdict(list)
    for song in songs:
        if song.id not in taken:
            left[same(song.uri)].append(song)
    wanted: dict[str, list[CatalogueSong]] = defaultdict(list)
    for tags in new:
        if tags.uri not in found and same(tags.uri) in left:
            wanted[same(tags.uri)].append(tags)
    for name, several in wanted.items():
        if len(several) * len(left[name]) > DOUBTFUL:
            continue
        fits = [(song, tags) for tags in several for song in left[name] if _as_long(song, tags)]
        of_song = Counter(song.id for song, _ in fits)
        of_tags = Counter(tags.uri for _, tags in fits)
        found |= {tags.uri: song for song, tags in fits if of_song[song.id] == of_tags[tags.uri] == 1}


def _whole_uri(uri: str) -> str:
    return uri


def _file_name(uri: str) -> str:
    return uri.rsplit("/", 1)[-1]


def _nothing(_uri: str) -> str:
    return ""
