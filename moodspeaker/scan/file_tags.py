"""The mood words in a file's own tags, which the music server may not know: the one door to mutagen.

MPD lists no mood tag before 0.24, and none of ID3's user-defined frames.  What it lists wins.  Whatever goes
wrong here says nothing of a song: its mood then comes from the rest.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import mutagen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KEYS: Final = frozenset({"mood", "tmoo", "txxx:mood", "----:com.apple.itunes:mood", "wm/mood"})
"""What the tag is called in Vorbis comments and APE, ID3v2, MP4 and ASF, in lower case."""
LONGEST: Final = 200
"""Characters of all words together."""

_log = logging.getLogger(__name__)


def mood_words(path: Path) -> str:
    """Return the words of a file's mood tag, several separated by "; "; empty where it has none."""
    try:
        file = mutagen.File(path)
        tags: Any = None if file is None else file.tags
        keys = [] if tags is None else [key for key in tags.keys() if key.casefold() in KEYS]  # noqa: SIM118 - some yield pairs
        found = [_texts(tags[key]) for key in keys]
    except Exception as error:  # noqa: BLE001 - it meets every kind of odd file, and raises every kind of error
        _log.debug("%s: %r", path, error)
        return ""
    words = dict.fromkeys(word for texts in found for text in texts for word in text.split("\0"))
    return "; ".join(word.strip() for word in words if word.strip())[:LONGEST]


def _texts(value: Any) -> Iterable[str]:  # noqa: ANN401 - of each format's own type
    texts = getattr(value, "text", value)
    for text in texts if isinstance(texts, list) else [texts]:
        yield text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
