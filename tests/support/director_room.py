"""A director in a room with a player: what a rule leads to can be read off the player's queue.

The player is a model of a queue (`queue_model`), whose songs end when a test says so.  Requests for songs are
answered by the real draws.  Events are taken one after another as the speaker does: what the player tells of
an order comes after the event that led to it.  With `answering` off, orders wait in `waiting` until a test
says `answer()`; a newer programme, and a person's act, outdate them there as they do in the speaker.
"""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING

from moodspeaker.director import kept_holder, standing
from moodspeaker.director.director import Director
from moodspeaker.director.effects import (
    Confirmed,
    ExtendQueue,
    Failed,
    PlayProgramme,
    QueueProgramme,
    Record,
    RequestMore,
    RequestProgramme,
    SaveSetting,
    Tick,
)
from moodspeaker.director.settings import DirectorSettings, HoldSettings, ListenSettings, MusicSettings
from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.mood import MoodChange
from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerLost,
    PlayState,
)
from moodspeaker.domain.song import MusicSource
from moodspeaker.mood.affect import POINTS
from moodspeaker.music import kept_journey
from moodspeaker.music.choice import Suggestion
from moodspeaker.music.programme import Programmes
from moodspeaker.music.recent import RecentProgrammes
from moodspeaker.music.target import TargetSettings
from moodspeaker.speaker.drawing import Drawing
from support.queue_model import Entry, QueueModel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from moodspeaker.director.control import Control
    from moodspeaker.director.effects import Effect, Event, PlayerEffect
    from moodspeaker.director.state import Chosen, State
    from moodspeaker.domain.decision import Decision, Rule, Verb
    from moodspeaker.domain.mood import Mood
    from moodspeaker.music.choice import Wanted

THEIRS = ("theirs0", "theirs1")
STREAM = "http://radio/"


def stored(emotion: Emotion, count: int = 3) -> MusicSource:
    """Return a stored playlist of a mood with so many songs."""
    return MusicSource(f"mood-{emotion}", "stored playlist", tuple(f"{emotion}{n}" for n in range(count)))


MUSIC: Mapping[Emotion, MusicSource] = {mood: stored(mood) for mood in (Emotion.HAPPY, Emotion.SAD)}


MATCH_ALL = TargetSettings(angry="match", fear="match", lift_after=0)
"""Each mood is played to."""


class PlaneChooser:
    """`ports.Chooser`: for each point of the affect plane there are songs named after it."""

    def __init__(self) -> None:
        self.is_empty = False
        self.knows_ways = True
        """Whether it has songs for points that are no mood's own."""

    def knows_taste(self, songs: Collection[str]) -> bool:
        return False

    def reasons(self, uri: str, wanted: Wanted) -> Mapping[str, str]:
        return {}

    def suggest(self, wanted: Wanted, count: int, seed: int) -> list[Suggestion]:
        if self.is_empty or not (self.knows_ways or wanted.affect in POINTS.values()):
            return []
        place = f"{wanted.affect.valence:+.2f}{wanted.affect.arousal:+.2f}/{wanted.mood}"
        return [Suggestion(f"{place}{seed % 1000}.{n}", "", "", 1.0) for n in range(count)]


class Room:
    """A director in a room with a player."""

    def __init__(
        self,
        *,
        start: str = "arrival",
        switch: str = "now",
        quiet: str = "",
        absence: float = 0,
        music: Mapping[Emotion, MusicSource] = MUSIC,
        saved: str = "",
        journey: str = "",
        control: str = "",
        stands: str = "",
        override: Emotion | None = None,
        chosen: Chosen | None = None,
        target: TargetSettings = MATCH_ALL,
        seed: int = 1,
        at: float = 0.0,
        boot: str | None = "boot 1",
        began: float = 1e9,
    ) -> None:
        """Prepare; nothing is connected yet.  `saved` to `stands` are of before a restart.

        `began` is the moment of the wall clock at which the monotonic one of this boot began.
        """
        self.boot, self.began = boot, began
        self.seed = seed
        self.programmes = Programmes(random.Random(seed))
        self.chooser = PlaneChooser()
        self.drawing = Drawing(self.programmes, self.chooser, lambda: "household")
        self.recent = RecentProgrammes.from_text(saved)
        self.director = Director(
            DirectorSettings(
                ListenSettings(start=start, absence_pause=absence, quiet=quiet),  # type: ignore[arg-type]
                HoldSettings(minutes=30),
                MusicSettings(switch=switch),  # type: ignore[arg-type]
                target,
            ),
            self.recent,
            random.Random(seed),
            override=override,
            chosen=chosen,
            journey=kept_journey.from_text(journey, began + at),
            stood=standing.from_text(stands),
            kept=kept_holder.from_text(control, Moment(at, began + at), boot),
        )
        self.music = music
        self.player = QueueModel()
        self.refuses = ""
        """Why the player refuses what it is asked, else empty."""
        self.answering = True
        self.waiting: deque[tuple[int, PlayerEffect]] = deque()
        """What the player was asked and has not answered, with how many acts of persons were known then."""
        self.begun: tuple[int, PlayerEffect] | None = None
        """What the player is doing, between `begin` and `finish`."""
        self.acts = self.acts_known = 0
        self.events: deque[Event] = deque()
        self.effects: list[Effect] = []
        """Every effect since the last `clear`."""
        self.watch: Callable[[Event, list[Effect]], None] = lambda _event, _effects: None
        """Sees each event and what the director answers."""
        self.saved: dict[str, str] = {}
        self.at = at
        self.minute = 12 * 60
        self.sensed: Affect | None = None
        """Where the room is, as a tick tells it."""

    # --- what tests read ----------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """What the director knows."""
        return self.director.state

    @property
    def control(self) -> Control:
        """Whose the music is."""
        return self.state.holder.control

    @property
    def decisions(self) -> list[Decision]:
        """The decisions since the last `clear`."""
        return [effect.decision for effect in self.effects if isinstance(effect, Record)]

    @property
    def decided(self) -> list[tuple[Verb, Rule]]:
        """The same, in short."""
        return [(decision.verb, decision.reason.rule) for decision in self.decisions]

    @property
    def declined(self) -> list[Rule]:
        """Why commands were not carried out."""
        return [one.decision.reason.rule for one in self.effects if isinstance(one, Record) and one.declined]

    @property
    def uris(self) -> list[str]:
        """The queue."""
        return [entry.uri for entry in self.player.queue]

    @property
    def asked(self) -> list[type]:
        """What the player was asked since the last `clear`."""
        plain = (Record, SaveSetting, RequestMore, RequestProgramme)
        return [type(effect) for effect in self.effects if not isinstance(effect, plain)]

    @property
    def plays_to(self) -> Emotion | None:
        """The mood whose music sounds; None for silence and for music that is not ours."""
        song = self.player.song
        programme = self.recent.find(song.programme) if song is not None else None
        return programme.mood if programme is not None and self.player.playing is PlayState.PLAY else None

    @property
    def pending(self) -> Emotion | None:
        """The mood of the switch that is shown as pending."""
        return self.state.pending.programme.mood if self.state.pending is not None else None

    def clear(self) -> None:
        """Drop the effects so far."""
        self.effects = []

    # --- what happens -------------------------------------------------------------------------------------

    def tell(self, event: Event, seconds: float = 1.0) -> list[tuple[Verb, Rule]]:
        """Let an event happen some seconds later, and all that follows from it; return what is decided."""
        before = len(self.decided)
        self.wait(seconds)
        self.events.append(event)
        self.settle()
        return self.decided[before:]

    def wait(self, seconds: float) -> None:
        """Let time pass without a tick."""
        self.at += seconds
        if self.player.playing is PlayState.PLAY:
            self.player.elapsed += seconds

    def settle(self) -> None:
        """Let everything happen that follows from what happened."""
        while self.events or (self.answering and self.waiting):
            if self.events:
                self._take(self.events.popleft())
            else:
                self._answer()

    def _take(self, event: Event) -> None:
        if isinstance(event, PersonActed):
            self.acts_known += 1
        effects = self.director.handle(event, Moment(self.at, self.began + self.at))
        self.watch(event, effects)
        for effect in effects:
            self.effects.append(effect)
            match effect:
                case RequestProgramme() | RequestMore():
                    self.events.append(self.drawing.answer(effect))
                case SaveSetting(name, value):
                    self.saved[name] = value
                case Record():
                    pass
                case _:
                    self._put(effect)

    def _put(self, effect: PlayerEffect) -> None:
        outdated = (PlayProgramme, QueueProgramme, ExtendQueue)
        if isinstance(effect, PlayProgramme | QueueProgramme):
            for number, older in tuple(self.waiting):
                if isinstance(older, outdated):
                    self.waiting.remove((number, older))
                    self.events.append(Failed(older, "a later wish came first", superseded=True))
        self.waiting.append((self.acts_known, effect))

    def answer(self) -> None:
        """Let the player answer what it was asked first, and all that follows from that."""
        self._answer()
        self.settle()

    def _answer(self) -> None:
        self.begin()
        self.finish()

    def begin(self) -> None:
        """Let the player begin with what it was asked first, if that is not outdated."""
        acts, effect = self.waiting.popleft()
        if acts != self.acts or not self.director.wants(effect):
            self.events.append(Failed(effect, "a person came first", superseded=True))
        else:
            self.begun = acts, effect

    def finish(self) -> None:
        """Let the player be through with what it began, if anything: done, or refused."""
        if self.begun is None:
            return
        (_, effect), self.begun = self.begun, None
        if self.refuses:
            self.events.append(Failed(effect, self.refuses))
            return
        self.player.do(effect)
        self.tell_change()
        self.confirm(effect)
        if self.player.fault and self.player.playing is PlayState.PLAY:
            self.player.fail()
            self.tell_change()

    def confirm(self, effect: PlayerEffect) -> None:
        """Let the player say, with the next events, that it did something."""
        self.events.append(Confirmed(effect))

    def tell_change(self) -> None:
        """Let the player tell, with the next events, what it does now."""
        self.events.extend(self.player.ended)
        self.player.ended.clear()
        self.events.append(PlayerChanged(self.player.report))

    def connect(self) -> None:
        """Let the player be there, with its music."""
        self.change_music(self.music)
        self.tell(PlayerConnected(self.player.report))

    def change_music(self, music: Mapping[Emotion, MusicSource]) -> None:
        """Let the library be another."""
        self.music = music
        self.programmes.offer(music)
        self.tell(MusicChanged(music))

    def lose_player(self) -> None:
        """Let the link to the player break; what waits is never answered."""
        self.waiting.clear()
        self.begun = None
        self.tell(PlayerLost("MPD is gone"))

    def player_comes_back(self, *uris: str, playing: PlayState = PlayState.STOP) -> None:
        """Let the player be there again, after a restart of its own, with these songs in its queue.

        They are known by their URIs alone.
        """
        self.player.queue = [Entry(uri, self._programme_with(uri)) for uri in uris]
        self.player.place, self.player.elapsed, self.player.playing = 0, 0.0, playing
        self.tell(PlayerConnected(self.player.report))

    def _programme_with(self, uri: str) -> int | None:
        known = [programme.id for programme in self.recent if uri in programme.songs]
        return known[-1] if known else None

    def restarted(self, **settings: object) -> Room:
        """Return the room after a restart of the speaker, not connected yet: the player went on as it was."""
        kept: dict[str, object] = {
            "saved": self.saved.get("programmes", ""),
            "journey": self.saved.get("journey", ""),
            "control": self.saved.get("control", ""),
            "stands": self.saved.get("stands", ""),
            "at": self.at,
            "boot": self.boot,
            "began": self.began,
        }
        room = Room(music=self.music, seed=self.seed + 1, **(kept | settings))  # type: ignore[arg-type]
        room.player, room.saved = self.player, self.saved
        queue = room.player.queue
        room.player.queue = [Entry(entry.uri, room._programme_with(entry.uri)) for entry in queue]
        return room

    def restart(self, **settings: object) -> Room:
        """Return the room after a restart of the speaker, connected."""
        room = self.restarted(**settings)
        room.connect()
        return room

    def mood(self, mood: Mood, cause: str = "face") -> list[tuple[Verb, Rule]]:
        """Let the room be in a mood; return what is decided."""
        return self.tell(MoodChange(self.state.mood, mood, cause, 0.9, Affect(0, 0), self.at))

    def plays(self, mood: Emotion) -> None:
        """Connect, let somebody come in, and let the music of that mood play."""
        self.connect()
        self.mood(mood)
        assert self.plays_to is mood
        self.clear()

    def song_ends(self) -> None:
        """Let the song come to its end."""
        self.end_song()
        self.settle()

    def end_song(self) -> None:
        """Let the song come to its end; the director does not know of it yet."""
        self.wait(self.player.seconds_left)
        self.player.over(EndReason.FINISHED)
        self.player.go(1)
        self.tell_change()

    def ticks(self, seconds: float, step: float = 1.0) -> list[tuple[Verb, Rule]]:
        """Let time pass, tick by tick; return what is decided."""
        before = len(self.decided)
        for _ in range(round(seconds / step)):
            self.tell(Tick(self.minute, self.sensed), step)
        return self.decided[before:]

    def tick_after(self, minutes: float) -> list[tuple[Verb, Rule]]:
        """Let so much time pass, and one tick; return what is decided."""
        return self.tell(Tick(self.minute, self.sensed), 60 * minutes)

    def person(self, act: Act, *uris: str) -> list[tuple[Verb, Rule]]:
        """Let a person use their own player; return what is decided."""
        before = len(self.decided)
        self.act(act, *uris)
        self.settle()
        return self.decided[before:]

    def act(self, act: Act, *uris: str) -> None:
        """Let a person use their own player; the director does not know of it yet."""
        self.wait(1)
        self.player.act(act, uris)
        self.events.extend(self.player.ended)
        self.player.ended.clear()
        self.acts += 1
        self.events.append(PersonActed(act, self.player.report))
