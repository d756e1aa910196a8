#!/usr/bin/env python3
"""Score the shipped expression model, through the shipped code, on faces that it never saw.

    evaluate_emotion.py DATA/fer2013 ../../emotion [--float OUT/emotion.pt] [--curves OUT/emotion.json]

The score part is valid.npz without the images that also stand in train.npz.  FER+ by its own majority rule
(`emotion_set.majority`); balanced accuracy is the mean of the seven recalls; ECE has fifteen equal bins (Guo
et al. 2017). `--float` also scores the float weights, two views and the same calibration, to show what
quantization costs.  The figures are written into manifest.json, what `plots.py` draws of the file that ships
beyond them (reliability, precision and recall) into the file of `--curves`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from emotion_set import EMOTIONS, Faces, score_part

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

from curves import BINS, precision_recall, reliability
from manifest_file import write_manifest

from moodspeaker.vision.interpreter import ExpressionNet
from moodspeaker.vision.preprocess import standardize


def calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the expected calibration error of [N,7] probabilities."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(right[places == b].mean() - confidence[places == b].mean()) * (places == b).mean()
        for b in set(places)
    ]
    return float(sum(gaps))


def figures(probabilities: dict[str, np.ndarray], faces: Faces) -> dict[str, object]:
    """Return the table of both heads."""
    table: dict[str, object] = {}
    for head, labels in (("ferplus", faces.ferplus), ("fer2013", faces.fer2013)):
        known = labels >= 0
        said, truth = probabilities[head][known].argmax(1), labels[known]
        confusion = np.zeros((7, 7), int)
        np.add.at(confusion, (truth, said), 1)
        recall = confusion.diagonal() / confusion.sum(1)
        precision = confusion.diagonal() / np.maximum(1, confusion.sum(0))
        table[head] = {
            "faces": int(known.sum()),
            "accuracy": round(float((said == truth).mean()), 4),
            "balanced": round(float(recall.mean()), 4),
            "ece": round(calibration_error(probabilities[head][known], truth), 4),
            "recall": dict(zip(EMOTIONS, (round(float(r), 3) for r in recall), strict=True)),
            "precision": dict(zip(EMOTIONS, (round(float(p), 3) for p in precision), strict=True)),
            "confusion": confusion.tolist(),
        }
    return table


def drawn(probabilities: dict[str, np.ndarray], faces: Faces) -> dict[str, object]:
    """Return what is drawn of both heads."""
    result: dict[str, object] = {}
    for head, labels in (("ferplus", faces.ferplus), ("fer2013", faces.fer2013)):
        known = labels >= 0
        shares, truth = probabilities[head][known], labels[known]
        result[head] = {
            "reliability": reliability(shares.max(1), shares.argmax(1) == truth),
            "precision_recall": {
                emotion: precision_recall(shares[:, k], truth == k, int((truth == k).sum()))
                for k, emotion in enumerate(EMOTIONS)
                if (truth == k).any()
            },
        }
    return result


def of_float(
    weights: Path, manifest: dict[str, dict[str, dict[str, object]]], images: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the float net's probabilities, two views, with the shipped calibration."""
    import torch  # noqa: PLC0415 - only where the float net is asked for
    from emotion_net import EmotionNet  # noqa: PLC0415

    net = EmotionNet().eval()
    net.load_state_dict(torch.load(weights, weights_only=False)["weights"])
    x = torch.from_numpy(np.stack([standardize(face) for face in images]))[:, None]
    with torch.no_grad():
        parts = [(net(part), net(part.flip(3))) for part in x.split(256)]
    out = {}
    for head, calibration in manifest["heads"].items():
        logits = torch.cat([(a[head] + b[head]) / 2 for a, b in parts])
        out[head] = torch.softmax(
            (logits + torch.tensor(calibration["bias"])) / calibration["temperature"], 1
        ).numpy()
    return out


def main() -> None:
    """Score, print and write the figures down."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--float", type=Path, metavar="emotion.pt")
    parser.add_argument("--curves", type=Path, metavar="emotion.json")
    given = parser.parse_args()
    faces = score_part(given.data)
    net = ExpressionNet(given.folder)
    path = given.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    shipped = {head: np.array([net(face, head) for face in faces.images]) for head in manifest["heads"]}
    scored = "FER2013 PublicTest without the images that also stand in Training"
    metrics = manifest.get("metrics", {}) | {"on": scored, "int8": figures(shipped, faces)}
    if given.float is not None:
        metrics["float"] = figures(of_float(given.float, manifest, faces.images), faces)
    manifest["metrics"] = metrics
    write_manifest(path, manifest)
    if given.curves is not None:
        content = {"sha256": manifest["sha256"]} | drawn(shipped, faces)
        given.curves.write_text(json.dumps(content, allow_nan=False) + "\n")
    for kind in ("float", "int8"):
        for head, row in manifest["metrics"].get(kind, {}).items():
            scores = "  ".join(f"{name} {row[name]:.4f}" for name in ("accuracy", "balanced", "ece"))
            print(f"{kind:6}{head:8} faces {row['faces']}  {scores}")
            print("       recall " + "  ".join(f"{e} {r:.2f}" for e, r in row["recall"].items()))


if __name__ == "__main__":
    main()
