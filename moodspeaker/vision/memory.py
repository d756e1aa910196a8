"""How the C library keeps memory that is freed."""

from __future__ import annotations

import ctypes
from typing import Final

M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
"""Of mallopt(3)."""
LARGE: Final = 256 * 1024
"""Bytes from which on a block is mapped by itself."""


def give_back_large_blocks() -> None:
    """Let each large block go back to the kernel when it is freed, and all threads share one heap.

    By itself glibc keeps what the largest frames once took, in a heap for each thread.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(M_MMAP_THRESHOLD, LARGE)
        mallopt(M_ARENA_MAX, 1)
