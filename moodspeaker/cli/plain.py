"""Reads the words of a command that are written plainly, without argparse: that takes a tenth of a choice.

A command declares its options once, to this or to argparse.  Plain are whole names with their values
(`--count 5`), each value one that its option takes, and all that is required.  Whatever else a person
writes, a mistake or `--help` among it, `read` leaves to argparse.
"""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path


class PlainWords:
    """What `add_argument` declared, of what an `argparse.ArgumentParser` takes: options with long names."""

    def __init__(self) -> None:
        self.epilog: str | None = None
        """What argparse shows below the help."""
        self._options: dict[str, tuple[str, Callable[[str], Any], Collection[str] | None]] = {}
        self._defaults: dict[str, Any] = {}
        self._required: set[str] = set()

    def add_argument(
        self,
        name: str,
        *,
        action: str = "store",
        type: Callable[[str], Any] = str,  # noqa: A002 - argparse's names
        choices: Collection[str] | None = None,
        required: bool = False,
        default: Any = None,  # noqa: ANN401 - of the option's type
        help: str = "",  # noqa: A002, ARG002 - argparse's names
        metavar: str = "",  # noqa: ARG002 - argparse's names
    ) -> None:
        """Declare an option `--name`, as for argparse: `action` is `store`, `append` or `store_true`."""
        self._options[name] = action, type, choices
        self._defaults[name] = False if action == "store_true" else default
        if required:
            self._required.add(name)

    def read(self, words: Sequence[str]) -> SimpleNamespace | None:
        """Return the options by their names; None where the words are not plain."""
        found = dict(self._defaults)
        left = iter(words)
        for word in left:
            action, read, choices = self._options.get(word, ("", str, None))
            if action == "store_true":
                found[word] = True
                continue
            value = next(left, "")
            if not action or not value or value.startswith("-") or (choices and value not in choices):
                return None
            try:
                found[word] = [*found[word], read(value)] if action == "append" else read(value)
            except _mistakes():
                return None
        if not all(found[name] for name in self._required):
            return None
        return SimpleNamespace(**{name.lstrip("-"): value for name, value in found.items()})


def add_common(command: argparse.ArgumentParser | PlainWords) -> None:
    """Add the arguments that all commands have."""
    command.add_argument(
        "--config", type=_file, metavar="FILE", help="configuration file in place of the usual"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="SECTION.KEY=VALUE",
        help="a setting for this call, as mpd.host=localhost; may be repeated",
    )


def whole_number(text: str) -> int:
    """Return a whole number; raise argparse's ArgumentTypeError for what is none."""
    return _whole(text, None)


def count(text: str) -> int:
    """Return a whole number of at least 1; raise argparse's ArgumentTypeError for what is none."""
    return _whole(text, 1)


def _whole(text: str, least: int | None) -> int:
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is None or (least is not None and number < least):
        from argparse import ArgumentTypeError

        message = f"{text!r}: a whole number" + (f", {least} or more" if least is not None else "")
        raise ArgumentTypeError(message)
    return number


def _mistakes() -> tuple[type[Exception], ...]:
    """Return what a type raises for a word that it does not take; only then argparse is loaded."""
    from argparse import ArgumentTypeError

    return ArgumentTypeError, TypeError, ValueError


def _file(word: str) -> Path:
    """Return the path of `--config`; `~` is the home folder, also where no shell has replaced it."""
    from pathlib import Path

    return Path(os.path.expanduser(word))
