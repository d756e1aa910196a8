"""Keep what a long training has learnt so far in a small file.

    keep_weights.py face|emotion CHECKPOINT OUT.npz

The averaged weights only, without the optimizer: enough to go on with on another machine (`--start OUT.npz`),
not enough to go on exactly. The detector's are float16; the expression net's kernels, three times as many,
int8 with a scale per output channel.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

TRAINING = Path(__file__).resolve().parents[1]
sys.path += [str(TRAINING / "emotion"), str(TRAINING / "face")]

import emotion_net
import face_net
import torch


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("net", choices=("face", "emotion"))
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    if args.net == "face":
        shape, weights = face_net.read_weights(args.checkpoint)
        face_net.write_weights(args.out, shape, weights)
    else:
        stored = torch.load(args.checkpoint, weights_only=False)
        emotion_net.write_weights(args.out, stored["average"], stored["epoch"])
    print(f"{args.out}: {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
