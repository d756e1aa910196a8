"""`moodspeaker index scan` that takes its share of the CPU and the disk.

By itself it asks for what nobody else wants, which on a busy machine is nothing for minutes.
"""

from __future__ import annotations

import sys
from typing import Final

_PROGRAM: Final = """
import sys
from moodspeaker.cli import main
from moodspeaker.cli.index import scan
scan._give_way = lambda: None
sys.exit(main())
"""
PROMPT: Final = (sys.executable, "-P", "-c", _PROGRAM)
"""The program and its first words, in place of `python -m moodspeaker`."""
