"""The parts of the snapshot: values fit for JSON, each of one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.wording import sentence
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moodspeaker.config.in_force import InForce
    from moodspeaker.domain.decision import Decision
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.moment import WallClock
    from moodspeaker.domain.mood import Mood
    from moodspeaker.domain.observation import Face
    from moodspeaker.domain.song import MusicSource
    from moodspeaker.ports import Store


@dataclass(frozen=True, slots=True)
class CameraView:
    """The camera."""

    state: str
    """`ok`, `dark`, `covered`, `lost` or `off`."""
    open: bool
    frames_written: int
    source: str
    reason: str
    """Cause and cure where it does not see, else empty."""
    locked: bool | None
    """Whether the privacy lock keeps it closed; None where there is no lock."""
    hints: tuple[str, ...]
    """What is wrong with its picture: `dim`, `blurred`, `turned_90`, `turned_180`, `turned_270`, `far`."""
    browser: str | None
    """Where pictures are taken from a browser: it `waits` for one, or one `sends` some; else None."""
    preview: str | None
    """Where its picture may be shown to aim it: `on` while it is, else `off`; None where it may not."""


@dataclass(frozen=True, slots=True)
class FaceView:
    """A face in a picture that a browser sent."""

    box: tuple[float, ...]
    """Left, top, width, height, in pixels of the picture."""
    score: float
    """The detector's, 0 to 1."""
    probabilities: dict[str, float]
    """Of its expression, by the emotion."""

    @classmethod
    def of(cls, face: Face) -> Self:
        """Return a face as it is shown."""
        box = face.box
        corners = (round(box.x, 1), round(box.y, 1), round(box.width, 1), round(box.height, 1))
        return cls(corners, round(face.score, 3), face.probabilities.by_name(3))


@dataclass(frozen=True, slots=True)
class SeenView:
    """What was seen in a picture that a browser sent, and the mood after it."""

    faces: tuple[FaceView, ...]
    """Largest first."""
    mood: str
    """Of the room: one of the seven emotions, or a room state."""
    confidence: float
    """Posterior of the mood, 0 to 1."""
    probabilities: dict[str, float]
    """Posterior of each of the seven moods."""
    valence: float
    """-1 to 1."""
    arousal: float
    """-1 to 1."""


@dataclass(frozen=True, slots=True)
class SongView:
    """A song that follows in the queue."""

    uri: str
    title: str
    artist: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class PlayerView:
    """The music server and the song that plays."""

    state: str
    """`play`, `pause`, `stop`, `down` or `off`."""
    uri: str | None
    title: str | None
    artist: str | None
    reasons: dict[str, str]
    """Why it was chosen, in words, by what they are about; empty where the index did not choose it."""
    reason: str
    """Cause and cure where it is down or cannot play, else empty."""
    volume: int | None
    """Percent; None where there is none."""
    limits: str
    """What a server that is not MPD itself cannot do, else empty."""
    seconds: float | None
    """Length of the song; None for a stream, or with no song."""
    elapsed: float | None
    """Seconds of it that were played at `elapsed_at`; while it plays they grow on with the time."""
    elapsed_at: str | None
    ahead: int
    """Songs that follow in the queue."""
    following: tuple[SongView, ...]
    """The first of them."""
    listen: bool
    """Whether what plays can be heard over `GET /api/listen`, too."""


@dataclass(frozen=True, slots=True)
class BrokerView:
    """The link to the MQTT broker."""

    state: str
    """`ok`, `down`, `refused` or `off`."""
    reason: str


@dataclass(frozen=True, slots=True)
class SelectionView:
    """The programme that plays."""

    mood: str | None = None
    name: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class PendingView:
    """A switch that waits for the song's end."""

    mood: str
    song: str
    """The song that ends first."""
    at: str | None
    """When it is expected."""


@dataclass(frozen=True, slots=True)
class DecisionView:
    """The last decision."""

    at: str
    verb: str
    mood: str
    rule: str
    """A sentence."""

    @classmethod
    def of(cls, decision: Decision, clock: WallClock) -> Self:
        """Return a decision as it is shown."""
        at, words = clock.text(decision.at), sentence(decision.reason)
        return cls(at, str(decision.verb), str(decision.mood), words)

    @classmethod
    def kept(cls, store: Store) -> Self | None:
        """Return the last decision that a store kept, as it is shown."""
        for row in store.decisions(1):
            return cls(*(str(row[name]) for name in ("at", "verb", "mood", "rule")))
        return None


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """What a source that is no camera says of the room."""

    source: str
    valence: float | None
    arousal: float | None
    emotion: str | None
    weight: float
    """As it was given; it fades until the end."""
    until: str


@dataclass(frozen=True, slots=True)
class VisionView:
    """What looking costs, and its last picture: each look changes it."""

    inference_ms: float | None
    """Milliseconds that one look takes, smoothed."""
    duty: float
    """Share of the time spent looking, 0 to 1."""
    last_frame: str | None
    """When the camera gave its last picture."""


@dataclass(frozen=True, slots=True)
class MachineView:
    """The machine under the speaker; None where it does not tell."""

    memory: float
    """Megabytes that the speaker process has in memory."""
    temperature: float | None
    """Of the processor, in degrees Celsius."""
    throttled: tuple[str, ...] | None
    """What slows it down now: `under voltage`, `throttled`, …"""
    throttled_ever: tuple[str, ...] | None
    """What has slowed it down since its start."""


@dataclass(frozen=True, slots=True)
class HoldView:
    """Whose the music is."""

    active: bool
    until: str | None
    control: str
    """`ours`, `held` or `stopped_by_user`."""
    minutes: float | None
    """How long a hold lasts in all; None where there is none, or it has no end."""
    usual: float
    """Minutes of one for which nobody names another time."""


@dataclass(frozen=True, slots=True)
class ModelsView:
    """Versions of the models, or why they are refused."""

    face: str
    emotion: str
    refused: str


@dataclass(frozen=True, slots=True)
class FaultView:
    """A part that has nothing to show but its fault."""

    fault: str
    """Cause and cure, else empty."""


@dataclass(frozen=True, slots=True)
class IndexView:
    """The index of songs and their moods."""

    songs: int
    placed: int
    """Songs whose mood is known."""
    heard: int
    """Songs whose sound was analysed."""
    scanned_at: str | None
    """When the music server's songs were listed last."""
    reason: str
    """Why it is empty, or knows tags alone, with the cure; else empty."""
    left_out: str
    """How many songs are left out as their file names are not UTF-8, one of them, the cure; else empty."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """Another speaker of the household."""

    speaker: str
    """Its `mqtt.id`."""
    heard: str
    """When something new was last learned from it."""


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """The household that this speaker learns with."""

    name: str
    speakers: tuple[MemberView, ...]
    """The others that something was learned from."""
    reason: str
    """Why nothing can be shared, with the cure, else empty."""


@dataclass(frozen=True, slots=True)
class ConfigView:
    """The configuration in force."""

    reload_refused: tuple[str, ...]
    """Why the last reload was refused: one line a reason."""
    restart_for: tuple[str, ...]
    """Sections that were changed and take effect with a restart."""
    left_out: tuple[str, ...]
    """Why something that was changed on the page does not fit any more, with the cure: one line a reason."""
    revision: int
    """How often the settings were read again since the start: another one is news of `/api/settings`."""
    dwell: float
    """Seconds between two changes that faces cause, at least (`mood.dwell`)."""
    margin: float
    """How sure it must be of a new mood, 0.5 to 1 (`mood.margin`)."""
    hold_minutes: float
    """How long a hold lasts that names no minutes (`hold.minutes`)."""

    @classmethod
    def of(cls, settings: InForce) -> Self:
        """Return the configuration as it is shown."""
        config, left_out = settings.config, tuple(settings.layers.left_out.values())
        return cls(
            settings.reload_refused, settings.restart_for, left_out, settings.revision, config.mood.dwell,
            config.mood.margin, config.hold.minutes,
        )  # fmt: skip


def mood_rows(music: Mapping[Emotion, MusicSource], now: Mood) -> list[dict[str, object]]:
    """Return the seven moods as JSON values: the music of each, None where it has none, and which is now."""
    rows: list[dict[str, object]] = []
    for emotion in EMOTIONS:
        source = music.get(emotion)
        told = source and {"name": source.name, "rule": source.kind, "songs": len(source.songs)}
        rows.append({"mood": str(emotion), "music": told, "current": emotion is now})
    return rows
