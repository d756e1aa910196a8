"""`moodspeaker bench`: what each stage costs on this machine, and what the two running processes take."""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.config.sources import ENVIRONMENT_PREFIX
from moodspeaker.errors import MoodspeakerError
from moodspeaker.resources import program
from moodspeaker.tied import tied

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from moodspeaker.config.schema import Config

SUMMARY = "measure each stage on this machine"
EPILOG = """\
Stages are medians of CPU milliseconds on one core, of a made-up 1280x960 frame; ratios are to the look at an
empty room.  While a near face is seen most looks take one window; one in three searches the room.
Then it starts the speaker on a made-up camera, without player or broker, and reads what both processes take.
"""
ROUNDS: Final = 60
SETTLED: Final = 5.0
"""Seconds after the start that are not counted."""
WATCHED: Final = 20.0
"""Seconds over which the running processes are watched."""
PATIENCE: Final = 60.0
FRAME: Final = (960, 1280)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from moodspeaker.config.load import load

    settings = load(arguments.config, arguments.set)
    print("measuring the stages ...", file=sys.stderr)
    result: dict[str, Any] = {"stages_ms": _stages(settings)}
    print(f"watching the running speaker for {WATCHED:g} s ...", file=sys.stderr)
    result |= _processes(settings)
    if arguments.json:
        print(json.dumps(result))
        return 0
    whole = result["stages_ms"]["look"]
    print(f"{'stage':22}{'CPU ms':>9}{'of a look':>11}")
    for name, cost in result["stages_ms"].items():
        print(f"{name:22}{cost:9.3f}{cost / whole:11.2f}")
    print(f"\nstart to READY        {result['ready_seconds']:9.2f} s")
    for name, row in result["processes"].items():
        memory = f"{row['rss_mb']:7.0f} MB, peak {row['peak_mb']:.0f} MB"
        print(f"{name:22}{memory}, {100 * row['cpu_share']:.1f} % of one core")
    return 0


def _median(act: Callable[[], object]) -> float:
    """Return the median CPU milliseconds of one call, after a warm-up."""
    for _ in range(5):
        act()
    costs = []
    for _ in range(ROUNDS):
        begun = time.process_time_ns()
        act()
        costs.append((time.process_time_ns() - begun) / 1e6)
    return statistics.median(costs)


def _stages(settings: Config) -> dict[str, float]:
    from moodspeaker.demo import faces
    from moodspeaker.domain.observation import Box, Frame
    from moodspeaker.mood.tracker import Tracker
    from moodspeaker.vision import boxes, pipeline, schedule
    from moodspeaker.vision.cameras import empty_room

    whole_pipeline = pipeline.FacePipeline.from_config(settings)
    luma = empty_room(*FRAME)
    window = luma[: boxes.WINDOW_HEIGHT, : boxes.WINDOW_WIDTH]
    whole = schedule.thorough(FRAME[1], FRAME[0])[0]
    tracker = Tracker(settings.mood)
    box = Box(500, 300, 160, 160)
    face = pipeline.face_crop(luma, box)
    seen = [whole_pipeline.net(face)]
    near = faces.frame(faces.NEUTRAL, faces.Pose(), seed=0).repeat(2, 0).repeat(2, 1)
    near_pipeline = pipeline.FacePipeline(whole_pipeline.detector, whole_pipeline.net)
    at = iter(range(1_000_000))
    return {
        "fit the whole frame": _median(lambda: pipeline.through(luma, whole)),
        "detect in one window": _median(lambda: whole_pipeline.detector(window)),
        "cut one face": _median(lambda: pipeline.face_crop(luma, box)),
        "express one face": _median(lambda: whole_pipeline.net(face)),
        "look": _median(lambda: whole_pipeline.look(Frame(luma, 0.0))),
        "look at a near face": _median(lambda: near_pipeline.look(Frame(near, 0.0))),
        "mood step": _median(lambda: tracker.look(float(next(at)), seen)),
    }


def _processes(settings: Config) -> dict[str, Any]:
    """Start the speaker, wait until it looks, and return what it takes."""
    with (
        tempfile.TemporaryDirectory(prefix="ms") as name,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified,
    ):
        folder = Path(name)
        _record(folder)
        notified.bind(str(folder / "notify"))
        notified.settimeout(PATIENCE)
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith(ENVIRONMENT_PREFIX)
        }
        begun = time.monotonic()
        speaker = subprocess.Popen(  # noqa: S603 - ourselves
            tied(_speaker(settings, folder)),
            env=environment | {"NOTIFY_SOCKET": str(folder / "notify")},
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        try:
            while b"READY=1" not in notified.recv(4096):
                pass
            ready = time.monotonic() - begun
            notified.close()
            rows = _watched({"speaker": speaker.pid, "vision": _child(speaker.pid)})
        except (TimeoutError, OSError) as error:
            message = f"the speaker could not be watched: {error}: try moodspeaker run and read its log"
            raise MoodspeakerError(message) from None
        finally:
            speaker.send_signal(signal.SIGTERM)
            speaker.wait(15)
    return {"ready_seconds": ready, "processes": rows}


def _record(folder: Path) -> None:
    """Write a made-up camera's day: ten minutes of an empty room."""
    import numpy as np

    from moodspeaker.vision import trace
    from moodspeaker.vision.cameras import empty_room

    np.savez(folder / trace.FRAMES, images=empty_room(*FRAME)[None])
    lines = [{"crop": False}, *({"t": t, "frame": 0} for t in range(600))]
    (folder / trace.FILE).write_text("".join(json.dumps(line) + "\n" for line in lines))


def _speaker(settings: Config, folder: Path) -> list[str]:
    """Return the command line of a speaker that looks at that day, without player, broker and page."""
    words = [
        f"camera.source=replay:{folder}",
        f"paths.runtime={folder}/run",
        f"paths.state={folder}/state",
        "mpd.host=",
        "mqtt.host=",
        "web.port=0",
        f"models.path={settings.models.path}",
        f"vision.interval={settings.vision.interval}",
    ]
    sets = [part for word in words for part in ("--set", word)]
    return [*program(), "run", "--config", os.devnull, *sets]


def _watched(pids: dict[str, int]) -> dict[str, dict[str, float]]:
    """Return what processes take once they have settled."""
    time.sleep(SETTLED)
    before = {name: _cpu_seconds(pid) for name, pid in pids.items()}
    time.sleep(WATCHED)
    return {
        name: _memory(pid) | {"cpu_share": (_cpu_seconds(pid) - before[name]) / WATCHED}
        for name, pid in pids.items()
    }


def _child(pid: int) -> int:
    """Return the pid of the vision child."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        if children:
            return int(children[0])
        time.sleep(0.1)
    raise TimeoutError


def _cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process has used (proc(5): fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> dict[str, float]:
    """Return the resident memory of a process, now and at its peak, in megabytes."""
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    )
    return {
        "rss_mb": int(status["VmRSS"].split()[0]) / 1024,
        "peak_mb": int(status["VmHWM"].split()[0]) / 1024,
    }
