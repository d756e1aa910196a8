"""The settings of the running speaker: read again at a signal, changed on the page, taken back, shown.

Design notes
============
1. A change on the page is written to the overlay (`config.overlay`) first, and then taken over by a reload:
   one way for both.  What a reload would refuse is refused before anything is written.
2. The disk is waited for in a thread: music and looks go on.
3. Whoever does not wait for an answer, as home automation, is heard once a second: the last value counts, and
   a loop that changes a setting all the time does not wear the disk.
4. vision, which never sees the overlay, reads its settings again only at a signal, or where the files have
   other ones for it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.config import overlay
from moodspeaker.config.check import refusals
from moodspeaker.config.layers import changeable, flat, refusal, with_changes
from moodspeaker.errors import ConfigError, SettingsConflict, StoreError
from moodspeaker.speaker.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moodspeaker.config.in_force import InForce
    from moodspeaker.config.layers import Layers
    from moodspeaker.config.overlay import Changes, Overlay
    from moodspeaker.config.schema import Config
    from moodspeaker.domain.commands import ChangeSetting

OF_VISION: Final = ("camera", "vision", "models")
"""Sections that vision goes by."""
PAUSE: Final = 1.0
"""Seconds after a change that nobody waits for before the next one."""

_log = logging.getLogger(__name__)


class Settings:
    """What is in force, and how it changes."""

    def __init__(
        self,
        in_force: InForce,
        adopt: Callable[[Config], None],
        reload_vision: Callable[[], None],
        notify: Callable[[str], object],
    ) -> None:
        """Begin with what was read; `adopt` takes over the settings that need no restart."""
        self.in_force = in_force
        self._adopt, self._reload_vision, self._notify = adopt, reload_vision, notify
        self._turn = asyncio.Lock()
        self._wishes: Wishes[float] = Wishes()
        self._warn(in_force.layers)

    def reload(self) -> None:
        """Read the settings again; a refusal changes nothing, and is logged, shown and told to systemd."""
        if self._read_again():
            self._reload_vision()
            _log.info("reloaded: the new settings are in force")

    async def change(self, changes: Changes) -> None:
        """Change settings on the page, all of them or none; None: back to what the configuration says.

        Raises ConfigError for a value that is refused, SettingsConflict where none can be changed now, and
        StoreError.
        """
        async with self._turn:
            self._take_over(await asyncio.to_thread(self._written, lambda layers: _changed(layers, changes)))

    async def obey(self, command: ChangeSetting) -> None:
        """Carry a command out; raise as `change` does."""
        await self.change({command.key: command.value})

    def want(self, command: ChangeSetting) -> None:
        """Carry a command out soon, for somebody who does not wait for it: a refusal is logged."""
        self._wishes.want(command.key, command.value)

    async def run(self) -> None:
        """Carry out what is wanted, until cancelled."""
        while True:
            for key, value in (await self._wishes.taken()).items():
                try:
                    await self.change({key: value})
                except (ConfigError, SettingsConflict, StoreError) as error:
                    _log.warning("%s", error)
            await asyncio.sleep(PAUSE)

    async def undo(self) -> None:
        """Take the last change on the page back; raise SettingsConflict (there is none) and StoreError."""
        async with self._turn:
            self._take_over(await asyncio.to_thread(self._written, _undone))

    def tried(self, changes: Changes) -> tuple[Config, Config]:
        """Return the settings in force, and those with these changes; raise ConfigError."""
        layers = self.in_force.layers
        below = flat(layers.written)
        if strange := [key for key in changes if key.partition(".")[0] not in overlay.TRIED]:
            sections = ", ".join(f"[{name}]" for name in overlay.TRIED)
            message = f"{strange[0][:60]} cannot be tried on the day: keys of {sections} can"
            raise ConfigError([message])
        wanted = {key: below.get(key) if value is None else value for key, value in changes.items()}
        return layers.config, with_changes(layers.config, wanted)

    def shown(self) -> dict[str, Any]:
        """Return every setting that the page may change, and what there is to take back, as JSON values."""
        from moodspeaker.config.describe import describe, sections  # noqa: PLC0415 - where a page asks

        layers, about = self.in_force.layers, describe()
        now, below = flat(self.in_force.config), flat(layers.written)
        keys = changeable()
        rows = [
            {
                **about[key].as_json(),
                "value": now[key],
                "written": below[key],
                "origin": layers.origin.get(key, ""),
                "changed": key in layers.changed,
                "fixed": key in layers.fixed,
            }
            for key in keys
        ]
        back = layers.page.undo[-1] if layers.page.undo else {}
        return {
            "sections": [{"name": name, "doc": sections()[name]} for name in overlay.SECTIONS],
            "settings": rows,
            "undo": {key: below.get(key) if value is None else value for key, value in back.items()},
            "left_out": dict(layers.left_out),
            "refused": list(self.in_force.reload_refused),
            "revision": self.in_force.revision,
        }

    def _read_again(self) -> bool:
        """Read the settings again; tell whether they are taken."""
        before = self.in_force.layers
        in_force = self.in_force = self.in_force.reload()
        for reason in in_force.reload_refused:
            _log.error("the reload is refused, the old settings stay: %s", reason)
        if in_force.reload_refused:
            self._notify(f"STATUS={in_force.status}")
            return False
        if in_force.restart_for:
            _log.warning("changed, and takes effect with a restart: %s", ", ".join(in_force.restart_for))
        if in_force.layers.left_out != before.left_out:
            self._warn(in_force.layers)
        self._adopt(in_force.config)
        return True

    def _take_over(self, page: Overlay) -> None:
        """Let what was written to the overlay be in force."""
        before, old = self.in_force.config, self.in_force.layers.page.values
        if not self._read_again():
            return
        words = {
            key: page.values.get(key, "as configured")
            for key in sorted({*old, *page.values})
            if old.get(key) != page.values.get(key)
        }
        if words:
            _log.info("settings changed: %s", ", ".join(f"{key} = {value}" for key, value in words.items()))
        if any(getattr(before, name) != getattr(self.in_force.config, name) for name in OF_VISION):
            self._reload_vision()

    def _written(self, changed: Callable[[Layers], Overlay]) -> Overlay:
        """Write the overlay anew and return it."""
        try:
            layers = self.in_force.load()
            refused = list(refusals(layers.config))
        except ConfigError as error:
            refused = list(error.reasons)
        if refused:
            message = f"nothing was changed, for the configuration would be refused: {'; '.join(refused)}"
            raise SettingsConflict(message)
        page = changed(layers)
        if page != layers.page:
            overlay.write(layers.written.state_folder / overlay.FILE, page)
        return page

    def _warn(self, layers: Layers) -> None:
        for reason in layers.left_out.values():
            _log.warning("settings: %s", reason)


def _changed(layers: Layers, changes: Changes) -> Overlay:
    """Return the overlay after a change."""
    for key in changes:
        if key in layers.fixed:
            message = f"{key} is given by {layers.origin[key]}, which wins over the page: start without it"
            raise SettingsConflict(message)
    below, kept = flat(layers.written), layers.page.values
    unfit = {key for key, value in changes.items() if value is None and key in kept and refusal(key)}
    wanted = {
        key: below.get(key) if value is None else value for key, value in changes.items() if key not in unfit
    }
    now = flat(with_changes(layers.config, wanted))
    values: Mapping[str, Any] = {key: None if now[key] == below[key] else now[key] for key in wanted}
    return layers.page.changed({**values, **dict.fromkeys(unfit)})


def _undone(layers: Layers) -> Overlay:
    """Return the overlay without its last change."""
    if not layers.page.undo:
        message = "nothing was changed on the page that could be taken back"
        raise SettingsConflict(message)
    return layers.page.undone()
