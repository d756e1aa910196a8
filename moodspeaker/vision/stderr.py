"""What native libraries say to file descriptor 2 past Python: kept off the terminal, and readable.

LiteRT announces its delegate, and libjpeg and libpng complain, straight to standard error.  Each command
promises one line for one fault, so these words are caught in memory (memfd_create(2)) and the caller decides
what they mean.  Whatever another thread writes meanwhile is caught too: only for calls that are short and
cannot hang.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STANDARD_ERROR: Final = 2


@contextmanager
def caught() -> Iterator[Callable[[], str]]:
    """Catch what is written to descriptor 2; yields a function that returns the text so far."""
    sys.stderr.flush()
    kept = os.dup(STANDARD_ERROR)
    memory = os.memfd_create("stderr", os.MFD_CLOEXEC)
    try:
        os.dup2(memory, STANDARD_ERROR)
        yield lambda: os.pread(memory, os.fstat(memory).st_size, 0).decode(errors="replace")
    finally:
        os.dup2(kept, STANDARD_ERROR)
        os.close(kept)
        os.close(memory)
