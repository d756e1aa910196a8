"""What becomes of each row of an export: its song, its mood, what is kept of it.

The mood comes from the row's column, else the playlist's name, else the file's, else from whoever imports; a
title is no mood.  A word in the column that is no mood is named, and nothing else takes its place.  A history
tells no mood.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.moment import rfc3339
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.imports.addresses import (
    SPOTIFY,
    FilePath,
    LocalFile,
    Malformed,
    NoAddress,
    NoSong,
    ServerSong,
    address_of,
)
from moodspeaker.library.imports.facts import ImportedPlay, Label, Verdict
from moodspeaker.library.imports.moods import mood_of
from moodspeaker.library.imports.rows import Bad, Ignored, Wanted
from moodspeaker.library.matching import NOT_HERE, Missing, shown
from moodspeaker.library.names import key
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.library.imports.facts import Fact
    from moodspeaker.library.imports.rows import Export, Heard
    from moodspeaker.library.matching import Answer, Finder

KNOWN: Final = 5000
"""Songs that are found without searching again: a history tells of the same ones over and over."""
NEAREST: Final = 1000
"""Missing songs of a file for which the nearest one is looked up."""
LONGEST: Final = 4096
"""Letters of a name, an address or a path."""
WHOLE: Final = 0.9
"""Share of a song that counts as the whole."""
SKIPPED: Final = 30.0
"""Seconds, at most half of the song, that count as skipped where nothing else tells."""


class Status(StrEnum):
    """What became of a row."""

    MATCH = "match"
    NO_MATCH = "no match"
    BAD = "bad"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row."""

    where: str
    status: Status
    uri: str = ""
    """The song's, where it is a match."""
    mood: Emotion | None = None
    reason: str = ""
    """Why it is no match, or what is to be said of a match."""
    nearest: str = ""
    """The song that may have been meant."""
    fact: Fact | None = None
    """What is kept of it; None where nothing follows from it, or it was said before."""
    is_plain: bool = False
    """Whether it is a song of a playlist that tells no mood."""

    def as_json(self) -> dict[str, object]:
        """Return it as JSON values, without what is empty."""
        found: dict[str, object] = {"where": self.where, "status": str(self.status), "uri": self.uri}
        found |= {"mood": self.mood and str(self.mood), "reason": self.reason, "nearest": self.nearest}
        match self.fact:
            case ImportedPlay(_, at, _, _, why):
                found |= {"at": rfc3339(at), "end": str(why)}
            case Verdict(_, liked, _):
                found["verdict"] = "like" if liked > 0 else "dislike"
            case Label() | None:
                pass
            case _:
                assert_never(self.fact)
        return {name: value for name, value in found.items() if value}


class Importer:
    """Finds the songs of exports; one for all files of a command, so that feedback finds its listens."""

    def __init__(self, finder: Finder, schemes: Collection[str], mood: Emotion | None) -> None:
        """Take the library, the schemes of songs that the server plays from elsewhere, and the last mood."""
        self._finder = finder
        self._schemes = schemes
        self._mood = mood
        self._recordings: dict[str, CatalogueSong] = {}
        self._found: OrderedDict[tuple[str, ...], Answer] = OrderedDict()
        self._searches = 0

    def outcomes(self, export: Export, name: str) -> Iterator[Outcome]:
        """Yield what becomes of each row; `name` is the file's without its ending."""
        self._searches = 0
        said: dict[Label, str] = {}
        by_name = mood_of(export.name or name)
        for row in export.rows:
            match row:
                case Bad(where, reason):
                    yield Outcome(where, Status.BAD, reason=reason)
                case Ignored(where, reason):
                    yield Outcome(where, Status.IGNORED, reason=reason)
                case Wanted() if fault := _fault(row):
                    yield Outcome(row.where, Status.BAD, reason=fault)
                case Wanted():
                    outcome = self._outcome(row, by_name)
                    if isinstance(outcome.fact, Label):
                        first = said.setdefault(outcome.fact, row.where)
                        if first != row.where:
                            outcome = replace(outcome, reason=f"it stands in {first} already", fact=None)
                    yield outcome
                case _:
                    assert_never(row)

    def _outcome(self, row: Wanted, by_name: Emotion | None) -> Outcome:
        if row.liked:
            return self._feedback(row)
        answer = self._song(row)
        match answer:
            case Outcome():
                return answer
            case Missing(reason, nearest):
                if not nearest and self._searches < NEAREST:
                    self._searches += 1
                    nearest = self._finder.nearest_to(row.title or _file_name(row.uri))
                names = "; ".join(map(shown, nearest[:5]))
                return Outcome(row.where, Status.NO_MATCH, reason=reason, nearest=names)
        for recording in row.recordings:
            self._recordings[recording] = answer
        if row.heard is not None:
            play = _play(answer, row.heard)
            return Outcome(row.where, Status.MATCH, answer.uri, fact=play)
        return self._labelled(row, answer.uri, by_name)

    def _labelled(self, row: Wanted, uri: str, by_name: Emotion | None) -> Outcome:
        mood = mood_of(row.mood) if row.mood else mood_of(row.playlist) or by_name or self._mood
        if mood is not None:
            return Outcome(row.where, Status.MATCH, uri, mood, fact=Label(uri, mood))
        reason = f"its mood {row.mood!r} is none of the seven: it is left out" if row.mood else ""
        return Outcome(row.where, Status.MATCH, uri, reason=reason, is_plain=not row.mood)

    def _feedback(self, row: Wanted) -> Outcome:
        song = next((self._recordings[one] for one in row.recordings if one in self._recordings), None)
        if song is None:
            return Outcome(
                row.where, Status.NO_MATCH, reason="no listen of a song that is here is of this recording"
            )
        return Outcome(row.where, Status.MATCH, song.uri, fact=Verdict(song.uri, row.liked, row.liked_at))

    def _song(self, row: Wanted) -> Answer | Outcome:
        """Return the song of a row, why there is none, or what is wrong with the row."""
        asked = (row.title, row.artist, row.album, row.uri)
        if asked in self._found:
            self._found.move_to_end(asked)
            return self._found[asked]
        answer = self._search(row)
        if isinstance(answer, str):
            return Outcome(row.where, Status.BAD, reason=answer)
        self._found[asked] = answer
        if len(self._found) > KNOWN:
            self._found.popitem(last=False)
        return answer

    def _search(self, row: Wanted) -> Answer | str:
        """Return the song that address and tags name, or why there is none; a text where the row is bad."""
        address = address_of(row.uri)
        match address:
            case FilePath(path):
                return self._file(row, path)
            case LocalFile(artist, album, title):
                return self._finder.by_tags(row.title or title, row.artist or artist, row.album or album)
            case ServerSong(uri, scheme):
                return self._server_song(row, uri, scheme)
            case NoAddress():
                return self._finder.by_tags(row.title, row.artist, row.album)
            case NoSong(kind):
                return self._link(row, kind)
            case Malformed(reason):
                return self._finder.by_tags(row.title, row.artist, row.album) if row.title else reason
            case _:
                assert_never(address)

    def _link(self, row: Wanted, kind: str) -> Answer:
        """Return the song that stands beside a link to something that is no song of a library."""
        answer = self._finder.by_tags(row.title, row.artist, row.album) if row.title else Missing(kind)
        unknown = isinstance(answer, Missing) and not answer.nearest and not row.artist
        return Missing(kind) if unknown else answer

    def _file(self, row: Wanted, path: str) -> Answer:
        file = _file_name(path)
        alone = not row.title or key(row.title) in {key(file), key(file.rpartition(".")[0])}
        answer = self._finder.by_path(path, name_is_enough=alone)
        if not isinstance(answer, Missing) or not row.title:
            return answer
        by_tags = self._finder.by_tags(row.title, row.artist, row.album)
        return answer if isinstance(by_tags, Missing) and not by_tags.nearest else by_tags

    def _server_song(self, row: Wanted, uri: str, scheme: str) -> Answer:
        """Return a song of this library rather than one that comes from elsewhere."""
        answer: Answer = Missing(NOT_HERE)
        if row.title:
            answer = self._finder.by_tags(row.title, row.artist, row.album)
        elif scheme != SPOTIFY:
            answer = self._finder.by_path(uri, name_is_enough=False)
        if not isinstance(answer, Missing):
            return answer
        if scheme in self._schemes:
            return CatalogueSong(uri, row.title, (row.artist,) if row.artist else (), row.album)
        if row.title:
            return answer
        service = "Spotify" if scheme == SPOTIFY else scheme
        return Missing(f"the music server does not play {service} (Mopidy can), and the row has no title")


def _play(song: CatalogueSong, heard: Heard) -> ImportedPlay:
    """Return a play as it is kept: a skip of nearly the whole song is none."""
    seconds, length, why = heard.seconds, song.seconds, heard.end
    if seconds is None:
        return ImportedPlay(song.uri, heard.at, heard.to_minute, length, why or EndReason.FINISHED)
    whole = length is not None and seconds >= WHOLE * length
    if whole and why in (None, EndReason.SKIPPED):
        why = EndReason.FINISHED
    elif why is None:
        early = seconds < SKIPPED and (length is None or 2 * seconds < length)
        why = EndReason.SKIPPED if early else EndReason.UNKNOWN
    return ImportedPlay(song.uri, heard.at, heard.to_minute, seconds, why)


def _fault(row: Wanted) -> str:
    """Return why a row's texts cannot be used, else empty."""
    names = (row.title, row.artist, row.album, row.uri, row.mood, row.playlist, *row.recordings)
    if any(len(name) > LONGEST for name in names):
        return f"a name of more than {LONGEST} letters"
    damaged = any("\ud800" <= letter <= "\udfff" for letter in row.uri)
    return "its address has letters that do not exist" if damaged else ""


def _file_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
