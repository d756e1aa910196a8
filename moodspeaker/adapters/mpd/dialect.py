"""What a server that speaks MPD's protocol does otherwise than MPD.  Pure: no clock, loop or library.

Mopidy is such a server.  It is told from MPD by what it says of itself, not by its name:

    it says                      and so
    no decoders                  another program makes the sound: `status` has no format and no error, a
                                 command is answered before it has come about, a song that cannot be played
                                 waited for instead of passed over
    URL handlers without `://`   URIs (`spotify:track:…`) name its songs, no paths: at a path it closes the
                                 connection
    the URL handler `local`      it has a music folder: `local:track:` and the quoted path name a song in it

We name a song of the music folder by its path, as MPD does: what is known of it is true under either server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection

LOCAL: Final = "local:track:"
"""What stands before the quoted path of a song in the music folder."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The ways of one server; the defaults are MPD's."""

    plays_itself: bool = True
    """Whether the server makes the sound itself."""
    schemes: frozenset[str] = frozenset()
    """The schemes of its songs' URIs; empty where songs are named by their paths."""

    @property
    def limits(self) -> str:
        """What does not work with this server and what to do instead, else empty."""
        told = []
        if not self.plays_itself:
            told.append("it does not say that a song cannot be played: the next one comes after 10 to 20 s")
            told.append("what is to follow a song in whose last 5 s it was decided follows one song later")
        if self.schemes:
            told.append("folders give no music: save playlists mood-happy, mood-sad, … or tag such genres")
        if self.schemes and not self._has_folder:
            told.append("it has no music folder: install mopidy-local to play the songs of one")
        return "; ".join(told)

    def sent(self, uri: str) -> str | None:
        """Return a song's URI as the server wants it; None when it cannot have such a song."""
        if not self.schemes or _scheme(uri) in self.schemes:
            return uri
        return LOCAL + quote(uri, errors="surrogateescape") if self._has_folder else None

    def read(self, uri: str) -> str:
        """Return a song's URI as we name it; one that could not be sent back the same way stays as it is."""
        if not self._has_folder or not uri.startswith(LOCAL):
            return uri
        path = unquote(uri.removeprefix(LOCAL), errors="surrogateescape")
        return path if self.sent(path) == uri else uri

    def states_length(self, uri: str) -> bool:
        """Tell whether a song's stated length comes from a catalogue, and not from a guess at its file."""
        return _scheme(uri) in self.schemes and "://" not in uri and not uri.startswith(LOCAL)

    @property
    def _has_folder(self) -> bool:
        return LOCAL.partition(":")[0] in self.schemes


MPD: Final = Dialect()


def dialect_of(decoders: Collection[object], handlers: Collection[str]) -> Dialect:
    """Return the ways of a server by its decoders and URL handlers."""
    paths = any(handler.endswith("://") for handler in handlers)
    return Dialect(bool(decoders), frozenset() if paths else frozenset(handlers))


def _scheme(uri: str) -> str:
    """Return what stands before the first colon; nothing where there is none."""
    scheme, colon, _ = uri.partition(":")
    return scheme if colon else ""
