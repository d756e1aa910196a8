"""The order of our songs where a person's MPD plays at random.

`random` is the person's, and stays.  But a programme has an order: the song that fits best is near, an artist
comes once among four, a journey goes step by step, and what was heard today comes last.  Playing at random,
MPD takes the songs of a higher priority first; so those of ours that are to come get priorities that fall
from one to the next.  Where it does not play at random priorities mean nothing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.mpd.connection import ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from moodspeaker.adapters.mpd.connection import Client
    from moodspeaker.adapters.mpd.view import View

HIGHEST: Final = 255


async def keep_order(client: Client, view: View) -> None:
    """Let our songs follow in the order of the queue where MPD plays at random; a refusal changes nothing."""
    if not (view.random and client.dialect.plays_itself):
        return
    wanted = priorities(view.ours_ahead, view.priorities)
    changed = [(song, each) for song, each in wanted.items() if view.priorities.get(song) != each]
    view.priorities = dict(wanted)
    await ask(client, *(("prioid", each, song) for song, each in changed))


def priorities(ahead: Sequence[int], given: Mapping[int, int]) -> Mapping[int, int]:
    """Return a priority for each song, by its id, falling from one to the next: those given, if they do."""
    kept = {song: given[song] for song in ahead if song in given}
    falls = all(one > following for one, following in pairwise(kept.values()))
    lowest = min(kept.values(), default=HIGHEST + 1)
    if falls and [*kept] == [*ahead[: len(kept)]] and lowest > len(ahead) - len(kept):
        return kept | {song: lowest - n for n, song in enumerate(ahead[len(kept) :], 1)}
    return {song: max(HIGHEST - n, 1) for n, song in enumerate(ahead)}
