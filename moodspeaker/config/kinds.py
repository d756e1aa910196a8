"""Whether a value is of its setting's kind, before pydantic turns what is near into what is wanted.

In a file, and on the page, a number is a number and a switch is true or false: `hours = true` or
`stickers = "yes"` is a mistake there, and would pass for 1 hour and for true.  The words of the environment
and of `--set` are all text, so there `yes` and `1` are switched on, too.
"""

from __future__ import annotations

import typing
from dataclasses import is_dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from moodspeaker.config.schema import Config

NUMBERS: Final = MappingProxyType({int: "a whole number", float: "a number"})


@cache
def _hints(section: type) -> dict[str, Any]:
    return typing.get_type_hints(section)


def type_of(key: tuple[str, ...]) -> Any:  # noqa: ANN401 - a type
    """Return the type of the setting at a key, its limits left out; None where there is none."""
    hint: Any = Config
    for name in key:
        if not isinstance(hint, type) or not is_dataclass(hint):
            return None
        hint = _hints(hint).get(name)
    return hint


def wants_text(key: tuple[str, ...]) -> bool:
    """Tell whether a word for this key is text as it stands, not a number, a switch or a table."""
    hint = type_of(key)
    if typing.get_origin(hint) is Literal:
        return isinstance(typing.get_args(hint)[0], str)
    return hint is None or (isinstance(hint, type) and issubclass(hint, str))


def wanted(key: tuple[str, ...], value: object, *, word: bool = False) -> str:
    """Return what should stand at a key where the value is of another kind, in words; else nothing.

    `word`: it was read from text.
    """
    hint, words = type_of(key), ""
    if typing.get_origin(hint) is Literal:
        *others, last = typing.get_args(hint)
        hint, words = type(last), f"{', '.join(map(str, others))} or {last}"
    quotes = ", without quotes" if isinstance(value, str) and _would_do(hint, value) else ""
    if hint in {int, float} and isinstance(value, bool if word else bool | str):
        return (words or NUMBERS[hint]) + quotes
    if hint is bool and not word and isinstance(value, int | float | str) and not isinstance(value, bool):
        return f"true or false{quotes}"
    return ""


def _would_do(hint: object, text: str) -> bool:
    """Tell whether a text would be of the wanted kind if it stood there without quotes."""
    if hint is bool:
        return text in {"true", "false"}
    try:
        float(text)
    except ValueError:
        return False
    return True
