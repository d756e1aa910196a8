"""`/metrics`: the entities of home automation as Prometheus reads them (text format 0.0.4); pure.

A number is a gauge.  On and off are 1 and 0.  A word is the label `value` of a gauge that is 1.  Moments are
seconds since the epoch.  What is not known is left out.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.domain.entities import Component

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from moodspeaker.domain.entities import Entity
    from moodspeaker.domain.entity_values import SnapshotJson

NONE: Final = frozenset({"none", "None", ""})
SWITCHED: Final = {"ON": 1.0, "OFF": 0.0}
SHOWN: Final = frozenset(Component) - {Component.BUTTON, Component.EVENT}
"""What has a state."""
PREFIX: Final = "moodspeaker_"


def metrics(entities: Iterable[Entity], snapshot: SnapshotJson) -> str:
    """Return the text that Prometheus reads."""
    rows = [(entity, _value(entity, snapshot)) for entity in entities if entity.component in SHOWN]
    lines = [line for entity, value in rows if value is not None for line in _lines(entity, value)]
    lines += [
        "# HELP moodspeaker_probability Posterior of each mood.",
        "# TYPE moodspeaker_probability gauge",
    ]
    for mood, share in snapshot["probabilities"].items():
        lines.append(f'moodspeaker_probability{{mood="{_quoted(mood)}"}} {share:g}')
    lines += ["# HELP moodspeaker_info The version.", "# TYPE moodspeaker_info gauge"]
    lines.append(f'moodspeaker_info{{version="{_quoted(snapshot["version"])}"}} 1')
    return "\n".join(lines) + "\n"


def _value(entity: Entity, snapshot: SnapshotJson) -> float | str | None:
    """Return an entity's value: a number, a word, or None where it is not known."""
    if entity.value is not None:
        given: Any = entity.value(snapshot)
    elif entity.path:
        given = snapshot
        for key in entity.path:
            given = given.get(key) if isinstance(given, dict) else None
    else:
        return None
    if given is None or (isinstance(given, str) and given in NONE):
        return None
    if isinstance(given, bool):
        return float(given)
    if isinstance(given, int | float):
        return given * entity.factor
    return _read(str(given), entity)


def _read(text: str, entity: Entity) -> float | str:
    if text in SWITCHED:
        return SWITCHED[text]
    if entity.device_class == "timestamp":
        return datetime.fromisoformat(text).timestamp()
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _lines(entity: Entity, value: float | str) -> Iterator[str]:
    name = PREFIX + re.sub(r"\W", "_", entity.topic)
    unit = f" ({entity.unit})" if entity.unit else ""
    yield f"# HELP {name} {entity.name}{unit}."
    yield f"# TYPE {name} gauge"
    if isinstance(value, str):
        yield f'{name}{{value="{_quoted(value)}"}} 1'
    else:
        yield f"{name} {value:.10g}"


def _quoted(text: str) -> str:
    """Return a text as a label's value."""
    clean = text.encode(errors="replace").decode()
    return clean.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
