"""Count what a look costs, stage by stage and look by look, through the shipped code and files.

    look_cost.py count MODELS OUT.json
    look_cost.py write ../../face Cortex-A72=A72.json Cortex-A76=A76.json

*Count* runs on the machine to be measured; it needs the package and its three libraries only (NumPy, OpenCV,
LiteRT) and draws its own pictures.  In a virtual machine whose clock counts instructions, a nanosecond each
(`qemu-system-aarch64 -accel tcg,thread=single -icount shift=0,sleep=off -cpu cortex-a72 -smp 1`), the numbers
are millions of instructions, elsewhere milliseconds.  *Write* puts the tables of such machines into the
manifest, with what they would mean in looks a second on a Pi (`PIS`: estimates, no Pi was measured); what a
person says of them (`said`, `tried`) stays there.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.append(str(Path(__file__).resolve().parents[3]))

from manifest_file import write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 7
LOOKS: Final = 12
"""Looks in a row; the first three are not counted."""
PIS: Final = {
    "Pi Zero 2": ("Cortex-A72", 1.0, (0.5, 0.8)),
    "Pi 4": ("Cortex-A72", 1.5, (0.9, 1.1)),
    "Pi 5": ("Cortex-A76", 2.4, (1.5, 2.5)),
}
"""Whose instructions a Pi executes, its GHz, and how many of them a cycle: a guess from below and above.

A Pi Zero 2's Cortex-A53 has the instructions of the Cortex-A72 and executes them in order.
"""
OF: Final = (
    "Million instructions counted under emulation (Debian 12 arm64, one core) by look_cost.py, without dot "
    "products (Cortex-A72: Pi 4) and with them (Cortex-A76: Pi 5), drawn frames of 1280x960"
)
WINDOW, FACE = "one window, detector", "one face, both views"
EMPTY = "a look at an empty room, four windows"
NEAR = "a look at a near face, one window"
SEARCHING = "the same, searching the room: one look in three"
AT_A_METRE = "a look at a face a metre away, one window"


def now() -> float:
    """Return milliseconds of the raw clock, or million instructions where that counts them."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) / 1e6


def median(act: Callable[[], object]) -> float:
    """Return the median cost of one call, after a warm-up."""
    costs = []
    for _ in range(3 + ROUNDS):
        begun = now()
        act()
        costs.append(now() - begun)
    return statistics.median(costs[3:])


def count(models: Path) -> dict[str, float]:
    """Return the cost of each stage and of looks."""
    from moodspeaker.demo import faces  # noqa: PLC0415 - `write` needs none of it
    from moodspeaker.domain.observation import Frame  # noqa: PLC0415
    from moodspeaker.vision import change, pipeline, schedule  # noqa: PLC0415

    eyes = pipeline.FacePipeline.of(models)

    def looks(face: faces.Expression | None, size: float = 66.0) -> list[float]:
        half = faces.frame(face, faces.Pose(size=size), seed=0)
        frame = Frame(half.repeat(2, 0).repeat(2, 1), 0.0)
        watching, costs = pipeline.FacePipeline(eyes.detector, eyes.net), []
        for _ in range(LOOKS):
            begun = now()
            seen = watching.look(frame)
            costs.append(now() - begun)
            assert len(seen.faces) == (face is not None), seen
        return costs[3:]

    luma = faces.frame(faces.NEUTRAL, faces.Pose(), seed=0).repeat(2, 0).repeat(2, 1)
    (face,) = eyes.search(luma)
    whole = schedule.whole(luma.shape[1], luma.shape[0])
    window, crop = pipeline.through(luma, whole), pipeline.face_crop(luma, face.box)
    near, far = looks(faces.NEUTRAL), looks(faces.NEUTRAL, 33.0)
    return {
        WINDOW: median(lambda: eyes.detector(window)),
        FACE: median(lambda: eyes.net(crop)),
        "fit 1280x960 into a window": median(lambda: pipeline.through(luma, whole)),
        "cut one face": median(lambda: pipeline.face_crop(luma, face.box)),
        "thumbnail, to see a change": median(lambda: change.thumbnail(luma)),
        EMPTY: statistics.median(looks(None)),
        NEAR: statistics.median(near),
        SEARCHING: statistics.median(near[::3]),
        AT_A_METRE: statistics.median(far),
    }


def table(machines: dict[str, dict[str, float]]) -> dict[str, dict[str, object]]:
    """Return rows by stage, columns by machine."""
    rows: dict[str, dict[str, object]] = {
        stage: {name: round(costs[stage], 1) for name, costs in machines.items()}
        for stage in next(iter(machines.values()))
    }
    rows["a look at a near face, of detector and net alone"] = {
        name: f"{costs[NEAR] / (costs[WINDOW] + costs[FACE]):.2f}" for name, costs in machines.items()
    }
    return rows


def estimated(machines: dict[str, dict[str, float]]) -> dict[str, dict[str, object]]:
    """Return looks a second, were each Pi to do nothing else."""
    rows: dict[str, dict[str, object]] = {}
    for name, (machine, gigahertz, cycles) in PIS.items():
        rows[name] = {
            stage: " to ".join(
                f"{1000 * gigahertz * share / machines[machine][stage]:.0f}" for share in cycles
            )
            for stage in (EMPTY, NEAR)
        }
    return rows


def write(folder: Path, files: list[str]) -> None:
    """Write the tables into the manifest."""
    machines = {
        name: json.loads(Path(file).read_text()) for name, file in (word.split("=") for word in files)
    }
    path = folder / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text())
    manifest["cost"] = manifest.get("cost", {}) | {
        "of": OF,
        "table": table(machines),
        "estimated": estimated(machines),
    }
    write_manifest(path, manifest)
    print(path)


def main() -> None:
    """Count or write, as asked."""
    match sys.argv[1:]:
        case ["count", models, out]:
            costs = count(Path(models))
            Path(out).write_text(json.dumps(costs) + "\n")
            for stage, cost in costs.items():
                print(f"{stage:52s}{cost:9.2f}")
        case ["write", folder, *files] if files:
            write(Path(folder), files)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
