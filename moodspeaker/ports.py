"""What we ask of the world.

Each port has a real adapter and, in the tests, a fake proven by the same contract suite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from moodspeaker.domain.broker import BrokerState
    from moodspeaker.domain.decision import Decision
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.household import Member
    from moodspeaker.domain.library import IndexSummary
    from moodspeaker.domain.listener import Verdict
    from moodspeaker.domain.look_record import LookRecord
    from moodspeaker.domain.look_rows import LookRow
    from moodspeaker.domain.machine import MachineHealth
    from moodspeaker.domain.observation import Frame, VisionLost
    from moodspeaker.domain.play import Play
    from moodspeaker.domain.player import Output, PlayerEvent
    from moodspeaker.domain.song import Programme
    from moodspeaker.music.choice import Suggestion, Wanted
    from moodspeaker.music.household_message import Told
    from moodspeaker.wire import FromVision


class Camera(Protocol):
    """A source of frames.  It is built closed; every call may raise CameraError, and then it is closed."""

    @property
    def source(self) -> str:
        """Which source this is, in the words of `camera.source`."""

    def open(self) -> None:
        """Open the device; a second call does nothing."""

    def read(self) -> Frame:
        """Block until the next frame, a few seconds at most; it is upright (`camera.rotation` is applied)."""

    def close(self) -> None:
        """Close the device; a second call does nothing."""


class Player(Protocol):
    """A music server.

    Every method but `run` raises PlayerError when the link is down or the server refuses, Superseded when a
    person used the server between the decision and the command.  When a method returns, the server has done
    it; what came of it was posted before: TrackEnded where it ended a song, then PlayerChanged, or
    PersonActed where a person acted in its midst.  Songs that the server does not know are left out; where
    it knows none the queue stays as it is, and PlayerError says so.
    """

    async def run(self, post: Callable[[PlayerEvent], None]) -> None:
        """Connect, tell what happens, and connect again after a loss, until cancelled.

        On each contact MusicChanged comes first, then PlayerConnected, whose report tells whether the queue
        is ours; a loss is told once.
        """

    async def play(self, programme: Programme, first: int = 0) -> None:
        """Replace the queue by a programme's songs and play the `first`: it sounds before the rest is added.

        Songs that cannot be played are passed over and left out.  Raises PlayerError with the server's own
        reason and the cure when nothing sounds: then what played before goes on.
        """

    async def queue_next(self, programme: Programme, *, fade: bool = False) -> None:
        """Keep the current song, and its pause, and let a programme's songs follow instead of the others.

        When the music is stopped they replace the queue, and it stays silent.  `fade`: let the current song
        end now, so that the server's own crossfade leads over; where it has none, it plays to its end.
        """

    async def extend(self, programme: Programme) -> None:
        """Append a programme's songs; our songs that were played long ago leave the queue."""

    async def unpause(self) -> None:
        """Play on: from the pause, or the queue from its current song.

        Raises PlayerError with the server's own reason when nothing sounds; an empty queue is no error.
        """

    async def pause(self) -> None:
        """Pause; what is stopped stays stopped."""

    async def next(self) -> None:
        """Go to the next song of the queue."""

    async def previous(self) -> None:
        """Go to the song before in the queue."""

    async def set_volume(self, percent: int) -> None:
        """Set the volume, 0 to 100."""

    async def knows(self, uri: str) -> bool:
        """Tell whether the server has a song in its library; a stream's address is of none."""

    async def chime(self) -> Sequence[Output]:
        """Play a short chime, then let the queue go on as it was; return where the sound goes.

        Nothing is ended or skipped by it.  Raises PlayerError with the server's reason where it is not heard.
        """


class Vision(Protocol):
    """The vision process at the other end of its socket."""

    async def run(self, post: Callable[[FromVision | VisionLost], None]) -> None:
        """Connect, tell what it says, and connect again after a loss, until cancelled."""

    def sense(self, *, on: bool) -> None:
        """Let the camera be open or closed: kept, and said again after every loss."""

    def calibrate(self, seconds: float) -> None:
        """Let vision look as often as it can for some seconds."""

    def reload(self) -> None:
        """Let vision read its configuration again."""

    def look_at(self, number: int, jpeg: bytes) -> None:
        """Let vision look at a picture; the answer is a look with its number, a refusal, or none."""

    def preview(self, take: Callable[[bytes], object] | None) -> None:
        """Let vision show what its camera sees, JPEG by JPEG, to `take` until it ends; None: no more."""


class Doctor(Protocol):
    """Knows what a part of the speaker needs."""

    async def examine(self, part: str) -> Sequence[Mapping[str, str]]:
        """Return what it finds: {"name", "verdict", "message"}, cause and cure; raise DoctorError."""


class Machine(Protocol):
    """The computer that all this runs on."""

    def read(self) -> MachineHealth:
        """Return how it was in the last half minute; what it does not tell is None.  Never raises."""


class Broker(Protocol):
    """The MQTT broker.  Nothing here blocks or raises for a broker that is down.

    Whoever makes one gives it the function that takes commands, already parsed, and the last will.
    """

    def start(self) -> None:
        """Connect in the background, for ever."""

    def publish(self, topic: str, payload: str, *, retain: bool) -> None:
        """Publish on a full topic.

        What is retained is a state: not sent again while it is the same, but sent on every connect and where
        somebody else overwrote it.  What is not retained is an event, lost while the link is down.
        """

    def clear(self, topic: str, done: Callable[[], None]) -> None:
        """Remove what the broker keeps on a full topic, once the link stands; then call `done`."""

    def leave(self, topic: str) -> None:
        """Publish nothing more on a full topic by ourselves; what the broker keeps there stays."""

    def follow(self, below: str, take: Callable[[str, bytes, bool], None]) -> None:
        """Listen, from the next link on, to everything below a topic: what is kept there first, ours too.

        `take` is called with the full topic, the payload, and whether the broker had kept it.
        """

    @property
    def state(self) -> BrokerState:
        """The link as it is now; `refused` also where the broker does not take all that is published."""

    @property
    def reason(self) -> str:
        """Cause and cure of what is wrong, else empty."""

    def stop(self) -> None:
        """Publish the last will's payload, wait for it a moment, disconnect.  On any thread."""


class Store(Protocol):
    """What is kept on the disk: settings by name, and the records of decisions and looks.

    Reading what was never written gives the default.
    """

    def get(self, name: str, default: str) -> str:
        """Return the value kept under a name."""

    def set(self, name: str, value: str) -> None:
        """Keep a value, durably (`Disk`).  After a StoreError the old one stands."""

    def record(self, decision: Decision) -> None:
        """Keep a decision; written in batches.  Never raises."""

    def decisions(self, count: int) -> Sequence[Mapping[str, object]]:
        """Return the last decisions, newest first, as JSON values (`moodspeaker why --json`)."""

    def record_look(self, look: LookRecord) -> None:
        """Keep a look's seven numbers a face; written in batches.  Never raises."""

    def looks(self) -> Iterator[LookRecord]:
        """Yield the looks of the last hours, oldest first; looks that saw nobody are thinned."""

    def look_rows(self) -> Sequence[LookRow]:
        """Return the same as bytes, at a fraction of the work; the first row may be too old in part."""

    def flush(self) -> None:
        """Write what waits and erase what is too old."""

    def forget(self) -> None:
        """Erase all records at once.  Raises StoreError."""

    @property
    def fault(self) -> str:
        """Why nothing can be written, else empty."""

    @property
    def data_lost(self) -> bool:
        """Whether what had been kept was damaged beyond rescue at this start."""

    def close(self) -> None:
        """Flush and close."""


class Disk(Protocol):
    """Where all that is kept has to come."""

    def settle(self, done: asyncio.Future[None] | None = None) -> None:
        """Let all that was written until now come onto the disk, beside everything else.

        Then `done` has its result, or StoreError.
        """


class History(Protocol):
    """What was heard and how it ended.  Nothing here raises: a disk that refuses never stops the music."""

    def add(self, play: Play) -> None:
        """Keep a play; written in batches."""

    def plays(self, count: int) -> Sequence[Play]:
        """Return the last plays, newest first."""

    def flush(self) -> None:
        """Write what waits."""

    def close(self) -> None:
        """Flush and close."""


class Verdicts(Protocol):
    """What listeners say of songs."""

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict, durably (`Disk`).  Raises StoreError, and then it is not kept."""

    def verdicts(self, count: int) -> Sequence[Verdict]:
        """Return the last verdicts, newest first."""


class Household(Protocol):
    """What this speaker and others of its household know of songs.  Nothing but `forget` raises.

    A part is a number below `music.household.PARTS`.
    """

    @property
    def replica(self) -> str:
        """The name under which this speaker counts; empty until it has begun to."""

    def count(self) -> Collection[int] | None:
        """Count some of what was said and heard here since the last time.

        Returns the parts that changed, None where there was nothing to count, or it could not be kept.
        """

    def told(self, part: int, carried: Collection[str]) -> Told | None:
        """Return what is to be told of a part, with these others' replicas; None where there is nothing."""

    def take(self, told: Told, part: int) -> bool:
        """Join what another speaker says of a part; tell whether there was anything new."""

    def members(self) -> Sequence[Member]:
        """Return the others."""

    def withdraw(self, replica: str) -> None:
        """Note that the owner of a replica took back what it had published."""

    def published(self) -> Sequence[tuple[str, str]]:
        """Return what of ours the broker may keep and should not: (household, replica)."""

    def note_published(self, replica: str, *, published: bool) -> None:
        """Note that the broker may keep something of a replica of ours, before it does, or does no more."""

    def correct(self, uri: str, mood: Emotion | None) -> int | None:
        """Keep the mood that a person gave to a song here; return its part, None where it was not kept."""

    def name_songs(self) -> bool:
        """Find out by which names some songs of the index are known; tell whether there were any."""

    def corrections(self) -> Sequence[tuple[str, Emotion | None]]:
        """Return the songs of the index whose mood somebody changed in another room: URI and mood."""

    def note_corrected(self) -> None:
        """Note that what `corrections` returned is done."""

    def forget(self) -> None:
        """Erase what was learned from others, and begin anew under another name.  Raises StoreError."""


class Chooser(Protocol):
    """What chooses songs from the index.  Nothing here raises: an index that cannot be read has no songs."""

    def suggest(self, wanted: Wanted, count: int, seed: int) -> Sequence[Suggestion]:
        """Return at most `count` songs, the best first; the same seed and index give the same."""

    def reasons(self, uri: str, wanted: Wanted) -> Mapping[str, str]:
        """Return why a song fits, as `Suggestion.reasons` does; nothing of a song that is not known."""

    def knows_taste(self, songs: Collection[str]) -> bool:
        """Tell whether anything was heard to its end, skipped or said of any of these URIs."""


class ImportedSongs(Protocol):
    """The songs that the listener brought along from other programs' playlists."""

    def songs(self) -> Mapping[Emotion, tuple[str, ...]]:
        """Return the URIs for each mood that has any, as they are on the disk now.  Never raises."""


class MoodIndex(Protocol):
    """The index of the listener's songs, which another process writes.  Only `correct` raises."""

    def changed(self) -> bool:
        """Tell whether the index was changed since the last call, or was never looked at."""

    def nearest(self, mood: Emotion) -> Sequence[str]:
        """Return the URIs of the songs that are nearest to a mood, the nearest first."""

    def summary(self) -> IndexSummary:
        """Return how much is known of how many songs."""

    def knows(self, uri: str) -> bool:
        """Tell whether a song is in the index, or was corrected and waits for the scan that meets it."""

    def like(self, uri: str) -> str:
        """Return the URI of the index that is most like this one, empty where none is.  In any thread."""

    def correct(self, uri: str, mood: Emotion | None) -> None:
        """Give a song the mood that a person says; None lets the models decide again.

        It is kept durably (`Disk`).  Raises StoreError.  A song that is not in the index is offered when
        a scan has met it, and not before; then it has that mood.
        """
