"""Frozen, slotted dataclasses that are quick to make.

`dataclass` here is used as the standard library's and means the same.  That one writes and compiles six
methods for each frozen class: for the speaker's hundred and seventy a quarter of its start, and a megabyte.
Of the six only `__init__` differs in more than the names of the fields; the others stand once, below.
"""

# ruff: noqa: ANN401 - `self` is of any class that is made here
from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dataclasses import dataclass

    __all__ = ["dataclass"]
else:

    def dataclass(*, frozen: bool = False, slots: bool = False, eq: bool = True):  # noqa: ANN201 - see above
        """Return the decorator that makes a class a dataclass."""
        if frozen:
            return lambda kind: _made_frozen(kind, slots=slots, eq=eq)
        return dataclasses.dataclass(slots=slots, eq=eq)


_GIVEN_BY_FACTORY: Final = object()
_set: Final = object.__setattr__


def _made_frozen(kind: type, *, slots: bool, eq: bool) -> object:
    """Return the class as a frozen dataclass; a method that it defines itself stays."""
    own = frozenset(vars(kind))
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(kind)
    fields = dataclasses.fields(made)
    methods = {**_SHARED, "__init__": _initializer(made, fields)}
    if eq:
        compared = [one.name for one in fields if one.compare]
        key = attrgetter(*compared) if compared else _nothing
        made._compared = staticmethod(key)  # noqa: SLF001 - for the methods below
        methods |= {"__eq__": _equals, "__hash__": _hash}
    for name, method in methods.items():
        if name not in own:
            setattr(made, name, method)
    return made


def _initializer(made: type, fields: tuple[dataclasses.Field[Any], ...]) -> object:
    """Return the method that takes the fields, by their order or names."""
    names: dict[str, object] = {"_set": _set, "_by_factory": _GIVEN_BY_FACTORY}
    taken, lines = ["self"], []
    for one in fields:
        name = one.name
        if one.default_factory is not dataclasses.MISSING:
            names[f"_of_{name}"] = one.default_factory
            taken.append(f"{name}=_by_factory")
            lines.append(f" _set(self,{name!r},_of_{name}() if {name} is _by_factory else {name})")
            continue
        if one.default is not dataclasses.MISSING:
            names[f"_of_{name}"] = one.default
            taken.append(f"{name}=_of_{name}")
        else:
            taken.append(name)
        lines.append(f" _set(self,{name!r},{name})")
    if hasattr(made, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec(f"def __init__({','.join(taken)}):\n" + "\n".join(lines or [" pass"]), names)  # noqa: S102 - as dataclasses does
    return names["__init__"]


def _refuse(self: object, name: str, *_: object) -> None:
    message = f"{type(self).__qualname__}.{name} cannot change"
    raise dataclasses.FrozenInstanceError(message)


def _repr(self: Any) -> str:
    shown = ", ".join(
        f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr
    )
    return f"{type(self).__qualname__}({shown})"


def _equals(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self._compared(self) == self._compared(other)


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _nothing(_: object) -> tuple[()]:
    return ()


def _state(self: Any) -> list[object]:
    return [getattr(self, one.name) for one in dataclasses.fields(self)]


def _take_state(self: Any, state: list[object]) -> None:
    for one, value in zip(dataclasses.fields(self), state, strict=True):
        _set(self, one.name, value)


_SHARED: Final = {
    "__repr__": _repr,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__getstate__": _state,
    "__setstate__": _take_state,
}
