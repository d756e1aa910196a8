"""Measure what the expression net loses on worse pictures, what enhancement gives, and what a blend does.

    robustness_emotion.py DATA/fer2013 ../../emotion [--faces 800]

FER+ accuracy of the shipped file through the shipped code, on the score part (`emotion_set.score_part`), a
seeded draw of faces that have a majority; for each degradation of `degraded.FACES` and enhancement.
The blend: probabilities of both heads multiplied with weights w and 1 - w, on the whole score part.  The
tables go into manifest.json; what a person decided on them (`decided`) stays there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

from degraded import ENHANCED, FACES
from emotion_set import EMOTIONS, score_part

from moodspeaker.vision.interpreter import ExpressionNet

if TYPE_CHECKING:
    from emotion_set import Faces

WEIGHTS = (0.0, 0.15, 0.3, 0.5, 1.0)
"""Weights of the FER2013 head in a blend."""


def robustness(net: ExpressionNet, faces: Faces, count: int) -> dict[str, dict[str, float]]:
    """Return FER+ accuracy by degradation and enhancement."""
    rows = np.flatnonzero(faces.ferplus >= 0)
    rows = np.sort(np.random.default_rng(1).choice(rows, min(count, len(rows)), replace=False))
    table: dict[str, dict[str, float]] = {}
    for name, degrade in FACES.items():
        chance = np.random.default_rng(2)
        worse = [degrade(faces.images[row], chance) for row in rows]
        table[name] = {}
        for how, enhance in ENHANCED.items():
            said = [int(np.argmax(net(enhance(face)))) for face in worse]
            table[name][how] = round(float((np.array(said) == faces.ferplus[rows]).mean()), 3)
        print(
            f"{name:24s}" + "  ".join(f"{how} {share:.3f}" for how, share in table[name].items()), flush=True
        )
    return table


def blends(net: ExpressionNet, faces: Faces) -> dict[str, dict[str, object]]:
    """Return both labels' accuracy and the FER+ recalls by the weight of the FER2013 head."""
    logs = {
        head: np.log(np.maximum([net(face, head) for face in faces.images], 1e-9))
        for head in ("ferplus", "fer2013")
    }
    table: dict[str, dict[str, object]] = {}
    for weight in WEIGHTS:
        said = ((1 - weight) * logs["ferplus"] + weight * logs["fer2013"]).argmax(1)
        plus, old = faces.ferplus >= 0, faces.fer2013 >= 0
        recall = {
            emotion: round(float((said[faces.ferplus == k] == k).mean()), 3)
            for k, emotion in enumerate(EMOTIONS)
        }
        table[str(weight)] = {
            "ferplus": round(float((said[plus] == faces.ferplus[plus]).mean()), 4),
            "ferplus_balanced": round(float(np.mean(list(recall.values()))), 4),
            "fer2013": round(float((said[old] == faces.fer2013[old]).mean()), 4),
            "ferplus_recall": recall,
        }
        print(f"blend {weight}: {table[str(weight)]}", flush=True)
    return table


def main() -> None:
    """Measure, print, and write the tables down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--faces", type=int, default=800)
    given = parser.parse_args()
    faces, net = score_part(given.data), ExpressionNet(given.folder)
    path = given.folder / "manifest.json"
    robust, blended = robustness(net, faces, given.faces), blends(net, faces)
    manifest = json.loads(path.read_text())
    for name, table in (
        ("robustness", {"on": f"FER+ accuracy on {given.faces} faces of the score part", "table": robust}),
        ("blend", {"on": manifest["metrics"]["on"], "by_weight_of_fer2013": blended}),
    ):
        manifest[name] = table | {"decided": manifest.get(name, {}).get("decided", [])}
    path.write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
