"""`moodspeaker index scan`: find the mood of every song of the music server, by its tags and its sound."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from moodspeaker.adapters.mpd.catalogue import Catalogue
    from moodspeaker.analysis.affect_model import AffectModel
    from moodspeaker.analysis.listen import Heard
    from moodspeaker.config.schema import Config
    from moodspeaker.library.index import SongIndex
    from moodspeaker.library.songs import Sound
    from moodspeaker.scan.progress import Progress
    from moodspeaker.scan.scanning import World
    from moodspeaker.scan.sharing import Sharing

SUMMARY = "find the mood of every song of the music server"
EPILOG = """\
The tags come first and are of use at once; the sound of each song follows, with a bar that shows how far it
is.  It works when nobody else wants the CPU or the disk.  End it whenever you like: the next scan goes on
where it ended.  A song whose sound cannot be read is named and goes by its tags; how many have names that
are not UTF-8, and are left out, stands in the last line, with one of them.

  moodspeaker index scan
  moodspeaker index scan --set index.music_dir=/srv/music
"""
LOWEST: Final = 19
NO_DECODER: Final = "nothing here can decode songs: sudo apt install ffmpeg"
MAY_PASS: Final = ("ffmpeg", "permission denied", "no such file")
"""What the reasons have in common that say nothing of the file's sound."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.epilog = EPILOG


def run(arguments: argparse.Namespace) -> int:
    """Scan; return 1 where the music server does not answer."""
    from contextlib import closing

    from moodspeaker import resources
    from moodspeaker.cli.owner import act_as_owner
    from moodspeaker.config.load import load
    from moodspeaker.errors import PlayerError
    from moodspeaker.library.index import SongIndex
    from moodspeaker.library.lexicon import Lexicon
    from moodspeaker.library.scan_lock import only_one
    from moodspeaker.scan.progress import Progress
    from moodspeaker.scan.scanning import Scan

    config = load(arguments.config, arguments.set)
    if not config.mpd.host:
        message = "mpd.host is empty: there is no music server whose songs could be scanned"
        raise PlayerError(message)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    act_as_owner(config.state_folder)
    _give_way()
    progress = Progress(sys.stderr, time.monotonic)
    lexicon = Lexicon(resources.folder("music-index") / "lexicon")
    with (
        only_one(config.state_folder),
        closing(SongIndex(config.state_folder, resources.schema_folder())) as index,
    ):
        around = world(config)
        scan = Scan(index, lexicon, around, progress, config.index.music_dir)
        try:
            there = scan.run()
            if there:
                _sharing(config, index, around, progress).run()
        finally:
            progress.say(_summary(index, scan.failed))
    return 0 if there else 1


def _give_way() -> None:
    """Take the CPU and the disk only when nobody else wants them."""
    os.setpriority(os.PRIO_PROCESS, 0, LOWEST)
    command = ("ionice", "--class", "idle", "--pid", str(os.getpid()))
    with contextlib.suppress(OSError):  # a system without util-linux: nice alone
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - words of ours


def world(config: Config) -> World:
    """Return what a scan asks of the world, as it is with these settings."""
    from dataclasses import replace

    from moodspeaker.adapters.mpd.address import addresses
    from moodspeaker.adapters.mpd.catalogue import read_catalogue
    from moodspeaker.adapters.mpd.playlists import read_playlists
    from moodspeaker.adapters.mpd.sharing import read_stickers, restore_stickers
    from moodspeaker.analysis.fingerprint import alike
    from moodspeaker.analysis.listen import listen as hear
    from moodspeaker.analysis.sound import Range
    from moodspeaker.domain.moment import Moment
    from moodspeaker.library.songs import Sound
    from moodspeaker.scan.file_tags import read_tags
    from moodspeaker.scan.scanning import World

    def read(known: str, tell: Callable[[int], None]) -> Catalogue:
        return asyncio.run(read_catalogue(config.mpd, addresses(config.mpd, os.environ), known, tell))

    def now() -> Moment:
        return Moment(time.monotonic(), time.time())

    model, refused = _model(config)

    def listen(path: Path, start: float | None, end: float | None) -> Sound:
        if model is None:
            return Sound(reason=refused)
        part = None
        if start is not None:
            part = Range(start, None if end is None else end - start)
        return replace(_sound(hear(path, model, part)), tags=read_tags(path))

    return World(
        read,
        lambda: read_stickers(config.mpd),
        (lambda lost: restore_stickers(config.mpd, lost)) if config.index.stickers else None,
        lambda ours, known: read_playlists(config.mpd, ours, known),
        listen,
        alike,
        refused,
        model.version if model is not None else "",
        now,
    )


def _model(config: Config) -> tuple[AffectModel | None, str]:
    """Return the model of music, or why nothing can be listened to."""
    from moodspeaker import resources
    from moodspeaker.analysis.affect_model import AffectModel
    from moodspeaker.analysis.decode import decoder
    from moodspeaker.errors import ModelError

    if not decoder():
        return None, NO_DECODER
    try:
        return AffectModel(resources.music_model_folder(config.models.path)), ""
    except ModelError as error:
        return None, f"the model of music is refused: {error}"


def _sharing(config: Config, index: SongIndex, around: World, progress: Progress) -> Sharing:
    from moodspeaker.adapters.mpd import sharing
    from moodspeaker.scan.sharing import Sharing

    return Sharing(
        index,
        (lambda songs: sharing.write_stickers(config.mpd, songs)) if config.index.stickers else None,
        lambda playlists, ours: sharing.write_playlists(config.mpd, playlists, ours),
        around.now,
        progress,
        playlists=config.index.playlists,
    )


def _sound(heard: Heard) -> Sound:
    """Return what the index keeps of what was heard."""
    from moodspeaker.library.fusion import Estimate
    from moodspeaker.library.songs import Sound

    judged = heard.judgement
    estimate = None
    if judged is not None:
        estimate = Estimate(
            judged.valence, judged.arousal, judged.valence_reliability, judged.arousal_reliability
        )
    passing = heard.seconds is None and any(word in heard.reason for word in MAY_PASS)
    return Sound(
        heard.seconds,
        heard.damaged,
        heard.fingerprint or None,
        estimate,
        b"" if judged is None else judged.timbre,
        heard.reason,
        passing=passing,
    )


def _summary(index: SongIndex, failed: int) -> str:
    from moodspeaker.domain.wording import NO_SONGS

    songs, placed, heard = (index.state(name) or "0" for name in ("songs", "placed", "heard"))
    left_out = index.state("left_out")
    if songs == "0" and index.state("scanned_at") and not left_out:
        return NO_SONGS
    lost = f"; the sound of {failed} could not be read" if failed else ""
    odd = f"; {left_out}" if left_out else ""
    return f"{songs} songs: {placed} have a mood, {heard} of them by their sound{lost}{odd}"
