"""The doctor's check of the sound: where the music server sends it, and what keeps it from being heard."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from moodspeaker.cli.doctor.finding import Check, Verdict
from moodspeaker.domain.player import UNMUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moodspeaker.adapters.sound_cards import SoundCard
    from moodspeaker.config.schema import Config
    from moodspeaker.domain.player import Output

SILENT: Final = frozenset({"null", "fifo", "httpd", "pipe", "recorder", "shout", "snapcast"})
"""Plugins of MPD that no loudspeaker hangs on, at least not at once."""
CARDS: Final = frozenset({"alsa", "oss"})
"""Plugins that want a sound card of this machine."""
ALSA: Final = 'audio_output { type "alsa" name "loudspeaker" } in mpd.conf'


def output(config: Config) -> Check:
    """Tell where the sound goes, or why it cannot be heard."""
    import asyncio

    from moodspeaker.adapters.mpd.address import addresses
    from moodspeaker.adapters.mpd.connection import connected
    from moodspeaker.adapters.mpd.outputs import Sounding, sounding
    from moodspeaker.adapters.sound_cards import sound_cards
    from moodspeaker.errors import PlayerError

    candidates = addresses(config.mpd, os.environ)

    async def ask() -> Sounding:
        link = await connected(config.mpd, candidates)
        try:
            with link.translated():
                return await sounding(link.client)
        finally:
            link.close()

    try:
        told = asyncio.run(ask())
    except PlayerError as error:
        return Check("output", Verdict.WARN, f"not known: {error}")
    cards = sound_cards() if all(address.local for address in candidates) else None
    return check_of(told.outputs, told.volume, told.error, cards)


def check_of(
    outputs: Sequence[Output], volume: int | None, error: str, cards: Sequence[SoundCard] | None
) -> Check:
    """Return the check; `cards` are this machine's, None where the music server is on another one."""
    on = [one for one in outputs if one.on]
    names = ", ".join(f"{one.name} ({one.plugin})" if one.plugin else one.name for one in on)
    loud = [one for one in on if one.plugin not in SILENT]
    if error:
        return Check("output", Verdict.FAULT, f"MPD says: {error}")
    if not on:
        return Check("output", Verdict.FAULT, _all_off(outputs))
    if not loud:
        return Check(
            "output", Verdict.WARN, f"MPD's sound goes to {names}, which is no loudspeaker: write {ALSA}"
        )
    if cards == () and all(one.plugin in CARDS for one in loud):
        cure = "plug one in; on a Raspberry Pi see dtparam=audio in /boot/firmware/config.txt"
        return Check(
            "output", Verdict.FAULT, f"MPD's sound goes to {names}, but there is no sound card: {cure}"
        )
    if volume == 0:
        return Check(
            "output", Verdict.WARN, f"MPD's volume is 0: turn it up (mpc volume 30); it goes to {names}"
        )
    level = "" if volume is None else f" at a volume of {volume} %"
    return Check("output", Verdict.OK, f"the sound goes to {names}{level}")


def _all_off(outputs: Sequence[Output]) -> str:
    """Return that no output is on, with the cure."""
    if any(one.name == UNMUTED for one in outputs):
        return "Mopidy is muted: mpc disable Mute"
    off = ", ".join(one.name for one in outputs)
    cure = f"mpc enable {outputs[0].name!r}" if outputs else f"write {ALSA}"
    return f"no output of MPD is switched on ({off or 'it has none'}): {cure}"
