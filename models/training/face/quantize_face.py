"""Turn a trained detector into the int8 file that ships, in two steps for two environments.

``quantize_face.py dump DATA OUT.npz CHECKPOINT [CHECKPOINT ...]``  (torch) folds the batch norms, averages
the checkpoints, shifts the scores (`face_look.SCORE_SHIFT`), and writes the weights, `PICTURES` training
canvases as the representative set, and the net's answers to eight of them.

``quantize_face.py convert OUT.npz FOLDER``  (TensorFlow) rebuilds the same function from `tf.nn` calls on
constants, checks it against torch's answers, and writes `face_float.tflite` and `face.tflite` (full int8,
int8 in and out).

Outputs are two tensors, for their ranges differ: `scores` ``[1, 1580, 1]`` logits, `boxes` ``[1, 1580, 4]``
regressions. The input's range is pinned to -1 .. 127/128, so that its integers are simply ``luma - 128``.

The first convolution is written as one of 2x2 on blocks of two rows and four columns, which is the same
function to the last bit: a kernel for ARM fills up one channel to eight, so a 3x3 on luma costs there as
much as one on eight channels (a wide net's window 47.5 million instructions of a Cortex-A72, so 41.3).
"""

# ruff: noqa: ANN401 - TensorFlow is handed in as an argument, and its tensors have no type here
from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

PICTURES: Final = 400
HEIGHT: Final = 240
WIDTH: Final = 320
PARITY: Final = 2e-3
"""Largest difference between torch's and TensorFlow's float answers."""


def dump(folder: Path, out: Path, checkpoints: list[Path]) -> None:
    """Write weights, representative canvases and reference answers."""
    import torch  # noqa: PLC0415 - the other step has none
    from face_canvases import training_canvases  # noqa: PLC0415
    from face_look import Torch  # noqa: PLC0415
    from face_net import layers  # noqa: PLC0415

    see = Torch(*checkpoints)
    canvases = training_canvases(folder, 77)
    canvases.shares = dataclasses.replace(canvases.shares, natural=0.5)
    pictures, _, _ = canvases.batch(PICTURES)
    answers = np.stack([see.raw(picture) for picture in pictures[:8]])
    weights = {}
    for name, layer in layers(see.net):
        weights[name + ".w"] = layer.weight.detach().numpy()
        weights[name + ".b"] = layer.bias.detach().numpy()
    numbers = sum(value.size for value in weights.values())
    np.savez_compressed(out, pictures=pictures, answers=answers, **weights)
    print(f"{numbers} weights in {len(weights) // 2} layers, torch {torch.__version__}")


def in_blocks(kernel: np.ndarray) -> np.ndarray:
    """Return a 3x3 on luma with stride 2, ``[out, 1, 3, 3]``, as a 2x2 on blocks of luma with stride 1.

    A block is two rows and four columns as eight channels; the answer ``[2, 2, 8, 2 * out]`` holds the
    channels of two neighbouring columns one after the other.
    """
    count = len(kernel)
    blocks = np.zeros((2, 2, 8, 2 * count), np.float32)
    for second in range(2):
        for row in range(3):
            for at in range(3):
                column = 2 * second + at
                channel = row % 2 * 4 + column % 4
                here = slice(second * count, (second + 1) * count)
                blocks[row // 2, column // 4, channel, here] = kernel[:, 0, row, at]
    return blocks


def build(tf: Any, w: dict[str, np.ndarray]) -> Any:
    """Return the net as a function of ``[1, 240, 320, 1]``."""

    def conv(x: Any, name: str, stride: int = 1, *, relu: bool = True) -> Any:
        kernel, bias = w[name + ".w"], tf.constant(w[name + ".b"])
        if kernel.shape[1] == 1 and kernel.shape[0] == x.shape[-1] and kernel.shape[0] > 1:
            x = tf.nn.depthwise_conv2d(x, tf.constant(kernel.transpose(2, 3, 0, 1)), [1, 1, 1, 1], "SAME")
        else:
            x = tf.nn.conv2d(x, tf.constant(kernel.transpose(2, 3, 1, 0)), stride, "SAME")
        x = tf.nn.bias_add(x, bias)
        return tf.nn.relu(x) if relu else x

    def first(luma: Any) -> Any:
        kernel, bias = w["stem.0.conv.w"], w["stem.0.conv.b"]
        x = tf.transpose(tf.reshape(luma, [HEIGHT // 2, 2, WIDTH // 4, 4]), [0, 2, 1, 3])
        x = tf.reshape(x, [1, HEIGHT // 2, WIDTH // 4, 8])
        x = tf.nn.bias_add(
            tf.nn.conv2d(x, tf.constant(in_blocks(kernel)), 1, "SAME"), tf.constant(np.tile(bias, 2))
        )
        return tf.reshape(tf.nn.relu(x), [1, HEIGHT // 2, WIDTH // 2, len(kernel)])

    def pair(x: Any, name: str) -> Any:
        return tf.nn.relu(x + conv(conv(x, f"{name}.dw.conv"), f"{name}.pw.conv", relu=False))

    def twice(x: Any) -> Any:
        return tf.raw_ops.ResizeNearestNeighbor(images=x, size=[x.shape[1] * 2, x.shape[2] * 2])

    def stage(x: Any, name: str) -> Any:
        x = conv(x, f"{name}.0.conv", 2)
        ends = (".dw.conv.w", ".conv.conv.w", ".low.conv.w")
        blocks = sum(key.startswith(name + ".") and key.endswith(ends) for key in w)
        for i in range(1, blocks + 1):
            if f"{name}.{i}.dw.conv.w" in w:
                x = pair(x, f"{name}.{i}")
            elif f"{name}.{i}.low.conv.w" in w:
                low = conv(x, f"{name}.{i}.low.conv", relu=False)
                x = tf.nn.relu(x + conv(low, f"{name}.{i}.up.conv", relu=False))
            else:
                x = tf.nn.relu(x + conv(x, f"{name}.{i}.conv.conv", relu=False))
        return x

    def head(x: Any, i: int) -> tuple[Any, Any]:
        x = pair(x, f"heads.{i}.pair")
        kernel, bias = w[f"heads.{i}.out.w"].transpose(2, 3, 1, 0), w[f"heads.{i}.out.b"]
        score = tf.nn.bias_add(
            tf.nn.conv2d(x, tf.constant(kernel[..., :1]), 1, "SAME"), tf.constant(bias[:1])
        )
        box = tf.nn.bias_add(tf.nn.conv2d(x, tf.constant(kernel[..., 1:]), 1, "SAME"), tf.constant(bias[1:]))
        cells = x.shape[1] * x.shape[2]
        return tf.reshape(score, [1, cells, 1]), tf.reshape(box, [1, cells, 4])

    @tf.function(input_signature=[tf.TensorSpec([1, HEIGHT, WIDTH, 1], tf.float32, name="luma")])
    def net(luma: Any) -> dict[str, Any]:
        c3 = stage(conv(first(luma), "stem.1.conv", 2), "c3")
        c4 = stage(c3, "c4")
        c5 = stage(c4, "c5")
        p4 = pair(c4 + twice(conv(c5, "down5.conv"))[:, : c4.shape[1], : c4.shape[2]], "p4")
        p3 = c3 + twice(conv(p4, "down4.conv"))
        scores, boxes = zip(*(head(x, i) for i, x in enumerate((p3, p4, c5))), strict=True)
        return {"scores": tf.concat(scores, 1), "boxes": tf.concat(boxes, 1)}

    return net


def convert(stored: Path, folder: Path) -> None:
    """Write the two model files."""
    import tensorflow as tf  # noqa: PLC0415 - the other step has none

    with np.load(stored) as content:
        w = {key: content[key] for key in content.files}
    pictures = (w.pop("pictures").astype(np.float32)[..., None] - 128) / np.float32(128)
    answers = w.pop("answers")
    net = build(tf, w)
    worst = 0.0
    for picture, answer in zip(pictures[:8], answers, strict=True):
        out = net(tf.constant(picture[None]))
        mine = np.concatenate([out["scores"].numpy()[0], out["boxes"].numpy()[0]], 1)
        worst = max(worst, float(np.abs(mine - answer).max()))
    print(f"largest difference from torch: {worst:.2e}")
    assert worst < PARITY, worst
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as saved
    ):  # through a saved model, for only that keeps the signature's names
        module = tf.Module()
        module.net = net
        tf.saved_model.save(module, saved, signatures={"serving_default": net.get_concrete_function()})
        (folder / "face_float.tflite").write_bytes(tf.lite.TFLiteConverter.from_saved_model(saved).convert())
        (folder / "face.tflite").write_bytes(_int8(tf, saved, pictures))
    interpreter = tf.lite.Interpreter(str(folder / "face.tflite"))
    print(interpreter.get_signature_list())
    for one in (*interpreter.get_input_details(), *interpreter.get_output_details()):
        print(one["name"], one["shape"].tolist(), one["dtype"].__name__, one["quantization"])
    scale, zero = interpreter.get_input_details()[0]["quantization"]
    assert abs(scale - 1 / 128) < 1e-6, scale
    assert zero == 0, zero


def _int8(tf: Any, saved: str, pictures: np.ndarray) -> bytes:
    """Return the int8 model file of a saved model."""
    ends = pictures[:2].copy()
    ends[0, 0], ends[1, 0] = -1, 127 / 128  # one black, one white row: the input's whole range
    converter = tf.lite.TFLiteConverter.from_saved_model(saved)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([picture[None]] for picture in (*ends, *pictures))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["dump", folder, out, *checkpoints] if checkpoints:
            dump(Path(folder), Path(out), [Path(path) for path in checkpoints])
        case ["convert", stored, folder]:
            convert(Path(stored), Path(folder))
        case _:
            sys.exit(__doc__)
