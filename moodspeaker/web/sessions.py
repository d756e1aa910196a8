"""The secrets that open the page: the token, sessions got with it or by pairing, and six-digit codes.

Design notes
============
1. A session is a cookie that the token signs: "EXPIRES.NUMBER.SIGNATURE".  Nothing is stored, so a restart
   ends none; another token ends all of them.
2. A code is one use, good for five minutes, and replaced by a new one.  Each address has three guesses, all
   together ten: so a guesser has ten of a million, and one address alone burns no code of another's.
3. What `moodspeaker pair` makes has a link beside its code, too long to be guessed; no wrong guess burns it,
   nor has who brings it to wait for others of the same address.  So whoever burns codes from many addresses,
   or comes through the same proxy, keeps nobody out.  Using one of the two uses up both.
4. A code that somebody without a secret asked for (the journal has it) comes ever more seldom where none was
   used: after five minutes, ten, twenty, …, a day.  So asking for codes for years gives no more guesses
   worth the name.
5. Wrong secrets are few a minute from one address, and logged once in that time.
6. Nobody learns from the time an answer takes: secrets are compared with `hmac.compare_digest`.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import string
import time
from collections import Counter, OrderedDict
from dataclasses import field
from typing import TYPE_CHECKING, Final

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

COOKIE: Final = "moodspeaker"
SESSION_SECONDS: Final = 180 * 24 * 3600
"""How long a session lasts."""
CODE_SECONDS: Final = 300.0
"""How long a code is good."""
GUESSES: Final = 10
"""Wrong guesses that burn a code."""
EACH: Final = 3
"""Of these, from one address: what comes after them is not even compared."""
SELDOM: Final = 24 * 3600.0
"""Seconds between two codes that nobody used, at most, where somebody without a secret asks for them."""
ADDRESSES: Final = 1024
"""Addresses whose rate is known at once; the one that asked longest ago is forgotten first."""

ALPHABET: Final = string.ascii_letters + string.digits
LENGTH: Final = 22
LINKS: Final = len(ALPHABET) ** LENGTH
"""Links that there are: of one, letters and digits, 131 bits."""

_log = logging.getLogger(__name__)


class Rate:
    """So many acts a second from each address, and a burst of them at once."""

    def __init__(self, each_second: float, burst: float) -> None:
        self._each_second, self._burst = each_second, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What each address may still do at once, and since when that is known."""

    def left(self, who: str, now: float) -> float:
        """Return how many acts an address may do at once, at a monotonic moment."""
        left, since = self._left.get(who, (self._burst, now))
        return min(self._burst, left + (now - since) * self._each_second)

    def allows(self, who: str, now: float) -> bool:
        """Count an act; tell whether it is within the rate."""
        left = self.left(who, now)
        allowed = left >= 1
        self._left.pop(who, None)
        self._left[who] = (left - 1 if allowed else left, now)
        if len(self._left) > ADDRESSES:
            self._left.popitem(last=False)
        return allowed


@dataclass(slots=True)
class _Code:
    """A code that waits to be used."""

    text: str
    until: float
    """Monotonic seconds."""
    link: str = ""
    """What opens the page as well; empty where there is none."""
    guesses: Counter[str] = field(default_factory=Counter)
    """Wrong ones, by address."""

    @property
    def burnt(self) -> bool:
        """Whether it was guessed at too often."""
        return self.guesses.total() >= GUESSES

    def opens(self, text: str, who: str) -> bool:
        """Tell whether a text from an address is the code or its link; count a wrong guess."""
        if _is(text, self.link):
            return True
        if self.burnt or self.guesses[who] >= EACH:
            return False
        if _is(text, self.text):
            return True
        self.guesses[who] += 1
        if self.burnt:
            _log.warning(
                "web: wrong guesses burnt the pairing code; the link of moodspeaker pair is still good"
            )
        return False


class Secrets:
    """Whether a secret opens the page."""

    def __init__(
        self,
        token: str,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        """Take the token, empty where this machine alone is served; both clocks, and chance."""
        self._token, self._wall, self._monotonic, self._below = token, wall, monotonic, below
        self._code: _Code | None = None
        self._ask_again, self._pause = float("-inf"), CODE_SECONDS
        self._wrong, self._logged = Rate(10 / 60, 10), Rate(1 / 60, 1)

    @property
    def wanted(self) -> bool:
        """Whether a secret is wanted at all."""
        return bool(self._token)

    def is_token(self, text: str) -> bool:
        """Tell whether a text is the token."""
        given = text.encode(errors="surrogateescape")
        return self.wanted and hmac.compare_digest(given, self._token.encode(errors="surrogateescape"))

    def may_try(self, who: str) -> bool:
        """Tell whether an address has not been wrong too often lately."""
        return self._wrong.left(who, self._monotonic()) >= 1

    def was_wrong(self, who: str, what: str) -> None:
        """Count a wrong secret; log it, once in a minute for an address."""
        self._wrong.allows(who, self._monotonic())
        if self._logged.allows(who, self._monotonic()):
            _log.warning("web: a wrong %s from %s is refused", what, who)

    # --- sessions -----------------------------------------------------------------------------------------

    def new_session(self) -> str:
        """Return the value of a new session's cookie."""
        head = f"{int(self._wall()) + SESSION_SECONDS}.{self._below(2**64):x}"
        return f"{head}.{self._signature(head)}"

    def is_session(self, cookie: str) -> bool:
        """Tell whether a cookie is of a session that has not ended."""
        head, _, signature = cookie.rpartition(".")
        expires = head.partition(".")[0]
        if not self.wanted or not cookie.isascii() or not expires.isdecimal() or len(expires) > 12:  # noqa: PLR2004 - digits
            return False
        return hmac.compare_digest(signature, self._signature(head)) and int(expires) > self._wall()

    def _signature(self, head: str) -> str:
        key = self._token.encode(errors="surrogateescape")
        return hmac.new(key, f"session {head}".encode(), hashlib.sha256).hexdigest()

    # --- pairing ------------------------------------------------------------------------------------------

    def new_code(self) -> str:
        """Return a new code; an earlier one is good no more."""
        text = f"{self._below(10**6):06}"
        self._code = _Code(text, self._monotonic() + CODE_SECONDS)
        return text

    def new_link(self) -> str:
        """Return what a link holds that opens the page in place of the code just made: letters and digits."""
        number = self._below(LINKS)
        text = "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(LENGTH))
        if self._code is not None:
            self._code.link = text
        return text

    def is_link(self, text: str) -> bool:
        """Tell whether a text is what the link holds: however often others were wrong, it is heard."""
        return self._code is not None and _is(text, self._code.link)

    def asked_code(self) -> str | None:
        """Return a new code that somebody without any secret asked for; None while it is too early."""
        now = self._monotonic()
        if now < self._ask_again or (self._code is not None and now < self._code.until):
            return None
        self._ask_again, self._pause = now + self._pause, min(2 * self._pause, SELDOM)
        return self.new_code()

    def use_code(self, text: str, who: str) -> bool:
        """Tell whether a text from an address is the code or its link, which are then used up."""
        code = self._code
        if code is None or self._monotonic() >= code.until:
            return False
        if not code.opens(text, who):
            return False
        self._code = None
        self._ask_again, self._pause = float("-inf"), CODE_SECONDS
        return True


def _is(text: str, secret: str) -> bool:
    """Compare in a time that tells nothing; an empty secret is nobody's."""
    return bool(secret) and hmac.compare_digest(text.encode(errors="surrogateescape"), secret.encode())
