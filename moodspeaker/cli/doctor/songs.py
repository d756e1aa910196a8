"""The doctor's checks of the index of songs: what it needs, how much it knows, and why it knows no more."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.cli.doctor.finding import Check, Verdict
from moodspeaker.domain.wording import NO_SONGS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from moodspeaker.config.schema import Config

CURE: Final = "moodspeaker index scan"
TIMER: Final = "sudo systemctl enable --now moodspeaker-index.timer"
DAY: Final = 24 * 3600.0
"""Seconds without a look for new songs that are too many: the timer's scans are minutes apart."""


def decoder() -> Check:
    """Tell what decodes songs."""
    from moodspeaker.analysis.decode import decoder

    match decoder():
        case "ffmpeg":
            return Check("sound", Verdict.OK, "ffmpeg decodes songs")
        case "soundfile":
            text = "soundfile decodes WAV, FLAC, Ogg and MP3, and no other songs: sudo apt install ffmpeg"
        case _:
            text = (
                "nothing here can decode songs, so their moods come from tags alone: sudo apt install ffmpeg"
            )
    return Check("sound", Verdict.WARN, text)


def model(config: Config) -> Check:
    """Tell whether the model of music is what its manifest says."""
    from moodspeaker.analysis.affect_model import AffectModel
    from moodspeaker.errors import ModelError
    from moodspeaker.resources import models_folder, music_model_folder

    named, folder = models_folder(config.models.path), music_model_folder(config.models.path)
    try:
        version = AffectModel(folder).version
    except ModelError as error:
        return Check("models", Verdict.FAULT, str(error))
    note = "" if folder.parent == named else f" (it came with the program: {named} has no music/)"
    return Check("models", Verdict.OK, f"music: {version} is sound{note}")


def index(config: Config, told: Mapping[str, Any] | None, now: float) -> Check:
    """Tell what the index knows: by the speaker's word, else by its file.

    `now` is in seconds since the epoch.
    """
    known = told if told is not None else _state(config)
    songs, placed, heard = (int(known.get(name) or 0) for name in ("songs", "placed", "heard"))
    left_out = str(known.get("left_out") or "")
    if not songs:
        none = left_out or (NO_SONGS if known.get("scanned_at") else f"no song's mood is known yet: {CURE}")
        return Check("index", Verdict.WARN, none)
    text = f"{songs} songs, {placed} with a mood, {heard} of them by their sound"
    if left_out:
        text = f"{text}; {left_out}"
    if reason := known.get("reason") or known.get("files"):
        return Check("index", Verdict.WARN, f"{text}: {reason}")
    if (days := (now - _scanned_at(known.get("scanned_at"), now)) / DAY) > 1:
        when = f"nobody looked for new songs in {days:.0f} days: {CURE}, and where the service is: {TIMER}"
        return Check("index", Verdict.WARN, f"{text}: {when}")
    if again := _to_be_analysed(config, "AND sound_valence IS NOT NULL"):
        rest = f"the next scan listens to {again} of them again, for this version hears more: {CURE}"
        return Check("index", Verdict.WARN, f"{text}; {rest}")
    if placed < songs and _to_be_analysed(config):
        return Check("index", Verdict.WARN, f"{text}: the rest comes with the next scan: {CURE}")
    return Check("index", Verdict.WARN if left_out else Verdict.OK, text)


def _to_be_analysed(config: Config, those: str = "") -> int:
    """Return how many songs' sound is still to be looked at; a silent one was, and has no mood."""
    query = f"SELECT count(*) FROM songs WHERE gone IS NULL AND analysed IS NULL {those}"  # noqa: S608 - ours
    [(count,)] = _rows(config, query) or [(0,)]
    return int(count)


def _scanned_at(told: str | None, now: float) -> float:
    """Return seconds since the epoch, which the speaker tells as a moment and the file as a number."""
    if not told:
        return now
    try:
        return float(told)
    except ValueError:
        return datetime.strptime(told, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


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
    from moodspeaker.library.migrations import FILE

    return Database(Path(config.paths.state) / FILE, lambda: ()).salvage(query) or []
