"""A daemon that shows a fixed snapshot and keeps the commands it was given."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from moodspeaker.config.in_force import InForce
from moodspeaker.config.layers import Layers, load_layers
from moodspeaker.config.schema import Config, PathSettings, WebSettings
from moodspeaker.domain.look_rows import LookRow, packed
from moodspeaker.domain.moment import Moment
from moodspeaker.speaker.preview import Preview
from moodspeaker.speaker.setting_up import SettingUp
from moodspeaker.speaker.settings import Settings
from moodspeaker.speaker.snapshot import Surroundings
from moodspeaker.speaker.views import FaceView, SeenView
from moodspeaker.web.app import Api
from support.fake_doctor import FakeDoctor
from support.fake_player import FakePlayer
from support.fake_vision import FakeVision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from moodspeaker.domain.commands import Command
    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.look_record import LookRecord
    from moodspeaker.errors import PictureError

CAMERA: dict[str, object] = {
    "state": "ok",
    "open": True,
    "frames_written": 0,
    "source": "picamera2",
    "reason": "",
    "locked": None,
    "hints": [],
    "browser": None,
    "preview": None,
}
SNAPSHOT: dict[str, object] = {
    "mood": "happy",
    "since": "2026-03-01T10:41:00Z",
    "confidence": 0.83,
    "probabilities": {
        "angry": 0.02, "disgust": 0.01, "fear": 0.02, "happy": 0.83, "sad": 0.03, "surprise": 0.05,
        "neutral": 0.04,
    },
    "faces": 1,
    "valence": 0.62,
    "arousal": 0.31,
    "sensing": True,
    "evidence": [],
    "override": None,
    "target": {"aim": "match", "chosen": None, "mood": "happy", "reason": "match is set for happy"},
    "journey": None,
    "profile": "household",
    "profiles": ["household", "guest"],
    "household": None,
    "camera": CAMERA,
    "calibration": {"state": "none", "until": None, "reason": "", "lowered": []},
    "player": {
        "state": "play", "uri": "happy/one.wav",
        "title": "<img src=x onerror=\"document.title='broken in'\">", "artist": "A & B", "reason": "",
        "reasons": {"mood": "it is happy"},
        "limits": "", "seconds": 240.0, "elapsed": 60.0, "elapsed_at": "2026-03-01T10:41:00Z", "volume": 40,
        "ahead": 3, "following": [{"uri": "b", "title": "Blue", "artist": "C", "seconds": 200.0}],
        "listen": False,
    },
    "broker": {
        "state": "refused",
        "reason": "the MQTT broker at hub:1883 refuses the password of 'me': set mqtt.password_file",
    },
    "selection": {"mood": "happy", "name": "mood-happy", "rule": "stored playlist"},
    "pending": {"mood": "sad", "song": "One", "at": "2026-03-01T10:44:00Z"},
    "hold": {"active": False, "until": None, "control": "ours", "minutes": None, "usual": 30.0},
    "decision": None,
    "vision": {"inference_ms": 31.0, "duty": 0.1, "last_frame": "2026-03-01T10:41:00Z"},
    "machine": {"memory": 60.0, "temperature": 51.5, "throttled": [], "throttled_ever": ["under voltage"]},
    "index": {
        "songs": 40,
        "placed": 39,
        "heard": 38,
        "scanned_at": "2026-03-01T09:00:00Z",
        "reason": "",
        "left_out": "",
    },
    "models": {"face": "1.0.0", "emotion": "1.0.0", "refused": ""},
    "store": {"fault": ""},
    "web": {"fault": ""},
    "config": {
        "reload_refused": [], "restart_for": [], "left_out": [], "revision": 0, "dwell": 20.0,
        "margin": 0.92, "hold_minutes": 30.0,
    },
    "started": "2026-03-01T09:00:00Z",
    "version": "0.1.0",
}  # fmt: skip
DECISIONS: list[dict[str, object]] = [
    {
        "at": "2026-03-01T10:41:10Z", "verb": "pending", "mood": "sad", "rule": "switches at the song's end",
        "reason": {"rule": "waits for the song's end", "song": "One"},
        "evidence": {"confidence": 0.71, "song": "One"},
    },
    {
        "at": "2026-03-01T10:38:02Z", "verb": "kept", "mood": "angry", "rule": "no music for angry",
        "reason": {"rule": "no music"}, "evidence": {},
    },
    {
        "at": "2026-03-01T10:30:00Z", "verb": "switched", "mood": "happy", "rule": "mood changed",
        "reason": {"rule": "at once"}, "evidence": {"was": "sad"},
    },
]  # fmt: skip


NOWHERE = Path("/nonexistent")
"""A folder in which nothing can be written."""


def page_settings(root: Path, words: Sequence[str] = ()) -> Settings:
    """Return the settings of `root`/config.toml and `words`; what the page changes is in `root`/state."""

    def load() -> Layers:
        file = root / "config.toml"
        sets = [f"paths.state={root / 'state'}", "web.port=0", *words]
        return load_layers(file if file.exists() else None, sets, {"HOME": str(NOWHERE)})

    return Settings(InForce.at_start(load(), load), lambda _: None, lambda: None, lambda _: None)


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A snapshot that is known as JSON alone."""

    values: Mapping[str, object]

    def as_json(self) -> Mapping[str, object]:
        """Return it."""
        return self.values


class FakePictures:
    """`web.daemon.Pictures` of a browser: each picture shows one face, whatever is in it."""

    def __init__(self) -> None:
        self.refusal: PictureError | None = None
        """Raised where a browser wants to begin, and by each look."""
        self.end: Callable[[PictureError], object] | None = None
        self.given: list[bytes] = []
        self.camera = FakeVision()
        self.around = Surroundings(Moment(0.0, 0.0))
        self.preview = Preview(self.camera, self.around)

    def check(self) -> None:
        """Refuse, where the test wants it."""
        if self.refusal is not None:
            raise self.refusal

    @contextlib.contextmanager
    def sending(self, end: Callable[[PictureError], object]) -> Iterator[None]:
        """Let a browser send."""
        self.check()
        self.end = end
        yield
        self.end = None

    async def look(self, jpeg: bytes) -> SeenView:
        """Keep a picture and tell of one face."""
        self.check()
        self.given.append(jpeg)
        face = FaceView((10.0, 20.0, 30.0, 40.0), 0.9, {"happy": 1.0})
        return SeenView((face,), "happy", 0.8, {"happy": 0.8}, 0.6, 0.3)

    def stop(self, refused: PictureError) -> None:
        """Send the browser away."""
        if self.end is not None:
            self.end(refused)


class FakeDaemon:
    """`web.daemon.Daemon`; `refusal` is raised by the next command."""

    def __init__(self) -> None:
        self.given: list[Command] = []
        self.household_forgotten = False
        self.refusal: Exception | None = None
        self.shown: Mapping[str, object] = SNAPSHOT
        self.written: Mapping[str, object] = {"in_force": {}, "written": {}, "refused": [], "page": {}}
        self.watch: Callable[[Mapping[str, object], int], None] = lambda _shown, _decided: None
        self.is_watched: Callable[[], bool] = lambda: True
        self.decided: list[Mapping[str, object]] = list(DECISIONS)
        self.sad_music: Mapping[str, object] | None = None
        self.count = 0
        self.settings = page_settings(NOWHERE)
        self.seen: list[LookRecord] = []
        self.pictures = FakePictures()
        self.listened = ""
        self.doctor, self.vision, self.player = FakeDoctor(), FakeVision(), FakePlayer({})
        self.setup = SettingUp(self.vision, self.player, self.doctor)

    def change(self, **values: object) -> None:
        """Let these keys of the snapshot be other ones, and tell it."""
        self.shown = {**self.shown, **values}
        self.watch(self.shown, self.count)

    def decide(self, decision: Mapping[str, object]) -> None:
        """Let something be decided, and tell it."""
        self.decided.insert(0, decision)
        self.count += 1
        self.watch(self.shown, self.count)

    def snapshot(self) -> Shown:
        """Return the snapshot."""
        return Shown(self.shown)

    def moods(self) -> Sequence[Mapping[str, object]]:
        """Return two moods, one without music unless `sad_music` says otherwise."""
        happy = {"name": "mood-happy", "rule": "stored playlist", "songs": 12}
        return [
            {"mood": "happy", "music": happy, "current": True},
            {"mood": "sad", "music": self.sad_music, "current": False},
        ]

    def songs(self, mood: Emotion, count: int) -> Sequence[Mapping[str, object]]:
        """Return songs named after the mood."""
        reasons = {"taste": "you like it"}
        return [
            {"uri": f"{mood}{n}", "title": "", "artist": "", "score": 1.0, "reasons": reasons}
            for n in range(count)
        ]

    def stream(self) -> str:
        """Return where the music can be heard."""
        return self.listened

    @property
    def records(self) -> FakeDaemon:
        """Return itself: it keeps the records, too."""
        return self

    def decisions(self, count: int) -> Sequence[Mapping[str, object]]:
        """Return the newest decisions."""
        return self.decided[:count]

    def looks(self) -> Iterator[LookRecord]:
        """Return the looks."""
        return iter(self.seen)

    def look_rows(self) -> Sequence[LookRow]:
        """Return the looks, a row each."""
        return [LookRow(look.at.wall, packed(look, 0.0)) for look in self.seen]

    async def forget_household(self) -> None:
        """Erase what other speakers told, unless the disk refuses."""
        if self.refusal is not None:
            raise self.refusal
        self.household_forgotten = True

    async def forget(self) -> None:
        """Erase looks and decisions."""
        if self.refusal is not None:
            raise self.refusal
        self.seen.clear()
        self.decided.clear()

    def written_settings(self) -> Mapping[str, object]:
        """Return the settings in force and written."""
        return self.written

    async def command(self, command: Command) -> None:
        """Keep the command, or refuse it."""
        if self.refusal is not None:
            raise self.refusal
        self.given.append(command)


def settings(root: Path, **web: object) -> Config:
    """Return a config with its folders in `root` and these web settings."""
    return dataclasses.replace(
        Config(),
        paths=PathSettings(state=str(root / "state"), runtime=str(root)),
        web=dataclasses.replace(WebSettings(port=0), **web),  # type: ignore[arg-type]
    )


@contextlib.contextmanager
def running(root: Path, **web: object) -> Iterator[FakeDaemon]:
    """Serve a fake daemon on `root`'s socket, and with these web settings, from another thread."""
    daemon = FakeDaemon()
    up, down = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        api = Api(daemon, settings(root, **web))
        await api.start()
        up.set()
        await down.wait()
        await api.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert up.wait(5)
    try:
        yield daemon
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join()
        loop.close()
