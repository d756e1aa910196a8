"""What a file's own tags say: the one door to mutagen.

The music server lists title, artist, album and genre, and MPD from 0.24 on the mood tag: what it lists wins.
Beats, key, ReplayGain and comment are the file's alone.  Where an MP3 has tags of two kinds, ID3 wins over
APE; in a WAV ID3 before its INFO list.  Whatever goes wrong here says nothing of a song: it has no tags then.
A picture of many megabytes is passed over: mutagen takes ten times the memory for it (`pictureless`).
"""

from __future__ import annotations

import contextlib
import io
import logging
from typing import TYPE_CHECKING, Any, Final, assert_never

import mutagen
from mutagen import mp4
from mutagen.apev2 import APEv2
from mutagen.flac import VCFLACDict
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from mutagen.wave import WAVE

from moodspeaker.library.songs import FileTags
from moodspeaker.scan.pictureless import tags_alone
from moodspeaker.scan.riff import info_tags
from moodspeaker.scan.tag_values import beats, gain, gain_of_opus, musical_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

APPLE: Final = "----:com.apple.itunes:"
GAIN: Final = "replaygain_track_gain"
KEYS: Final = {
    "title": ("title", "tit2", "©nam", "inam"),
    "artist": ("artist", "tpe1", "©art", "author", "iart"),
    "album": ("album", "talb", "©alb", "wm/albumtitle", "iprd"),
    "genre": ("genre", "tcon", "©gen", "wm/genre", "ignr"),
    "moods": ("mood", "tmoo", "txxx:mood", f"{APPLE}mood", "wm/mood"),
    "bpm": ("bpm", "tbpm", "tmpo", "tempo", "txxx:bpm", f"{APPLE}bpm", "wm/beatsperminute"),
    "key": (
        "initialkey",
        "key",
        "tkey",
        "txxx:initialkey",
        "txxx:key",
        f"{APPLE}initialkey",
        "wm/initialkey",
    ),
    "gain": (
        "replaygain_track_gain",
        "txxx:replaygain_track_gain",
        f"{APPLE}replaygain_track_gain",
        "rva2:track",
    ),
    "opus_gain": ("r128_track_gain",),
    "comment": ("comment", "comm", "©cmt", "description", "icmt"),
}
"""What each is called in Vorbis and APE, ID3v2, MP4, ASF and RIFF, in lower case; the first counts."""
MOST_AT_ONCE: Final = 12 << 20
"""Bytes of a file that are read at once for its tags."""
MOST: Final = 48 << 20
"""Bytes of it that are read in all."""
LONGEST: Final = 200
"""Characters of one tag."""

_log = logging.getLogger(__name__)


def read_tags(path: Path) -> FileTags:
    """Return the tags of a file; a pipe is not waited for."""
    try:
        if not path.is_file():
            return FileTags()
        return _tags([dict(_texts(tags)) for tags in _blocks(path)])
    except Exception as error:  # noqa: BLE001 - it meets every kind of odd file, and raises every kind of error
        _log.debug("%s: %r", path, error)
        return FileTags()


class _TooMuch(ValueError):  # noqa: N818 - what was asked for
    """More of a file is asked for than is read for its tags."""


class _Bounded(io.BufferedReader):
    """A file whose reader is kept from asking for too much of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._left = MOST
        self.refused = False
        """Whether it asked for too much; mutagen's reader of MP4 says then that the file is broken."""

    def read(self, size: int | None = -1) -> bytes:
        """Return so many bytes, or all that follow; raise _TooMuch where that is too much."""
        asked = MOST_AT_ONCE + 1 if size is None or size < 0 else size
        found = super().read(min(asked, MOST_AT_ONCE + 1))
        self._left -= len(found)
        if len(found) > MOST_AT_ONCE or self._left < 0:
            self.refused = True
            message = f"too much to read at {self.tell()}"
            raise _TooMuch(message)
        return found


class _Nameless(_Bounded):
    """The same, of which only the content tells the format."""

    name = ""


def _blocks(path: Path) -> Iterator[Any]:
    """Yield the blocks of tags of a file, the one that wins first."""
    try:
        file = _file(path)
        tags = None if file is None else file.tags
    except _TooMuch:
        file, tags = None, _without_pictures(path)
    if tags is not None:
        yield tags
    if isinstance(file, MP3) or (file is None and isinstance(tags, ID3)):
        try:
            with _Bounded(path) as content:
                yield APEv2(content)  # type: ignore[no-untyped-call] # the library's
        except mutagen.MutagenError:
            return
    elif isinstance(file, WAVE):
        yield info_tags(path)


def _file(path: Path) -> Any:  # noqa: ANN401 - of each format's own type
    with _Bounded(path) as content, contextlib.suppress(mutagen.MutagenError):
        return mutagen.File(content)
    if content.refused:
        raise _TooMuch
    with _Nameless(path) as content:  # perhaps its name is another format's: without one its content decides
        return mutagen.File(content)


def _without_pictures(path: Path) -> Any:  # noqa: ANN401 - of each format's own type
    found = tags_alone(path)
    if found is None:
        return None
    kind, block = found
    content = io.BytesIO(block)
    match kind:
        case "ID3":
            return ID3(content)  # type: ignore[no-untyped-call] # the library's
        case "FLAC":
            return VCFLACDict(content)  # type: ignore[no-untyped-call] # the library's
        case "MP4":
            return mp4.MP4Tags(mp4.Atoms(content), content)  # type: ignore[attr-defined,no-untyped-call]
        case _:
            assert_never(kind)


def _texts(tags: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - of each format's own type
    """Yield the name of each tag, in lower case, with its texts."""
    for key, value in _pairs(tags):
        name = key
        if name.startswith("comm:"):  # COMM:description:language; programs keep numbers under descriptions
            name = "comm" if name.startswith("comm::") else name
        texts = [text.strip() for one in _values(value) for text in one.split("\0")]
        if any(texts):
            yield name, [text for text in texts if text]


def _pairs(tags: Any) -> Iterable[tuple[str, Any]]:  # noqa: ANN401 - of each format's own type
    """Return the name of each tag, in lower case, and its value."""
    if not isinstance(tags, list):
        return ((key.casefold(), tags[key]) for key in tags.keys())  # noqa: SIM118 - some yield pairs
    found: dict[str, list[Any]] = {}  # Vorbis and ASF: a look-up walks through all of them
    for key, value in list.__iter__(tags):
        found.setdefault(key.casefold(), []).append(value)
    return found.items()


def _values(value: Any) -> Iterable[str]:  # noqa: ANN401 - of each format's own type
    if hasattr(value, "gain"):  # ID3's RVA2
        return [str(value.gain)]
    texts = getattr(value, "genres", None) or getattr(value, "text", value)
    several = texts if isinstance(texts, list) else [texts]
    return [text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text) for text in several]


def _tags(blocks: Sequence[Mapping[str, Sequence[str]]]) -> FileTags:
    def joined(field: str) -> str:
        words = next((block[name] for block in blocks for name in KEYS[field] if name in block), ())
        return "; ".join(dict.fromkeys(words))[:LONGEST]

    def first(field: str) -> str:
        return joined(field).partition(";")[0]

    track_gain = gain(first("gain"))
    return FileTags(
        joined("title"),
        joined("artist"),
        joined("album"),
        joined("genre"),
        joined("moods"),
        beats(first("bpm")),
        musical_key(first("key")),
        gain_of_opus(first("opus_gain")) if track_gain is None else track_gain,
        joined("comment"),
    )
