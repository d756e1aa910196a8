"""Write the detector's manifest.

    manifest_face.py FOLDER INT8.json FLOAT.json CHECKPOINT --version V --threshold-fine T
        [--before IMAGES MINUTES]

FOLDER holds `face.tflite`; the JSON files are those of `evaluate_face.py`, and the threshold is the int8
one's. CHECKPOINT is that of the settling (`train_face.py --settle`): it tells how long and how much was
trained; ``--before`` adds what was trained before it and it does not know of. T is the threshold for windows
finer than a 320 px frame, of which a thorough scan has many: to be chosen on the `tune` rooms enlarged to
1280 px.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1] / "common"))

import torch
from face_look import ANCHORS, NMS_IOU, PRIORS, STRIDES
from face_net import HEIGHT, SHAPES, WIDTH, FaceNet, count_macs
from manifest_file import taken_over, write_manifest

DATA = {
    "masksweb, masks2, masks3": (
        "web and press photos with and without masks (jolignier/face-mask-dataset-ilc-2021, two more), "
        "boxes by people"
    ),
    "crowd": (
        "streets and halls (NUS-VIP/saliency-in-crowd), heads marked by people, boxes tightened by YuNet"
    ),
    "actions": "people at home and work (stanford40), boxes where YuNet and UltraLight agree, each looked at",
    "osie, coco, sports, groups": "everyday scenes, sport, groups, boxes where YuNet and UltraLight agree",
    "press, press2": "press photos, boxes by people",
    "cmu": "scanned photos, groups, some drawn faces, boxes by people",
    "ytframes": (
        "head-and-shoulders video frames (YouTube Faces through udacity/P1_Facial_Keypoints), boxes by YuNet"
    ),
    "street": "clothing photos (bearpaw/clothing-co-parsing), boxes by YuNet",
    "tightfaces": "close portraits (muxspace/facial_expressions), boxes by YuNet",
    "people290": "portraits (VikramShenoy97/Human-Segmentation-Dataset), boxes by YuNet",
    "mixed": "Caltech-101 and ImageNet samples, boxes by YuNet, looked at",
    "neg_rooms, neg_rooms2, neg_objects, neg_hard, neg_mixed": (
        "photos without a face (emanhamed/Houses-dataset, Caltech-101 and others)"
    ),
    "fer2013": "48x48 face crops of the official Training part, pasted into photos (Goodfellow et al. 2013)",
}
TERMS = (
    "Web photos without a stated licence, or under MIT/Apache-2.0 repositories with third parties' pictures; "
    "FER2013 is research challenge data. Nothing of the photos is distributed, only these weights."
)
RECIPE = (
    "models/training/face: train_face.py at a constant rate, started from version 1.1.0 widened "
    "(face_start.py); mine_face.py and train_face.py --settle from two of its points, the settled weights "
    "averaged; slim_face.py, which makes two convolutions low in rank; settled again and again, from the "
    "third time on canvases that mostly are whole photos, the last time over 340,000; int8 after training by "
    "quantize_face.py (per-channel weights, 400 representative canvases)"
)
EVALUATION = (
    "evaluate_face.py: photos held out by person and source; tune chose the threshold, test reports; "
    "frame of 320 px in windows, IoU 0.4, faces under 24 px ignored; "
    "false boxes per 100 photos without a face"
)
LIMITS = [
    (
        "Upright faces, tilted by about 25 degrees at most; profiles and views from far below or above are "
        "found less often."
    ),
    (
        "Faces under about 24 px in a window are often missed, under 16 px they are only a hint where to "
        "look closer."
    ),
    (
        "Each further window adds its own false alarms; that windows of several scales must agree holds them "
        "down."
    ),
    "Most boxes it learned from are another detector's (YuNet), so it inherits that one's blind spots.",
    (
        "Skin tones and ages are mixed in two of the sets (masksweb, ytframes) and less so elsewhere; errors "
        "by group: not measured."
    ),
    "It finds faces; it does not tell whose they are.",
    "What it mistakes for faces in rooms and things: clocks, discs, enlarged letters, a wash-basin, dogs.",
]


def described(
    content: bytes,
    state: dict[str, Any],
    int8: dict[str, Any],
    exact: dict[str, Any],
    args: argparse.Namespace,
) -> dict[str, object]:
    """Return the manifest of a file's content.

    `state` is the checkpoint; `int8` and `exact` are what `evaluate_face.py` wrote of the file and of
    the float net.
    """
    net, anchors = FaceNet(SHAPES[state["shape"]]), len(ANCHORS)
    return {
        "name": "moodspeaker face",
        "version": args.version,
        "task": "face",
        "file": "face.tflite",
        "sha256": hashlib.sha256(content).hexdigest(),
        "input": {
            "shape": [1, HEIGHT, WIDTH, 1],
            "dtype": "int8",
            "layout": "NHWC",
            "range": "luma 0..255 -> (x-128)/128",
        },
        "outputs": [
            {
                "name": "scores",
                "shape": [1, anchors, 1],
                "dtype": "int8",
                "meaning": "logit of the score, anchors row by row, stride by stride",
            },
            {
                "name": "boxes",
                "shape": [1, anchors, 4],
                "dtype": "int8",
                "meaning": "tx, ty, tw, th: centre (cell + .5 + t) * stride, size prior * exp(t)",
            },
        ],
        "strides": list(STRIDES),
        "priors": list(PRIORS),
        "nms_iou": NMS_IOU,
        "parameters": sum(p.numel() for p in net.parameters()),
        "multiply_adds": count_macs(net),
        "threshold": int8["threshold"],
        "threshold_fine": args.threshold_fine,
        "training": {
            "data": DATA,
            "terms": TERMS,
            "images_seen": state["seen"] + args.before[0],
            "minutes": round(state["elapsed"] / 60 + args.before[1], 1),
            "seed": state["seed"],
            "recipe": RECIPE,
        },
        "evaluation": EVALUATION,
        "metrics": {"float": exact, "int8": int8},
        "limits": LIMITS,
    }


def main() -> None:
    """Write `manifest.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("int8", type=Path)
    parser.add_argument("float", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--threshold-fine", type=float, required=True)
    parser.add_argument("--before", type=int, nargs=2, default=(0, 0), metavar=("IMAGES", "MINUTES"))
    args = parser.parse_args()
    state = torch.load(args.checkpoint, weights_only=True)
    int8, exact = (json.loads(path.read_text()) for path in (args.int8, args.float))
    content = (args.folder / "face.tflite").read_bytes()
    manifest = described(content, state, int8, exact, args)
    path = args.folder / "manifest.json"
    write_manifest(path, manifest | taken_over(path, manifest))
    print(path)


if __name__ == "__main__":
    main()
