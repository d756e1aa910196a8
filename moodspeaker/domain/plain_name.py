r"""A name that somebody gives, of a listener or of a source: what is taken, and the same as a pattern.

A name is made of signs that can be seen, with blanks between them; control signs, marks that turn the
direction of a text, tags and signs of private use are refused: they would hide in a log, on the page or in a
message.  The pattern is one text for Python and for `/openapi.json`, so it uses nothing that another dialect
of regular expressions reads otherwise: no `\w`, no `\s`, no properties of Unicode.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_BLANKS: Final = r"\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What `str.strip` takes for a blank."""
_UNSEEN: Final = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\ue000-\uf8ff\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U0010ffff"
)
_SEEN: Final = f"[^{_BLANKS}{_UNSEEN}]"


def pattern(longest: int) -> str:
    """Return what a name of at most so many signs is; blanks do not count."""
    return f"^[{_BLANKS}]*{_SEEN}( *{_SEEN}){{0,{longest - 1}}}[{_BLANKS}]*$"


def plain_name(text: str, longest: int) -> str | None:
    """Return a name with single blanks between its parts; None where it is refused."""
    if not _compiled(longest).fullmatch(text) or (not text.isascii() and _has_surrogates(text)):
        return None
    return " ".join(text.split())


@cache
def _compiled(longest: int) -> re.Pattern[str]:
    return re.compile(pattern(longest))


def _has_surrogates(text: str) -> bool:
    """Tell whether a text is no Unicode: no pattern may name these, for other dialects cannot."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)
