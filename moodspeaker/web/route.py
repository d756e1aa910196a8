"""One route of the API: what is asked, who may ask, and what comes back; `routes/` has them all."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from moodspeaker.values import dataclass
from moodspeaker.web.answers import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp import web


class Access(Enum):
    """Who may ask on the TCP port; on the socket everybody who can open it may ask everything."""

    EVERYBODY = auto()
    """It holds no secret and changes nothing for others."""
    ALLOWED = auto()
    """Whoever has the token or a session; where there is no token, this machine."""
    SOCKET = auto()
    """Nobody: it is asked over the socket alone."""


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number in the query."""

    name: str
    least: int
    most: int
    default: int
    summary: str

    def read(self, text: str | None) -> int | None:
        """Return the number, the default where none is given, None where it is refused."""
        if text is None:
            return self.default
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(self.most))):
            return None
        return int(text) if self.least <= int(text) <= self.most else None

    def cure(self, text: str) -> str:
        """Return what is wrong with a text that is refused."""
        return f"{self.name} = {text[:20]!r}: a whole number from {self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Word:
    """A text in the query."""

    name: str
    summary: str
    longest: int = 200
    """Letters at most."""
    among: tuple[str, ...] = ()
    """What it may be; empty: anything."""
    default: str = ""
    """What counts where it is not given."""
    required: bool = False

    def read(self, text: str | None) -> str | None:
        """Return the text, the default where none is given, None where it is refused."""
        if text is None:
            return None if self.required else self.default
        return text if len(text) <= self.longest and (not self.among or text in self.among) else None

    def cure(self, text: str) -> str:
        """Return what is wrong with a text that is refused."""
        if self.required and not text:
            return f"{self.name} is missing: {self.summary}"
        wanted = f"one of {', '.join(self.among)}" if self.among else f"{self.longest} letters at most"
        return f"{self.name} = {text[:20]!r}: {wanted}"


def refused(query: Mapping[str, str], *parameters: Count | Word) -> web.Response:
    """Return the answer to a query of which some parameter is refused: it names the first one."""
    one = next(one for one in parameters if one.read(query.get(one.name)) is None)
    return refusal(400, one.name, one.cure(query.get(one.name, "")))


@dataclass(frozen=True, slots=True)
class Route:
    """One route."""

    method: str
    """`GET`, `POST` or `DELETE`; a GET changes nothing."""
    path: str
    """With names in braces, as aiohttp writes it."""
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    summary: str
    """One line for the documentation."""
    answer: object = None
    """The type of the JSON that comes back; None where it is no JSON."""
    body: object = None
    """The type of what is sent; None where nothing is."""
    takes: str = "application/json"
    """Content type of what is sent."""
    content: str = "application/json"
    """Content type of the answer; empty where there is none."""
    streamed: bool = False
    """Whether the answer is written piece by piece: then there is no HEAD."""
    upgrade: bool = False
    """Whether it becomes a WebSocket, whose messages to the client are of the type `answer`."""
    same_origin: bool = False
    """Whether a page of another site may not even ask with GET."""
    query: tuple[Count | Word, ...] = ()
    access: Access = Access.ALLOWED
    refusals: tuple[int, ...] = ()
    """Statuses of refusals of its own, beside those that every route has."""
