"""The doctor's checks of what sees: the runtime, the models and the camera."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.cli.doctor.finding import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from moodspeaker.config.rights import Reader
    from moodspeaker.config.schema import Config

TOLD: Final = {
    "ok": "it is open and sees",
    "dark": "it is open; the room is dark",
    "covered": "it is open; something covers the lens",
    "off": "it is closed",
    "lost": "it gives no pictures",
    "waits": "no browser sends pictures: open the page on a device with a camera, and start it there",
}
"""What the running speaker says of the camera, in words."""

HINTS: Final = {
    "dim": "it is too dim for faces to be read well: more light from the front, none from behind",
    "blurred": "it is blurred: wipe the lens, take off its film, or turn the lens until edges are sharp",
    "turned_90": "faces lie on their side: set camera.rotation 90 further (0, 90, 180, 270)",
    "turned_180": "faces are upside down: set camera.rotation 180 further (0, 90, 180, 270)",
    "turned_270": "faces lie on their side: set camera.rotation 270 further (0, 90, 180, 270)",
    "far": "faces are too small to be read well: bring the camera nearer, or raise camera.width and height",
}
"""What the running speaker says of the camera's picture, with the cure."""
BROWSER_HINTS: Final = {
    "turned_90": "faces lie on their side: turn the device whose camera it is",
    "turned_180": "faces are upside down: turn the device whose camera it is",
    "turned_270": "faces lie on their side: turn the device whose camera it is",
    "far": "faces are too small to be read well: sit nearer to the device whose camera it is",
}
"""The same where the camera is a browser's, to which `camera.rotation`, `width` and `height` do not apply."""


def runtime() -> Check:
    """Tell which library runs the models."""
    from importlib.util import find_spec

    from moodspeaker.resources import how_to_install

    for name in ("ai_edge_litert", "tflite_runtime"):
        if find_spec(name) is not None:
            return Check("runtime", Verdict.OK, name)
    cure = f"{how_to_install('ai-edge-litert')} (32-bit ARM: tflite-runtime)"
    return Check("runtime", Verdict.FAULT, f"no runtime for the models: {cure}")


def models(config: Config) -> Iterator[Check]:
    """Yield whether each model is what its manifest says."""
    from moodspeaker.errors import ModelError
    from moodspeaker.resources import models_folder
    from moodspeaker.vision.interpreter import ExpressionNet, FaceDetector

    for task, net in (("face", FaceDetector), ("emotion", ExpressionNet)):
        try:
            manifest = net(models_folder(config.models.path) / task).manifest
        except ModelError as error:
            yield Check("models", Verdict.FAULT, str(error))
        else:
            yield Check("models", Verdict.OK, f"{task}: {manifest.name} {manifest.version} is sound")


def camera(config: Config, snapshot: Mapping[str, Any]) -> Check:
    """Tell whether the camera is there: by the speaker's word, else by looking for the device or file."""
    from moodspeaker.config.rights import CAMERA_USER, user_of

    told = snapshot.get("camera") or {}
    source = config.camera.source
    kind, _, path = source.partition(":")
    if kind == "none":
        return Check("camera", Verdict.OK, "none is wanted: moods come by command alone")
    lack = _lack(kind, path, user_of(config.runtime_folder, CAMERA_USER))
    if told.get("locked") and "cannot be read" not in str(told.get("reason")):
        return Check("camera", Verdict.OK, f"{source}: it is closed: the privacy lock is on")
    waits = told.get("browser") == "waits"
    if reason := "" if waits else str(told.get("reason") or ""):
        cure = f": {lack}" if lack and kind in {"file", "replay"} and lack not in reason else ""
        return Check("camera", Verdict.FAULT, reason + cure)
    if lack and not told.get("open"):
        return Check("camera", Verdict.FAULT, f"camera.source = {source!r}: {lack}")
    if snapshot and not snapshot.get("sensing"):
        return Check("camera", Verdict.OK, f"{source}: it is closed, because sensing is off")
    return Check(
        "camera",
        Verdict.OK,
        f"{source}: {TOLD.get('waits' if waits else str(told.get('state')), 'it is there')}",
    )


def picture(snapshot: Mapping[str, Any]) -> Iterator[Check]:
    """Yield what the running speaker finds wrong with the camera's picture."""
    camera = snapshot.get("camera") or {}
    words = HINTS | (BROWSER_HINTS if camera.get("browser") else {})
    for hint in camera.get("hints") or ():
        yield Check("picture", Verdict.WARN, words.get(str(hint), str(hint)))


def _lack(kind: str, path: str, user: Reader) -> str:
    """Return what a source lacks for a user, without opening it; nothing where it is there."""
    from importlib.util import find_spec

    from moodspeaker.vision.cameras import v4l2_devices

    if kind in {"file", "replay"}:
        parts = (path, os.path.join(path, "trace.jsonl"), os.path.join(path, "frames.npz"))
        return _unreadable(parts if kind == "replay" else (path,), user)
    if kind == "v4l2":
        return _closed_device(path, user)
    if kind == "browser":
        return ""  # its key is looked at by `config check`
    libcamera = find_spec("picamera2") is not None
    if kind == "picamera2":
        cure = "picamera2 is missing: apt install --no-install-recommends python3-picamera2"
        return "" if libcamera else cure
    if libcamera or v4l2_devices():
        return ""
    return 'no camera is found: plug one in, or set camera.source = "none"'


def _unreadable(paths: tuple[str, ...], user: Reader) -> str:
    from moodspeaker.config.rights import obstacle

    for path in paths:
        if refused := obstacle(path, user):
            return refused
    return "" if os.path.exists(paths[0]) else "there is no such file or folder: check the path"


def _closed_device(path: str, user: Reader) -> str:
    from moodspeaker.config.rights import READ, WRITE, permitted

    if not os.path.exists(path):
        return "there is no such device: plug the camera in, or choose another source"
    if permitted(path, user, READ | WRITE):
        return ""
    return f"{user.name} may not open it: sudo usermod -aG video {user.name}, then start it again"
