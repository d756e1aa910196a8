"""JSON: listening histories of ListenBrainz and Spotify, ListenBrainz' feedback, Spotify's playlists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.ending import EndReason
from moodspeaker.library.imports import times
from moodspeaker.library.imports.json_entries import Broken, Reader
from moodspeaker.library.imports.rows import Bad, Export, Heard, Ignored, Wanted
from moodspeaker.library.imports.text import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO, TypeAlias

    from moodspeaker.library.imports.rows import Row

    Reading: TypeAlias = Callable[[str, Mapping[str, Any]], Row]

SKIPS: Final = frozenset(
    {"fwdbtn", "backbtn", "clickrow", "clickside", "playbtn", "remote", "uriopen", "popup"}
)
"""Spotify's `reason_end` where the listener went to another song."""
MILLISECONDS: Final = 1000
LONGEST_NAME: Final = 80
"""Letters of the name of a playlist or an episode in a report."""
NO_ENTRY: Final = "it is no entry of such an export"


def json_export(file: BinaryIO, head: str) -> Export | None:
    """Return the rows of a JSON file, recognised by its beginning; None where nobody knows its form."""
    start = head.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        kind = _kind(_first_entry(start[1:]))
        return kind and Export(kind[0], _entries(file, kind[1]), history=True)
    line = start.partition("\n")[0]
    kind = _kind(_parsed(line))
    if kind is not None:
        return Export(kind[0], _json_lines(file, kind[1]), history=True)
    if start.startswith("{") and '"playlists"' in start:
        return Export("Spotify playlists", _playlists(file))
    return None


def _first_entry(text: str) -> object:
    try:
        return json.JSONDecoder().raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _kind(entry: object) -> tuple[str, Reading] | None:
    """Return what an entry belongs to, and what reads it; None where nobody knows."""
    if not isinstance(entry, dict):
        return None
    if "track_metadata" in entry and "listened_at" in entry:
        return "ListenBrainz history", _listen
    if "score" in entry and ("recording_msid" in entry or "recording_mbid" in entry):
        return "ListenBrainz feedback", _feedback
    if "ts" in entry and "ms_played" in entry:
        return "Spotify history", _spotify
    if "endTime" in entry and "msPlayed" in entry:
        return "Spotify history", _spotify_short
    return None


def _entries(file: BinaryIO, read: Reading) -> Iterator[Row]:
    count = 0
    try:
        for entry in Reader(file).entries():
            count += 1
            yield _read(str(count), entry, read)
    except Broken as error:
        yield Bad(str(count + 1), f"{error}: what follows is not read")


def _json_lines(file: BinaryIO, read: Reading) -> Iterator[Row]:
    for number, text in lines(file):
        if text is None:
            yield Bad(str(number), "longer than an entry can be")
        elif text.strip():
            yield _read(str(number), _parsed(text), read)


def _read(where: str, entry: object, read: Reading) -> Row:
    return read(where, entry) if isinstance(entry, dict) else Bad(where, NO_ENTRY)


def _text(entry: Mapping[str, Any], key: str) -> str:
    """Return a text of an entry; empty where it is missing, null or of another type."""
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""


def _below(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = entry.get(key)
    return value if isinstance(value, dict) else {}


def _listen(where: str, entry: Mapping[str, Any]) -> Row:
    track = _below(entry, "track_metadata")
    more, mapping = _below(track, "additional_info"), _below(track, "mbid_mapping")
    at = times.number(entry.get("listened_at"))
    title = _text(track, "track_name")
    if at is None or not title:
        return Bad(where, "its time makes no sense" if title else "empty: it names no song")
    found = (
        _text(entry, "recording_msid") or _text(more, "recording_msid"),
        _text(mapping, "recording_mbid") or _text(more, "recording_mbid"),
    )
    return Wanted(
        where,
        title,
        _text(track, "artist_name"),
        _text(track, "release_name"),
        heard=Heard(at),
        recordings=tuple(filter(None, found)),
    )


def _feedback(where: str, entry: Mapping[str, Any]) -> Row:
    score = entry.get("score")
    found = tuple(filter(None, (_text(entry, "recording_msid"), _text(entry, "recording_mbid"))))
    if score == 0:
        return Ignored(where, "neither loved nor hated any more")
    if score not in (1, -1) or not found:
        return Bad(where, NO_ENTRY)
    at = times.number(entry.get("created")) or times.EARLIEST
    return Wanted(where, liked=int(score), liked_at=float(at), recordings=found)


def _spotify(where: str, entry: Mapping[str, Any]) -> Row:
    if entry.get("incognito_mode") is True:
        return Ignored(where, "a private session: it stays private")
    title = _text(entry, "master_metadata_track_name")
    if not title:
        return _no_song(where, entry)
    at = times.instant(_text(entry, "ts"))
    seconds = _seconds(entry.get("ms_played"))
    if at is None or seconds is None:
        return Bad(where, "its time makes no sense")
    return Wanted(
        where,
        title,
        _text(entry, "master_metadata_album_artist_name"),
        _text(entry, "master_metadata_album_album_name"),
        _text(entry, "spotify_track_uri"),
        heard=Heard(at, seconds=seconds, end=_end(entry)),
    )


def _no_song(where: str, entry: Mapping[str, Any]) -> Row:
    for key, kind in (("episode_name", "podcast episode"), ("audiobook_title", "audiobook")):
        if name := _text(entry, key):
            return Ignored(where, f"a {kind}, no song: {name[:LONGEST_NAME]}")
    return Ignored(where, "no song: Spotify does not say what it was")


def _end(entry: Mapping[str, Any]) -> EndReason | None:
    """Return how a play of Spotify ended; None where only its length can tell."""
    reason = _text(entry, "reason_end")
    if reason == "trackdone":
        return EndReason.FINISHED
    if entry.get("skipped") is True or reason in SKIPS:
        return EndReason.SKIPPED
    if reason and reason not in {"unknown", "trackerror"}:
        return EndReason.STOPPED
    return None


def _spotify_short(where: str, entry: Mapping[str, Any]) -> Row:
    at = times.minute(_text(entry, "endTime"))
    seconds = _seconds(entry.get("msPlayed"))
    title = _text(entry, "trackName")
    if at is None or seconds is None or not title:
        return Bad(where, "its time makes no sense" if title else "empty: it names no song")
    return Wanted(where, title, _text(entry, "artistName"), heard=Heard(at, to_minute=True, seconds=seconds))


def _seconds(milliseconds: object) -> float | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    return milliseconds / MILLISECONDS if 0 <= milliseconds < times.LATEST else None


def _playlists(file: BinaryIO) -> Iterator[Row]:
    reader, count = Reader(file), 0
    try:
        for key in reader.keys():  # noqa: SIM118 - it is no dict
            if key != "playlists" or not reader.at_array():
                reader.value()
                continue
            for playlist in reader.entries():
                count += 1
                if isinstance(playlist, dict):
                    yield from _items(playlist, str(count))
                else:
                    yield Bad(str(count), NO_ENTRY)
    except Broken as error:
        yield Bad(f"playlist {count + 1}", f"{error}: what follows is not read")


def _items(playlist: Mapping[str, Any], number: str) -> Iterator[Row]:
    name = _text(playlist, "name")
    items = playlist.get("items")
    for count, item in enumerate(items if isinstance(items, list) else (), 1):
        where = f"{name[:LONGEST_NAME] or number}:{count}"
        yield _item(where, item, name) if isinstance(item, dict) else Bad(where, NO_ENTRY)


def _item(where: str, item: Mapping[str, Any], playlist: str) -> Row:
    track, local = _below(item, "track"), _below(item, "localTrack")
    if title := _text(track, "trackName"):
        artist, album = _text(track, "artistName"), _text(track, "albumName")
        return Wanted(where, title, artist, album, _text(track, "trackUri"), playlist=playlist)
    if uri := _text(local, "uri") or _text(track, "trackUri"):
        return Wanted(where, uri=uri, playlist=playlist)
    for key, name in (("episode", "episodeName"), ("audiobook", "audiobookName")):
        below = _below(item, key)
        if below:
            said = _text(below, name) or _text(below, "name") or "unnamed"
            return Ignored(where, f"{key}, no song: {said[:LONGEST_NAME]}")
    return Bad(where, "empty: it names no song")
