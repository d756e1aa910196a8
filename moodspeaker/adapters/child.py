"""A command as a child process that is waited for, so long and no longer, and never left behind."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SYSTEMD: Final = frozenset({"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"})
"""What systemd gives the daemon alone."""


async def finished(
    argv: Sequence[str],
    longest: float,
    *,
    sent: bytes | None = None,
    out: int | IO[bytes] = PIPE,
    errors: IO[bytes] | None = None,
) -> tuple[int, bytes]:
    """Return the exit code of a command, and what it printed unless `out` is a file; `sent` is its input.

    Raises OSError where it cannot be started, and TimeoutError (an OSError, too) after `longest` seconds.
    """
    environment = {name: value for name, value in os.environ.items() if name not in SYSTEMD}
    process = await asyncio.create_subprocess_exec(
        *argv, env=environment, stdin=DEVNULL if sent is None else PIPE, stdout=out, stderr=errors
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(sent), longest)
        return await process.wait(), said or b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
