"""Work as a user without rights, where the tests run as root."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY: Final = 65534


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Give root's rights up for a while; whoever has none keeps what they have."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(own)
