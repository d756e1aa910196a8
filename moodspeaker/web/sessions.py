"""The secrets that open the page: the token, sessions got with it or by pairing, and six-digit codes.

Design notes
============
1. A session is a cookie that the token signs: "EXPIRES.NUMBER.SIGNATURE".  Nothing is stored, so a restart
   ends none; another token ends all of them.
2. A code is one use, good for five minutes, and burnt after five wrong guesses; a new one replaces it.  So a
   guesser has five of a million.
3. Wrong secrets are few a minute from one address, and logged once in that time.
4. Nobody learns from the time an answer takes: secrets are compared with `hmac.compare_digest`.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

COOKIE: Final = "moodspeaker"
SESSION_SECONDS: Final = 180 * 24 * 3600
"""How long a session lasts."""
CODE_SECONDS: Final = 300.0
"""How long a code is good."""
GUESSES: Final = 5
"""Wrong guesses that burn a code."""
ADDRESSES: Final = 1024
"""Addresses whose rate is known at once; the one that asked longest ago is forgotten first."""

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
    guesses: int = GUESSES


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
        self._asked_at = float("-inf")
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

    def asked_code(self) -> str | None:
        """Return a new code that somebody without any secret asked for; None while an earlier one is good.

        At most one in the time of a code, so that nobody gets more guesses by asking.
        """
        now = self._monotonic()
        if now - self._asked_at < CODE_SECONDS or (self._code is not None and now < self._code.until):
            return None
        self._asked_at = now
        return self.new_code()

    def use_code(self, text: str) -> bool:
        """Tell whether a text is the code, which is then used up."""
        code = self._code
        if code is None or self._monotonic() >= code.until:
            return False
        if hmac.compare_digest(text.encode(errors="surrogateescape"), code.text.encode()):
            self._code = None
            return True
        code.guesses -= 1
        if code.guesses <= 0:
            self._code = None
        return False
