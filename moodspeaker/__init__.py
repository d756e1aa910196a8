"""moodspeaker: a speaker that plays to the mood of the room.

Other programs import `FaceReader`, `MoodTracker` and `Recommender` from here (docs/library.md).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from moodspeaker.toolkit.face_reader import FaceReader
    from moodspeaker.toolkit.mood_tracker import MoodTracker
    from moodspeaker.toolkit.recommender import Recommender

__version__ = "0.1.0"
__all__ = ["FaceReader", "MoodTracker", "Recommender"]


def __getattr__(name: str) -> object:
    """Import a class of `moodspeaker.toolkit` when it is first named: the program's own start stays light."""
    homes = {"FaceReader": "face_reader", "MoodTracker": "mood_tracker", "Recommender": "recommender"}
    if name not in homes:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.toolkit.{homes[name]}"), name)
