"""Our edits of MPD's queue, each in steps between which the music does not stop.

Each function returns the state that its edit should have left: what differs is somebody else's doing.  A song
that MPD does not know is left out.  A queue that may be no longer (`max_playlist_length`) is given room:
first goes what the edit replaces anyway, the current song last.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.answers import clean, with_cure
from moodspeaker.adapters.mpd.connection import Refusal, ask, demand
from moodspeaker.adapters.mpd.provenance import Entry
from moodspeaker.adapters.mpd.view import is_to_come
from moodspeaker.domain.player import PlayState
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.adapters.mpd.attribution import ServerState
    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.adapters.mpd.view import View
    from moodspeaker.domain.song import Programme

SOUNDS_WITHIN: Final = 10.0
"""Seconds in which a song that we start must sound: streams and sleeping disks take their time."""
READY_TO_FADE: Final = 1.5
"""Seconds before a crossfade in which MPD opens the next song."""
FIRST_POLL: Final = 0.02
LONGEST_POLL: Final = 0.25
"""Seconds between looks until then: each a half longer than the one before."""
CHOSEN_BEFORE: Final = 5.0
"""Seconds before a song's end in which a server that does not play itself chooses the next one."""
LATE_END: Final = 2.0
"""Seconds by which a song may be longer than is stated."""
BROKEN_SONGS: Final = 5
"""Songs that may not be playable, one after another, before it is not their fault."""


async def play(client: Client, view: View, programme: Programme, first: int) -> ServerState:
    """Replace the queue by a programme and play from its `first` song, or the next one that sounds.

    Raises PlayerError when MPD has none of the songs, or none sounds: then what played before goes on.
    """
    before = await view.look(client)
    songs, tried = programme.songs, dict[int, int]()
    reason, full = "", None
    for place in (*range(first, len(songs)), *range(min(first, len(songs)))):
        entry, full = await _add_with_room(client, view, songs[place], before)
        if full is not None:
            break
        if entry is None:
            continue
        tried[entry.id] = place
        reason = await _start(client, view, entry)
        now = await view.look(client)
        if entry.id not in now.ids:  # a person replaced the queue meanwhile: theirs is left alone
            return _left(now, entry.id, (entry.id,))
        if not reason:
            return await _surround(client, view, programme, before, tried)
        if len(tried) >= BROKEN_SONGS or _is_output_fault(view):
            break
    await _go_on(client, view, before, tuple(tried))
    if not tried:
        raise _nothing_added(songs, full)
    message = f"MPD plays nothing: {with_cure(reason)}"
    raise PlayerError(message)


async def queue_next(client: Client, view: View, programme: Programme) -> ServerState:
    """Keep the current song, and its pause, and let a programme follow; a stopped queue is replaced silently.

    Raises PlayerError, and leaves the queue alone, when MPD has none of the songs.
    """
    before = await _look_between_songs(client, view)
    added, full = await _append(client, programme.songs)
    if full is not None:
        await _make_room(client, view, before, current=True)
        done = {entry.uri for entry in added}
        more, full = await _append(client, [uri for uri in programme.songs if uri not in done])
        added += more
    if not added:
        raise _nothing_added(programme.songs, full)
    view.provenance.added(added)
    now = await view.look(client)
    start = _still_ahead(before.ids, now)
    stopped = now.state is PlayState.STOP or now.song not in now.ids[:start]
    kept = () if stopped or now.song is None else (now.song,)
    place = start if stopped or now.song is None else now.ids.index(now.song)
    await _delete(client, (place + 1, start), (0, place))
    return replace(now, ids=(*kept, *(entry.id for entry in added)))


async def fade_out(client: Client, left: ServerState) -> ServerState | None:
    """Go to where the song fades into the next one; return the state then, None where nothing fades.

    `left` is the state in which our edit left the queue.
    """
    if left.state is not PlayState.PLAY or left.song is None or left.seconds is None or not left.crossfade:
        return None
    place = round(left.seconds - left.crossfade - READY_TO_FADE, 3)
    if left.elapsed >= place:
        return None  # it fades soon
    await demand(client, ("seekid", left.song, place))
    return replace(left, elapsed=place, at=asyncio.get_running_loop().time())


async def extend(client: Client, view: View, programme: Programme) -> ServerState:
    """Append a programme's songs, and delete those of ours that were played long ago.

    Raises PlayerError, and leaves the songs ahead alone, when MPD has none of the songs or no room.
    """
    before = await view.look(client)
    gone = view.provenance.long_played(before.ids, before.song)
    await ask(client, *(("deleteid", song) for song in gone))
    added, full = await _append(client, programme.songs)
    if not added:
        raise _nothing_added(programme.songs, full)
    view.provenance.added(added)
    kept = (song for song in before.ids if song not in gone)
    return replace(before, ids=(*kept, *(entry.id for entry in added)))


async def sounds(client: Client, view: View, song: int | None = None) -> str:
    """Wait until what plays is heard; return MPD's reason when it is not, else nothing.

    `song` is the one that was started: when another one is current, or the music stands still without an
    error, it was a very short song or a person, and not for us to mend.
    """
    loop = asyncio.get_running_loop()
    before, patience, pause = view.state, loop.time() + SOUNDS_WITHIN, FIRST_POLL
    while True:
        now = await view.look(client)
        heard = now.state is PlayState.PLAY and now.audible
        if now.error and not (heard and now.song == song):
            return now.error
        ours = song in {None, now.song}
        if heard and ours:
            return ""
        if (now.state is not PlayState.PLAY or not ours) and not is_to_come(client, before, now):
            return ""
        if loop.time() > patience:
            return f"nothing is heard within {SOUNDS_WITHIN:g} s"
        await asyncio.sleep(pause)
        pause = min(1.5 * pause, LONGEST_POLL)


# --- steps ------------------------------------------------------------------------------------------------


async def _look_between_songs(client: Client, view: View) -> ServerState:
    """Look; on a server that does not play itself let a song that is about to end come to its end first.

    It has chosen the next song then: that and this one once more would sound before ours.
    """
    first = now = await view.look(client)
    while (
        not client.dialect.plays_itself
        and now.song == first.song
        and now.state is PlayState.PLAY
        and now.at - first.at < CHOSEN_BEFORE + LATE_END
        and now.seconds is not None
        and now.elapsed > now.seconds - CHOSEN_BEFORE
    ):
        await asyncio.sleep(LONGEST_POLL)
        now = await view.look(client)
    return now


async def _add_with_room(
    client: Client, view: View, uri: str, before: ServerState
) -> tuple[Entry | None, Refusal | None]:
    """Append one song, in a full queue in the place of what stood there; return its entry, or the refusal."""
    added, full = await _append(client, (uri,))
    for current in (True, False):
        if full is not None:
            await _make_room(client, view, before, current=current)
            added, full = await _append(client, (uri,))
    view.provenance.added(added)
    return (added[0] if added else None), full


async def _start(client: Client, view: View, entry: Entry) -> str:
    """Play an entry; return MPD's reason when it does not sound, else nothing."""
    [answer] = await ask(client, ("playid", entry.id))
    if not isinstance(answer, Refusal):
        return await sounds(client, view, entry.id)
    if answer.permission:
        raise answer
    return answer.reason


async def _surround(
    client: Client, view: View, programme: Programme, before: ServerState, tried: dict[int, int]
) -> ServerState:
    """Delete what stood before the song that sounds, and add the rest of its programme around it.

    `tried` are the songs that were played, by their ids, with their places in the programme: the last one
    sounds.
    """
    *broken, song = tried
    now = await view.look(client)
    await _delete(client, (0, _still_ahead((*before.ids, *broken), now)))
    place, done = tried[song], frozenset(tried.values())
    rest = [(at, uri) for at, uri in enumerate(programme.songs) if at not in done]
    behind, _ = await _append(client, [uri for at, uri in rest if at > place])
    ahead, _ = await _append(client, [uri for at, uri in reversed(rest) if at < place], at=0)
    view.provenance.added((*ahead, *behind))
    return _left(now, song, (*(each.id for each in reversed(ahead)), song, *(each.id for each in behind)))


def _left(now: ServerState, song: int, ids: tuple[int, ...]) -> ServerState:
    """Return the state in which a song of ours plays in a queue."""
    return replace(now, state=PlayState.PLAY, song=song, ids=ids)


async def _go_on(client: Client, view: View, before: ServerState, added: Sequence[int]) -> None:
    """Delete what was added in vain, and let the song that played before go on."""
    await ask(client, *(("deleteid", song) for song in added))
    if added and before.state is PlayState.PLAY and before.audible and before.song in before.ids:
        is_stream = before.seconds is None
        go_on = ("playid", before.song) if is_stream else ("seekid", before.song, round(before.elapsed, 3))
        await ask(client, go_on)
        await sounds(client, view, before.song)


async def _append(
    client: Client, songs: Sequence[str], *, at: int | None = None
) -> tuple[list[Entry], Refusal | None]:
    """Add the songs that MPD knows, at the queue's end or each at a position.

    Returns their entries in the order in which they were given, and the refusal of a queue that is full.
    """
    position = () if at is None else (at,)
    added: list[Entry] = []
    full = None
    for uri, answer in zip(
        songs, await ask(client, *(("addid", uri, *position) for uri in songs)), strict=True
    ):
        if not isinstance(answer, Refusal):
            added.append(Entry(int(answer), uri))
        elif answer.permission:
            raise answer
        elif answer.full:
            full = answer
    return added, full


async def _make_room(client: Client, view: View, before: ServerState, *, current: bool) -> None:
    """Delete the songs that stood in the queue before our edit; `current` keeps the current one."""
    now = await view.look(client)
    end = _still_ahead(before.ids, now)
    if current and now.song in now.ids[:end] and now.state is not PlayState.STOP:
        place = now.ids.index(now.song)
        await _delete(client, (place + 1, end), (0, place))
    else:
        await _delete(client, (0, end))


async def _delete(client: Client, *spans: tuple[int, int]) -> None:
    """Delete spans of positions of the queue, in this order; an empty one is none."""
    await demand(client, *(("delete", span) for span in spans if span[0] < span[1]))


def _still_ahead(ids: Sequence[int], now: ServerState) -> int:
    """Return how many songs at the head of the queue are these: what a person put in meanwhile is not."""
    return sum(1 for _ in itertools.takewhile(frozenset(ids).__contains__, now.ids))


def _is_output_fault(view: View) -> bool:
    """Tell whether MPD paused because it cannot be heard: another song will not be either."""
    return view.state is not None and view.state.state is PlayState.PAUSE


def _nothing_added(songs: Sequence[str], full: Refusal | None) -> PlayerError:
    """Return the error of an edit that could add nothing."""
    if full is not None:
        return PlayerError(f"MPD's queue is full ({full.reason}): raise max_playlist_length in mpd.conf")
    if not songs:
        return PlayerError("no song was given to play")
    count, one = len(songs), clean(songs[0])
    return PlayerError(
        f"MPD has none of the {count} songs, {one} neither: let it read its folder "
        "(mpc update; Mopidy: mopidy local scan)"
    )
