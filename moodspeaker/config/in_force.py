"""The settings that a running speaker goes by, and what a reload does to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from moodspeaker.config.check import refusals
from moodspeaker.config.explain import as_table
from moodspeaker.config.layers import flat
from moodspeaker.errors import ConfigError
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.config.layers import Layers
    from moodspeaker.config.schema import Config


RESTART_ONLY: Final = ("mpd", "mqtt", "web", "paths", "records")
"""Sections whose change takes effect with a restart."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The settings of a running speaker."""

    config: Config
    """What it goes by."""
    layers: Layers
    """What was read last and not refused: of `config` all but what waits for a restart."""
    load: Callable[[], Layers]
    """Reads what is written now; raises ConfigError."""
    reload_refused: tuple[str, ...] = ()
    """Why the last reload changed nothing; empty when it was carried out."""
    restart_for: tuple[str, ...] = ()
    """What the last reload would have changed but for a restart: sections, and `vision.spawn`."""
    revision: int = 0
    """How often they were read again: another number is news for whoever shows them."""

    def reload(self) -> InForce:
        """Return the settings after a reload; what is refused changes nothing but `reload_refused`."""
        revision = self.revision + 1
        try:
            layers = self.load()
        except ConfigError as error:
            return replace(self, reload_refused=error.reasons, revision=revision)
        new = layers.config
        if refused := tuple(refusals(new)):
            return replace(self, reload_refused=refused, revision=revision)
        old = self.config
        waiting = [name for name in RESTART_ONLY if getattr(new, name) != getattr(old, name)]
        if new.vision.spawn != old.vision.spawn:
            waiting.append("vision.spawn")
        kept = {name: getattr(old, name) for name in RESTART_ONLY}
        vision = replace(new.vision, spawn=old.vision.spawn)
        config = replace(new, vision=vision, **kept)
        return InForce(config, layers, self.load, restart_for=tuple(waiting), revision=revision)

    @classmethod
    def at_start(cls, layers: Layers, load: Callable[[], Layers]) -> InForce:
        """Return the settings of a speaker that starts with what was read."""
        return cls(layers.config, layers, load)

    @property
    def status(self) -> str:
        """What systemd's status line says of a refused reload; empty when all is well."""
        return f"reload refused: {'; '.join(self.reload_refused)}" if self.reload_refused else ""

    def compared(self) -> dict[str, object]:
        """Return the settings in force, and those that are written now or why they would be refused.

        As JSON values: {"in_force": tables, "written": tables or None, "refused": [reason], "page": {}};
        `page` has the keys that were changed on the page, each with what would be in force without that.
        """
        written, refused = None, []
        try:
            written = as_table(self.load().config)
        except ConfigError as error:
            refused = list(error.reasons)
        below = flat(self.layers.written)
        page = {key: below[key] for key in self.layers.changed}
        return {"in_force": as_table(self.config), "written": written, "refused": refused, "page": page}
