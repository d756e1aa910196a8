"""A director and a player that does what it is asked, in memory and at once: what a rule leads to can be read off the queue.

The player is a model of a queue, nothing else: songs are 200 s long, nothing ends by itself.  Requests for songs
are answered by the real draws.  `answering` switched off leaves the player's answers open (`open`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from moodspeaker.director.director import Director
from moodspeaker.director.effects import (
    Confirmed,
    ExtendQueue,
    Failed,
    GoToNext,
    GoToPrevious,
    NoProgramme,
    PausePlaying,
    PlayProgramme,
    ProgrammeReady,
    QueueProgramme,
    Record,
    RequestMore,
    RequestProgramme,
    SaveSetting,
    StartPlaying,
    Tick,
)
from moodspeaker.director.settings import HoldSettings, ListenSettings, MusicSettings
from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import MoodChange
from moodspeaker.domain.player import (
    Act,
    EndReason,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerReport,
    PlayState,
    TrackEnded,
)
from moodspeaker.domain.song import MusicSource, Song
from moodspeaker.music.programme import Programmes
from moodspeaker.music.recent import RecentProgrammes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.director.effects import Effect, Event, PlayerEffect
    from moodspeaker.domain.decision import Decision
    from moodspeaker.domain.mood import Mood
    from moodspeaker.domain.song import Programme

SONG_SECONDS = 200.0


def stored(emotion: Emotion, count: int = 3) -> MusicSource:
    """Return a stored playlist of a mood with so many songs."""
    return MusicSource(f"mood-{emotion}", "stored playlist", tuple(f"{emotion}{n}" for n in range(count)))


MUSIC: Mapping[Emotion, MusicSource] = {mood: stored(mood) for mood in (Emotion.HAPPY, Emotion.SAD)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A song of the queue and the programme it was added for."""

    uri: str
    programme: int | None = None


class Room:
    """A director in a room with a player."""

    def __init__(  # noqa: PLR0913 - one word a setting
        self,
        *,
        start: str = "arrival",
        switch: str = "now",
        quiet: str = "",
        absence: float = 0,
        music: Mapping[Emotion, MusicSource] = MUSIC,
        recent: str = "",
        override: Emotion | None = None,
    ) -> None:
        """Prepare; nothing is connected yet."""
        self.programmes = Programmes(random.Random(1))
        self.recent = RecentProgrammes.from_text(recent)
        self.director = Director(
            ListenSettings(start=start, absence_pause=absence, quiet=quiet),  # type: ignore[arg-type]
            HoldSettings(minutes=30),
            MusicSettings(switch=switch),  # type: ignore[arg-type]
            self.recent,
            random.Random(1),
            override=override,
        )
        self.music = music
        self.queue: list[Entry] = []
        self.place = 0
        self.playing = PlayState.STOP
        self.elapsed = 0.0
        self.error = ""
        self.refuses = ""
        """Why the player refuses what it is asked, else empty."""
        self.answering = True
        self.open: list[PlayerEffect] = []
        """What the player was asked and has not answered."""
        self.effects: list[Effect] = []
        """Every effect since the last `clear`."""
        self.saved: dict[str, str] = {}
        self.at = 0.0
        self.minute = 12 * 60

    # --- what tests read ----------------------------------------------------------------------------------------

    @property
    def state(self):  # noqa: ANN201 - the director's own type
        """What the director knows."""
        return self.director.state

    @property
    def decisions(self) -> list[Decision]:
        """The decisions since the last `clear`."""
        return [effect.decision for effect in self.effects if isinstance(effect, Record)]

    @property
    def song(self) -> Entry | None:
        """The current song."""
        return self.queue[self.place] if self.place < len(self.queue) else None

    @property
    def uris(self) -> list[str]:
        """The queue."""
        return [entry.uri for entry in self.queue]

    @property
    def asked(self) -> list[type]:
        """What the player was asked since the last `clear`."""
        plain = (Record, SaveSetting, RequestMore, RequestProgramme)
        return [type(effect) for effect in self.effects if not isinstance(effect, plain)]

    def clear(self) -> None:
        """Forget the effects so far."""
        self.effects = []

    # --- what happens -------------------------------------------------------------------------------------------

    def tell(self, event: Event, seconds: float = 1.0) -> None:
        """Let an event happen some seconds later, and all that follows from it."""
        self.at += seconds
        if self.playing is PlayState.PLAY:
            self.elapsed += seconds
        self._tell(event)

    def _tell(self, event: Event) -> None:
        for effect in self.director.handle(event, Moment(self.at, 1e9 + self.at)):
            self.effects.append(effect)
            match effect:
                case RequestProgramme(request, mood, count, avoid):
                    programme = self.programmes.begin(mood, count, avoid)
                    self._tell(self._answer(request, mood, programme))
                case RequestMore(request, programme, count):
                    more = self.programmes.go_on(programme, count)
                    self._tell(self._answer(request, programme.mood, more))
                case SaveSetting(name, value):
                    self.saved[name] = value
                case Record():
                    pass
                case _:
                    self.open.append(effect)
                    if self.answering:
                        self.answer()

    @staticmethod
    def _answer(request: int, mood: Emotion, programme: Programme | None) -> ProgrammeReady | NoProgramme:
        return NoProgramme(request, mood) if programme is None else ProgrammeReady(request, programme)

    def answer(self, *, superseded: bool = False) -> None:
        """Let the player answer the oldest open effect."""
        effect = self.open.pop(0)
        if superseded or self.refuses:
            self._tell(Failed(effect, self.refuses or "a person came first", superseded=superseded))
            return
        self._do(effect)
        self._tell(PlayerChanged(self.report))
        self._tell(Confirmed(effect))

    def _do(self, effect: PlayerEffect) -> None:
        match effect:
            case PlayProgramme(programme, _, first):
                self._over(EndReason.REPLACED)
                self.queue = [Entry(uri, programme.id) for uri in programme.songs]
                self.place, self.playing, self.elapsed, self.error = first, PlayState.PLAY, 0.0, ""
            case QueueProgramme(programme):
                now = [self.song] if self.song is not None else []
                self.queue = [*now, *(Entry(uri, programme.id) for uri in programme.songs)]
                self.place = 0
            case ExtendQueue(programme):
                self.queue += [Entry(uri, programme.id) for uri in programme.songs]
                surplus = max(0, self.place - 25)
                self.queue, self.place = self.queue[surplus:], self.place - surplus
            case StartPlaying():
                self.playing = PlayState.PLAY if self.queue else PlayState.STOP
            case PausePlaying():
                self.playing = PlayState.PAUSE
            case GoToNext() | GoToPrevious():
                self._over(EndReason.SKIPPED)
                self._go(1 if isinstance(effect, GoToNext) else -1)

    def _over(self, why: EndReason) -> None:
        song = self.song
        if song is not None and self.playing is PlayState.PLAY:
            self._tell(TrackEnded(self._song(song), self.elapsed, why, song.programme))

    def _go(self, step: int) -> None:
        self.place, self.elapsed = max(0, self.place + step), 0.0
        if self.place >= len(self.queue):
            self.place, self.playing = 0, PlayState.STOP

    @staticmethod
    def _song(entry: Entry) -> Song:
        endless = "://" in entry.uri
        return Song(entry.uri, entry.uri.title(), "", None if endless else SONG_SECONDS)

    @property
    def report(self) -> PlayerReport:
        """What the player does now."""
        song, ahead = self.song, self.queue[self.place + 1 :]
        endless = any("://" in entry.uri for entry in ahead)
        return PlayerReport(
            self.playing,
            None if song is None else self._song(song),
            self.elapsed,
            len(self.queue),
            ours=bool(self.queue) and all(self.recent_or_new(entry) for entry in self.queue),
            programme=None if song is None else song.programme,
            upcoming=ahead[0].programme if ahead else None,
            ahead=len(ahead),
            seconds_ahead=None if endless else SONG_SECONDS * len(ahead),
            error=self.error,
        )

    @staticmethod
    def recent_or_new(entry: Entry) -> bool:
        """Tell whether a song was put there by the director."""
        return entry.programme is not None

    def connect(self) -> None:
        """Let the player be there."""
        self.programmes.offer(self.music)
        self._tell(MusicChanged(self.music))
        self.tell(PlayerConnected(self.report))

    def mood(self, mood: Mood, cause: str = "face") -> None:
        """Let the room be in a mood."""
        self.tell(MoodChange(self.state.mood, mood, cause, 0.9, Affect(0, 0), self.at))

    def plays(self, mood: Emotion) -> None:
        """Connect, let somebody come in, and let the music of that mood play."""
        self.connect()
        self.mood(mood)
        assert self.playing is PlayState.PLAY
        self.clear()

    def song_ends(self) -> None:
        """Let the song come to its end."""
        self.at += SONG_SECONDS
        self.elapsed = SONG_SECONDS
        self._over(EndReason.FINISHED)
        self._go(1)
        self._tell(PlayerChanged(self.report))

    def ticks(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass, tick by tick."""
        for _ in range(round(seconds / step)):
            self.tell(Tick(self.minute), step)

    def person(self, act: Act, *uris: str) -> None:
        """Let a person use their own player: `uris` are the new queue for `queue`, which plays."""
        match act:
            case Act.QUEUE:
                self._over(EndReason.REPLACED)
                self.queue, self.place, self.elapsed = [Entry(uri) for uri in uris], 0, 0.0
                self.playing = PlayState.PLAY if uris else PlayState.STOP
            case Act.SONG:
                self._over(EndReason.SKIPPED)
                self.place, self.elapsed, self.playing = len(self.queue) - 1, 0.0, PlayState.PLAY
            case Act.SEEK:
                self.elapsed = 100.0
            case Act.STOP:
                self._over(EndReason.STOPPED)
                self.playing, self.elapsed = PlayState.STOP, 0.0
            case Act.PAUSE:
                self.playing = PlayState.PAUSE
            case Act.PLAY:
                self.playing = PlayState.PLAY
            case Act.NEXT | Act.PREVIOUS:
                self._over(EndReason.SKIPPED)
                self._go(1 if act is Act.NEXT else -1)
        self.tell(PersonActed(act, self.report))

    def restart(self, **settings: object) -> Room:
        """Return the room after a restart of the speaker: the player goes on with its queue."""
        room = Room(recent=self.saved.get("programmes", ""), music=self.music, **settings)  # type: ignore[arg-type]
        known = {programme.id for programme in room.recent}
        room.queue = [replace(e, programme=e.programme if e.programme in known else None) for e in self.queue]
        room.place, room.playing, room.elapsed, room.at = self.place, self.playing, self.elapsed, self.at
        return room
