"""The doctor's check of the index of songs: how much it knows, and why it knows no more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.cli.doctor.finding import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from moodspeaker.config.schema import Config

CURE: Final = "moodspeaker index scan"


def index(config: Config, told: Mapping[str, Any] | None) -> Check:
    """Tell what the index knows: by the speaker's word, else by its file."""
    known = told if told is not None else _state(config)
    songs, placed, heard = (int(known.get(name) or 0) for name in ("songs", "placed", "heard"))
    if not songs:
        return Check("index", Verdict.WARN, f"no song's mood is known yet: {CURE}")
    text = f"{songs} songs, {placed} with a mood, {heard} of them by their sound"
    if reason := known.get("reason") or known.get("files"):
        return Check("index", Verdict.WARN, f"{text}: {reason}")
    if placed < songs:
        return Check("index", Verdict.WARN, f"{text}: the rest comes with the next scan: {CURE}")
    return Check("index", Verdict.OK, text)


def moods(config: Config) -> Collection[str]:
    """Return the moods for which the index has songs; none where it cannot be read."""
    rows = _rows(config, "SELECT DISTINCT mood FROM songs WHERE gone IS NULL AND mood IS NOT NULL")
    if not rows:
        return frozenset()
    from moodspeaker.domain.emotion import EMOTIONS

    return frozenset(map(str, EMOTIONS))  # each has its nearest songs


def _state(config: Config) -> Mapping[str, Any]:
    return dict(_rows(config, "SELECT name, value FROM scan_state"))


def _rows(config: Config, query: str) -> list[tuple[Any, ...]]:
    """Return what stands in the library's file, of which nothing is changed."""
    from moodspeaker.database import Database
    from moodspeaker.library.history import FILE

    return Database(Path(config.paths.state) / FILE, lambda: ()).salvage(query) or []
