"""Everything there is to show, as one value.  Every surface reads this and nothing else."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from moodspeaker import __version__
from moodspeaker.domain.library import IndexSummary
from moodspeaker.domain.moment import rfc3339
from moodspeaker.domain.observation import CameraState, CameraStatus, ModelVersions
from moodspeaker.domain.player import PlayState
from moodspeaker.domain.wording import NO_SONGS
from moodspeaker.mood.affect import affect_of
from moodspeaker.speaker.calibrating import CalibrationView  # noqa: TC001 - read at run time
from moodspeaker.speaker.leading import JourneyView, TargetView, journey_view, target_view
from moodspeaker.speaker.views import (
    BrokerView,
    CameraView,
    ConfigView,
    DecisionView,
    EvidenceView,
    FaultView,
    HoldView,
    HouseholdView,
    IndexView,
    MachineView,
    ModelsView,
    PendingView,
    PlayerView,
    SelectionView,
    SongView,
    VisionView,
)
from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from moodspeaker.config.in_force import InForce
    from moodspeaker.director.state import State
    from moodspeaker.domain.decision import Decision
    from moodspeaker.domain.machine import MachineHealth
    from moodspeaker.domain.moment import Moment, WallClock
    from moodspeaker.mood.room import Room
    from moodspeaker.mood.sources import Given
    from moodspeaker.ports import Broker, Machine, Store
    from moodspeaker.speaker.calibrating import Calibrating
    from moodspeaker.speaker.drawing import Drawing
    from moodspeaker.speaker.listener import Listener
    from moodspeaker.speaker.sharing import Sharing


NO_CAMERA_YET: Final = CameraStatus(CameraState.OFF, open=False, reason="")
NO_MODELS_YET: Final = ModelVersions()
NO_INDEX_YET: Final = IndexSummary()
INDEX_EMPTY: Final = "empty, run: moodspeaker index scan"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything there is to show.  Moments are RFC 3339, never ages."""

    mood: str
    """One of the seven emotions, or a room state."""
    since: str
    confidence: float
    """Posterior of the mood, 0 to 1."""
    probabilities: dict[str, float]
    """Posterior of each of the seven moods."""
    faces: int
    valence: float
    """-1 to 1."""
    arousal: float
    """-1 to 1."""
    sensing: bool
    evidence: tuple[EvidenceView, ...]
    """What other sources than cameras say, by their names."""
    override: str | None
    target: TargetView
    journey: JourneyView | None
    profile: str
    """Who listens: `household`, `guest` or a name."""
    profiles: tuple[str, ...]
    """The profiles that are known."""
    household: HouseholdView | None
    """None where nothing is shared with other speakers."""
    camera: CameraView
    calibration: CalibrationView
    player: PlayerView
    broker: BrokerView
    selection: SelectionView
    pending: PendingView | None
    hold: HoldView
    decision: DecisionView | None
    vision: VisionView
    machine: MachineView
    models: ModelsView
    index: IndexView
    store: FaultView
    web: FaultView
    config: ConfigView
    started: str
    """When the speaker was started."""
    version: str = __version__

    def as_json(self) -> dict[str, object]:
        """Return the snapshot as JSON values, as `dataclasses.asdict` does."""
        return {name: _plain(getattr(self, name)) for name in _names(Snapshot)}


class Shown:
    """Snapshots as JSON values, one after the other: what is as it was is not made again."""

    def __init__(self) -> None:
        self._last: Snapshot | None = None
        self._shown: dict[str, object] = {}

    def as_json(self, snapshot: Snapshot) -> dict[str, object]:
        """Return the next one, as `Snapshot.as_json` does; nobody may change it."""
        last, before = self._last, self._shown
        if last is None:
            self._shown = snapshot.as_json()
        elif snapshot != last:
            self._shown = {
                name: before[name] if value == getattr(last, name) else _plain(value)
                for name in _names(Snapshot)
                for value in [getattr(snapshot, name)]
            }
        self._last = snapshot
        return self._shown


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a view, and what it is made of, as JSON values: made at each look, so it copies no text."""
    kind = type(value)
    if names := _names(kind):  # type: ignore[arg-type]  # a type is hashable
        return {name: _plain(getattr(value, name)) for name in names}
    if kind is dict:
        return {key: _plain(one) for key, one in value.items()}
    if kind in {tuple, list}:
        return kind(map(_plain, value))
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Return the names of a view's fields; none of what is no view."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


@dataclass(slots=True)
class Surroundings:
    """What the speaker knows beside the mood and the music."""

    started: Moment
    """When the speaker was started."""
    camera: CameraStatus = NO_CAMERA_YET
    models: ModelVersions = NO_MODELS_YET
    last_frame_at: float | None = None
    """Monotonic seconds of the last frame, also of a vision process that is gone."""
    sensing: bool = True
    browser_sends: bool = False
    """Whether a browser sends its camera's pictures."""
    player_wanted: bool = True
    """Whether there is a music server at all."""
    index: IndexSummary = NO_INDEX_YET
    decision: DecisionView | None = None
    """The last one."""
    decided: int = 0
    """Decisions since the start."""
    page_fault: Callable[[], str] = str
    """Tells why there is no page although one is wanted, or what is wrong with it, else nothing."""

    def decide(self, decision: Decision, clock: WallClock) -> None:
        """Show a decision as the last one."""
        self.decision = DecisionView.of(decision, clock)
        self.decided += 1


def take_snapshot(
    around: Surroundings,
    room: Room,
    state: State,
    parts: tuple[Broker, Store, Machine, InForce, Listener, Drawing, Calibrating, Sharing],
    clock: WallClock,
) -> Snapshot:
    """Return everything there is to show now."""
    broker, store, machine, settings, listener, drawing, calibrating, sharing = parts
    tracker = room.tracker
    affect = affect_of(tracker.expression)
    return Snapshot(
        mood=str(state.mood),
        since=clock.text(state.since),
        confidence=round(tracker.confidence, 2),
        probabilities=tracker.posterior.by_name(2),
        faces=room.faces,
        valence=round(affect.valence, 2),
        arousal=round(affect.arousal, 2),
        sensing=around.sensing,
        evidence=tuple(_evidence(given, clock) for given in room.given),
        override=str(state.override) if state.override else None,
        target=target_view(state),
        journey=journey_view(state),
        profile=listener.profile,
        profiles=listener.profiles,
        household=sharing.view,
        camera=_camera(around),
        calibration=calibrating.view(clock),
        player=_player(around, state, drawing, clock),
        broker=BrokerView(str(broker.state), broker.reason),
        selection=_selection(state),
        pending=_pending(state, clock),
        hold=_hold(state, clock, settings.config.hold.minutes),
        decision=around.decision,
        vision=_vision(around, clock),
        machine=_machine(machine.read()),
        models=ModelsView(around.models.face, around.models.emotion, around.models.refused),
        index=_index(around),
        store=FaultView(store.fault),
        web=FaultView(around.page_fault()),
        config=ConfigView.of(settings),
        started=clock.text(around.started),
    )


def _text(clock: WallClock, at: Moment | None) -> str | None:
    return None if at is None else clock.text(at)


def _camera(around: Surroundings) -> CameraView:
    camera = around.camera
    state = camera.state if around.sensing or camera.open else CameraState.OFF
    reason = camera.reason if around.sensing else ""
    hints = tuple(map(str, camera.hints)) if camera.open else ()
    browser = None
    if camera.takes_pictures:
        browser = "sends" if around.browser_sends else "waits"
    preview = ("on" if camera.previewing else "off") if camera.may_preview else None
    return CameraView(
        str(state), camera.open, camera.frames_written, camera.source, reason, camera.locked, hints, browser,
        preview,
    )  # fmt: skip


def _vision(around: Surroundings, clock: WallClock) -> VisionView:
    camera, at = around.camera, around.last_frame_at
    last = None if at is None else clock.text(clock.moment(at))
    return VisionView(camera.inference_ms, round(camera.duty, 2), last)


def _evidence(given: Given, clock: WallClock) -> EvidenceView:
    said = given.evidence
    return EvidenceView(
        said.source,
        said.valence,
        said.arousal,
        str(said.emotion) if said.emotion else None,
        said.weight,
        clock.text(clock.moment(given.ends_at)),
    )


@lru_cache(maxsize=1)  # the machine is read every half a minute
def _machine(health: MachineHealth) -> MachineView:
    now, ever = health.throttled, health.throttled_ever
    return MachineView(
        health.memory,
        health.temperature,
        None if now is None else now.words,
        None if ever is None else ever.words,
    )


def _index(around: Surroundings) -> IndexView:
    index = around.index
    scanned_at = None if index.scanned_at is None else rfc3339(index.scanned_at)
    reason, left_out = index.files, index.left_out
    if not index.songs and not left_out:
        reason = INDEX_EMPTY if scanned_at is None else NO_SONGS
    if not around.player_wanted:
        reason = left_out = ""
    return IndexView(index.songs, index.placed, index.heard, scanned_at, reason, left_out)


def _player(around: Surroundings, state: State, drawing: Drawing, clock: WallClock) -> PlayerView:
    report, song, programme = state.report, state.report.song, state.playing_programme
    reason = state.lost or ("" if state.playing else report.error)
    elapsed, elapsed_at = _position(state, clock)
    return PlayerView(
        str(report.state if around.player_wanted else PlayState.OFF),
        song.uri if song else None,
        song.title if song else None,
        song.artist if song else None,
        dict(drawing.reasons(programme, song.uri)) if song and programme else {},
        reason if around.player_wanted else "mpd.host is empty",
        None if state.lost else report.volume,
        "" if state.lost else report.limits,
        song.seconds if song else None,
        elapsed,
        elapsed_at,
        report.ahead,
        tuple(SongView(one.uri, one.name, one.artist, one.seconds) for one in report.following),
        bool(report.stream) and not state.lost,
    )


def _position(state: State, clock: WallClock) -> tuple[float | None, str | None]:
    """Return the seconds played and the moment, a whole second, at which they were."""
    report = state.report
    if report.song is None or report.at is None:
        return None, None
    at = clock.wall(clock.moment(report.at))
    grown = math.floor(at) - at if report.state is PlayState.PLAY else 0.0
    return round(report.elapsed + grown, 1), rfc3339(at)


def _selection(state: State) -> SelectionView:
    programme = state.programme
    if programme is None:
        return SelectionView()
    return SelectionView(str(programme.mood), programme.name, programme.kind)


def _hold(state: State, clock: WallClock, usual: float) -> HoldView:
    holder = state.holder
    return HoldView(not holder.ours, _text(clock, holder.until), str(holder.control), holder.minutes, usual)


def _pending(state: State, clock: WallClock) -> PendingView | None:
    pending = state.pending
    if pending is None:
        return None
    return PendingView(str(pending.programme.mood), pending.song, _text(clock, pending.at))
