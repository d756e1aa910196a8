"""Names of songs, artists and albums, reduced to what makes them the same or another.  Pure.

The same although these differ: letter case, spaces, accents, composed or decomposed letters, punctuation, `&`
and `and`, a `The` in front or behind.  A title is taken apart into the song, the guests (`feat. …`) and its
version (`Live`, `Remix`, …): what only names an edition (`Remastered 2011`) is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST: Final = 500
"""Letters of a name that count."""
KNOWN_BY: Final = 100
"""Letters of an artist, a title and a version by which a song is known."""
_LETTERS: Final = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\u0131": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "&": " and ",
    }
)
_ACCENTS: Final = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF))
"""Marks that letters may lose; those of other scripts, as Japanese voicing, make another letter."""
_SHARP: Final = re.compile(r"(?<=\b[a-g])[#♯]")
_FLAT: Final = re.compile(r"(?<=\b[a-g])♭")
_THE: Final = re.compile(r"^\s*the\s+(?=\S)|(?<=\S)\s*,\s*the\s*$", re.IGNORECASE)

_BRACKETS: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_DASHES: Final = r"[-\u2010-\u2015]"
_DASH: Final = re.compile(rf"\s+{_DASHES}\s+((?:(?!\s{_DASHES}\s).)+)$")
_BETWEEN: Final = re.compile(rf"\s+{_DASHES}\s+")
_GUESTS: Final = re.compile(r"^\s*(?:feat\b\.?|ft\b\.?|featuring\b|with\b)\s*(.+)$", re.IGNORECASE)
_GUESTS_AT_END: Final = re.compile(r"\s+(?:feat\b\.?|ft\b\.?|featuring\b)\s*(.+)$", re.IGNORECASE)
_EDITION: Final = re.compile(
    r"\bremaster(ed)?\b|\b(mono|stereo)\b"
    r"|\b(single|album|original|lp|explicit|clean|main|full|standard) version\b"
    r"|\boriginal mix\b|\bbonus track\b|\bofficial\b|\blyrics?\b|^(hd|hq|4k|audio|video|explicit|clean)$"
    r"|\b(deluxe|expanded|anniversary|special|collector'?s|limited)\b|\breissue\b|\bedition\b",
    re.IGNORECASE,
)
_VERSIONS: Final = (
    r"live|unplugged|in concert|remix|rmx|mix|acoustic|instrumental|karaoke|demo|cover|edit|extended|dub"
    r"|rework|bootleg|mashup|sped up|slowed|reprise|a ?cappella|sessions?|rehearsal|outtake|alternate"
    r"|version"
)
_VERSION: Final = re.compile(rf"\b({_VERSIONS})\b", re.IGNORECASE)
_LIVE_ALBUM: Final = re.compile(
    r"\blive\s+(at|in|from|on)\b|[(\[]live\b|\bunplugged\b|\bin concert\b", re.IGNORECASE
)

_SEPARATORS: Final = (
    re.compile(r"\s*;\s*|\s+/\s+|[\s(\[]+(?:feat\.?|ft\.?|featuring|vs\.?)\s+", re.IGNORECASE),
    re.compile(r"\s*(?<!\\),\s*"),
    re.compile(r"\s*[&+]\s*|\s+(?:and|und|et|y|x)\s+", re.IGNORECASE),
)
"""What stands between several artists, the surest first; `\\,` is a comma within a name (Exportify)."""
NOBODY: Final = frozenset(
    {"variousartists", "various", "va", "unknown", "unknownartist", "diverse", "verschiedene"}
)
"""Artists that say nothing."""


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a song; the usual one has no kinds."""

    kinds: frozenset[str] = frozenset()
    """`live`, `remix`, …"""
    words: str = ""
    """What else is said of it, such as where it was played or who mixed it."""

    def fits(self, other: Version) -> bool:
        """Tell whether both may be the same: where both say more, they say the same."""
        same = self.words == other.words or not self.words or not other.words
        return self.kinds == other.kinds and same


@dataclass(frozen=True, slots=True)
class Title:
    """A title taken apart."""

    song: str
    """Key of the song's name."""
    version: Version
    guests: tuple[str, ...]


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """Return what is left of a name: equal for names that mean the same; empty only for an empty name."""
    text = _tidy(text)
    plain = _THE.sub("", text)
    folded = unicodedata.normalize("NFKD", plain.casefold()).casefold()
    folded = _FLAT.sub("flat", _SHARP.sub("sharp", folded)).translate(_LETTERS)
    kept = "".join(filter(_counts, folded))
    return kept or "".join(folded.split()) or "".join(text.casefold().split())


def _counts(letter: str) -> bool:
    if letter.isalnum():
        return True
    code = ord(letter)
    return unicodedata.category(letter)[0] == "M" and not any(low <= code <= high for low, high in _ACCENTS)


def _tidy(text: str) -> str:
    """Return a name with single spaces, cut where no name goes on."""
    return " ".join(text[:LONGEST].split())


@lru_cache(maxsize=4096)
def title_of(text: str) -> Title:
    """Return a title taken apart."""
    rest, guests, kinds, words = _tidy(text), [], set(), []
    while True:
        found = _BRACKETS.search(rest) or _DASH.search(rest)
        said = found and found[1]
        if found is None or not rest[: found.start()].strip():
            break
        if by := _GUESTS.match(said or ""):
            guests.append(by[1])
        elif not _EDITION.search(said or ""):
            named = {name.casefold() for name in _VERSION.findall(said or "")}
            if not named:
                break
            kinds |= named
            words.append(key(_VERSION.sub("", said or "")))
        rest = rest[: found.start()]
    if (found := _GUESTS_AT_END.search(rest)) and rest[: found.start()].strip():
        guests.append(found[1].strip("()[] "))
        rest = rest[: found.start()]
    return Title(key(rest), Version(frozenset(kinds), "".join(words)), tuple(guests))


def known_as(title: str, artist: str, uri: str) -> str:
    """Return artist and title as one key, equal for one song wherever its file lies.

    Guests and editions are left out, versions (`Live`) are not.  Without a title it is the file's name.
    """
    said = title_of(title.strip() or uri.rsplit("/", 1)[-1].rpartition(".")[0] or uri)
    version = "".join(map(key, sorted(said.version.kinds))) + said.version.words
    parts = (title_of(artist).song, said.song, version)
    return " ".join(part[:KNOWN_BY] for part in parts if part) or "-"


def is_live_album(album: str) -> bool:
    """Tell whether an album's name says that it was recorded on a stage."""
    return _LIVE_ALBUM.search(album) is not None


def album_key(album: str) -> str:
    """Return the key of an album's name, without its edition."""
    rest = _tidy(album)
    while (found := _BRACKETS.search(rest) or _DASH.search(rest)) and _EDITION.search(found[1]):
        rest = rest[: found.start()]
    return key(rest) if rest.strip() else key(album)


def artists_of(names: Iterable[str]) -> tuple[frozenset[str], ...]:
    """Return the readings of artists as they are written: sets of their keys, the whole names first.

    `Earth, Wind and Reed` may be one artist, two or three; `Bach, Johann Sebastian` is Johann Sebastian Bach.
    """
    texts = [_tidy(name) for name in names if name.strip() and key(name) not in NOBODY]
    readings = [frozenset(map(_artist, texts)), frozenset(map(_artist, map(_turned, texts)))]
    for separator in _SEPARATORS:
        texts = [part for text in texts for part in separator.split(text) if part.strip("()[] ")]
        readings.append(frozenset(map(_artist, texts)))
    return tuple(dict.fromkeys(reading for reading in readings if reading))


def _artist(name: str) -> str:
    return key(name.strip("()[] ").replace("\\,", ",").removesuffix(" - Topic"))


def _turned(name: str) -> str:
    """Return a name with its first name in front, where it stands behind a comma."""
    last, comma, first = name.partition(",")
    return f"{first} {last}" if comma and "," not in first else name


def said_as_one(text: str) -> Iterator[tuple[str, str]]:
    """Yield artist and title of a text such as `Artist - Title`, at each dash where it may be parted."""
    text = _tidy(text)
    for dash in _BETWEEN.finditer(text):
        artist, title = text[: dash.start()].strip(), text[dash.end() :].strip()
        if artist and title:
            yield artist, title
