"""Programs that end with the one that started them, however that ends.

Linux sends them a signal when their parent is gone (`prctl`, PR_SET_PDEATHSIG), and keeps that over an exec;
setpriv asks for it.  It belongs to util-linux, which Debian always has; elsewhere they may run on.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def tied(command: Sequence[str]) -> list[str]:
    """Return the command line under which a program gets SIGTERM when the thread that starts it is gone."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)
