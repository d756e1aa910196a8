"""A player as a director sees it: a queue, nothing else.

Songs are 200 s long (a URI with :// is an endless stream) and end when a test says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moodspeaker.director.effects import (
    ExtendQueue,
    GoToNext,
    GoToPrevious,
    PausePlaying,
    PlayProgramme,
    QueueProgramme,
    StartPlaying,
)
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.player import (
    Act,
    PlayerReport,
    PlayState,
    TrackEnded,
)
from moodspeaker.domain.song import Song

if TYPE_CHECKING:
    from moodspeaker.director.effects import PlayerEffect

SONG_SECONDS = 200.0
PLAYED_KEPT = 25
"""Played songs that stay in the queue when it is extended."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A song of the queue and the programme it was added for."""

    uri: str
    programme: int | None = None


class QueueModel:
    """A player as far as the director sees it."""

    def __init__(self) -> None:
        """Begin empty and stopped."""
        self.queue: list[Entry] = []
        self.place = 0
        self.playing = PlayState.STOP
        self.elapsed = 0.0
        self.error = ""
        self.crossfade = 0.0
        self.ended: list[TrackEnded] = []
        """Songs that ended and are not reported yet."""
        self.fault = ""
        """Why nothing sounds although the player does what it is asked, else empty."""

    @property
    def song(self) -> Entry | None:
        """The current song."""
        return self.queue[self.place] if self.place < len(self.queue) else None

    @property
    def seconds_left(self) -> float:
        """Seconds to the end of the current song."""
        return SONG_SECONDS - self.elapsed

    def do(self, effect: PlayerEffect) -> None:
        """Do what is asked."""
        match effect:
            case PlayProgramme(programme):
                self.over(EndReason.REPLACED)
                self.queue = [Entry(uri, programme.id) for uri in programme.songs]
                self.place, self.playing, self.elapsed, self.error = 0, PlayState.PLAY, 0.0, ""
            case QueueProgramme(programme):
                now = [self.song] if self.song is not None else []
                self.queue = [*now, *(Entry(uri, programme.id) for uri in programme.songs)]
                self.place = 0
            case ExtendQueue(programme):
                self.place += len(programme.songs) if self.song is None else 0
                self.queue += [Entry(uri, programme.id) for uri in programme.songs]
                surplus = max(0, self.place - PLAYED_KEPT)
                self.queue, self.place = self.queue[surplus:], self.place - surplus
            case StartPlaying():
                self.start()
            case PausePlaying():
                self.playing = PlayState.PAUSE if self.playing is PlayState.PLAY else self.playing
            case GoToNext() | GoToPrevious():
                self.over(EndReason.SKIPPED)
                self.go(1 if isinstance(effect, GoToNext) else -1)

    def act(self, act: Act, uris: tuple[str, ...]) -> None:
        """Let a person act: `uris` are the new queue for `queue`, which plays."""
        match act:
            case Act.QUEUE:
                self.over(EndReason.REPLACED)
                self.queue, self.place, self.elapsed = [Entry(uri) for uri in uris], 0, 0.0
                self.playing = PlayState.PLAY if uris else PlayState.STOP
            case Act.SONG:
                self.over(EndReason.SKIPPED)
                self.place, self.elapsed = max(0, len(self.queue) - 1), 0.0
                self.playing = PlayState.PLAY if self.queue else PlayState.STOP
            case Act.SEEK:
                self.elapsed = SONG_SECONDS / 2
            case Act.STOP:
                self.over(EndReason.STOPPED)
                self.playing, self.elapsed = PlayState.STOP, 0.0
            case Act.PAUSE:
                self.playing = PlayState.PAUSE
            case Act.PLAY:
                self.start()
            case Act.NEXT | Act.PREVIOUS:
                self.over(EndReason.SKIPPED)
                self.go(1 if act is Act.NEXT else -1)
                self.playing = PlayState.PLAY if self.playing is PlayState.PAUSE else self.playing

    def over(self, why: EndReason) -> None:
        """Let the current song be over."""
        song = self.song
        if song is not None and self.playing is not PlayState.STOP:
            self.ended.append(TrackEnded(described(song), self.elapsed, why, song.programme))

    def start(self) -> None:
        """Play: what is current, else from the first song."""
        self.place = 0 if self.song is None else self.place
        self.playing = PlayState.PLAY if self.queue else PlayState.STOP

    def go(self, step: int) -> None:
        """Go to another song; behind the last one the music stops, and no song is current, as in MPD."""
        self.place, self.elapsed = max(0, self.place + step), 0.0
        if self.place >= len(self.queue):
            self.place, self.playing = len(self.queue), PlayState.STOP

    def fail(self) -> None:
        """Stop for the fault."""
        self.playing, self.error = PlayState.STOP, self.fault

    @property
    def report(self) -> PlayerReport:
        """What the player does now."""
        song, ahead = self.song, self.queue[self.place + 1 :]
        return PlayerReport(
            self.playing,
            None if song is None else described(song),
            self.elapsed,
            len(self.queue),
            ours=bool(self.queue) and all(entry.programme is not None for entry in self.queue),
            programme=None if song is None else song.programme,
            upcoming=ahead[0].programme if ahead else None,
            ahead=len(ahead),
            seconds_ahead=None if any("://" in e.uri for e in ahead) else SONG_SECONDS * len(ahead),
            error=self.error,
            crossfade=self.crossfade,
        )


def described(entry: Entry) -> Song:
    """Return a song of the queue as the player describes it."""
    return Song(entry.uri, entry.uri.title(), "", None if "://" in entry.uri else SONG_SECONDS)
