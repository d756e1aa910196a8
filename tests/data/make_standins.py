"""Make the stand-in models of the tests: ``make_standins.py`` writes `standins/{face,emotion,music}/`
beside itself.

They have the shapes, types, signatures and manifests of the true ones and a few bytes of weights, and what
they see is plain enough to draw: the face detector finds a white square of 64 window pixels whose centre lies
at (16 + 32 i, 8 + 32 j); the expression net calls a face with a bright lower half happy, one with a bright
upper half sad, an even one neutral (its head fer2013 exchanges happy and sad); the
model of songs hears attacks as arousal and a major key as valence.  Needs TensorFlow.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "standins"
LABELS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
HAPPY, SAD, NEUTRAL = 3, 4, 6


class Face(tf.Module):
    """Mean of 64x64 pixels, every 32: a white square gives a logit of 5, a black one -15."""

    @tf.function(input_signature=[tf.TensorSpec([1, 240, 320, 1], tf.float32)])
    def __call__(self, picture: tf.Tensor) -> dict[str, tf.Tensor]:
        mean = tf.nn.avg_pool2d(picture, 64, 32, "SAME")
        scores = tf.nn.bias_add(tf.nn.conv2d(mean, tf.fill([1, 1, 1, 1], 10.0), 1, "SAME"), [-5.0])
        places = tf.nn.bias_add(tf.nn.conv2d(mean, tf.zeros([1, 1, 1, 4]), 1, "SAME"), [0.0, -0.25, 0.0, 0.0])
        return {"scores": tf.reshape(scores, [1, 80, 1]), "boxes": tf.reshape(places, [1, 80, 4])}


class Emotion(tf.Module):
    """Seven logits from the means of the upper and the lower half."""

    @tf.function(input_signature=[tf.TensorSpec([1, 44, 44, 1], tf.float32)])
    def __call__(self, face: tf.Tensor) -> dict[str, tf.Tensor]:
        halves = tf.reshape(tf.nn.avg_pool2d(face, (22, 44), (22, 44), "VALID"), [1, 2])
        weights, bias = np.zeros((2, 7), np.float32), np.zeros(7, np.float32)
        weights[:, HAPPY], weights[:, SAD], bias[NEUTRAL] = (-3, 3), (3, -3), 2
        swapped = weights[:, [0, 1, 2, SAD, HAPPY, 5, 6]]
        return {"ferplus": tf.matmul(halves, weights) + bias, "fer2013": tf.matmul(halves, swapped) + bias}


def convert(module: tf.Module, shape: tuple[int, ...], span: float) -> bytes:
    """Return the int8 model of a module whose input lies in ± `span`."""
    rng = np.random.default_rng(0)
    call = module.__call__.get_concrete_function()
    saved = FOLDER.parent / "saved"
    tf.saved_model.save(module, str(saved), signatures={"serving_default": call})
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]

    def samples() -> Iterator[list[np.ndarray]]:
        for _ in range(20):
            yield [rng.uniform(-span, span, shape).astype(np.float32)]
        for value in (-span, span):
            yield [np.full(shape, value, np.float32)]
        for sign in (-span, span):
            half = np.full(shape, sign, np.float32)
            half[:, : shape[1] // 2] = -sign
            yield [half]

    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    content = converter.convert()
    for file in sorted(saved.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    saved.rmdir()
    return content


def music() -> bytes:
    """Return a model of songs that knows four of them, two descriptors, and one tag that says nothing."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        names=np.array(["key_mode", "attack_rate"]),
        quantiles=np.array([[-0.3, 0.0], [0.0, 3.0], [0.3, 6.0]], np.float32),
        centres=np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], np.float16),
        coefficients=np.array([[1, 0], [-1, 0], [0, 1], [0, -1]], np.float32),
        offset=np.zeros(2, np.float32),
        reach=np.array(1, np.float32),
        tag_coefficients=np.zeros((4, 1), np.float32),
        tag_offset=np.zeros(1, np.float32),
        tags=np.zeros((4, 1), np.float16),
        tag_weight=np.array(0, np.float32),
    )
    return file.getvalue()


def write(task: str, content: bytes, manifest: dict, suffix: str = "tflite") -> None:
    """Write a model and its manifest."""
    folder, file = FOLDER / task, f"{task}.{suffix}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content)
    head = {"task": task, "name": f"stand-in-{task}", "version": "0.0.1", "file": file}
    manifest = head | {"sha256": hashlib.sha256(content).hexdigest()} | manifest
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def main() -> None:
    """Make all three."""
    write(
        "face",
        convert(Face(), (1, 240, 320, 1), 1.0),
        {
            "input": {"shape": [1, 240, 320, 1], "dtype": "int8"},
            "outputs": [
                {"name": "scores", "shape": [1, 80, 1], "dtype": "int8"},
                {"name": "boxes", "shape": [1, 80, 4], "dtype": "int8"},
            ],
            "strides": [32],
            "priors": [64.0],
            "nms_iou": 0.4,
            "threshold": 0.5,
        },
    )
    write(
        "emotion",
        convert(Emotion(), (1, 44, 44, 1), 3.0),
        {
            "input": {"shape": [1, 44, 44, 1], "dtype": "int8"},
            "outputs": [{"name": name, "shape": [1, 7], "dtype": "int8"} for name in ("ferplus", "fer2013")],
            "labels": LABELS,
            "heads": {name: {"temperature": 1.0, "bias": [0.0] * 7} for name in ("ferplus", "fer2013")},
        },
    )
    write("music", music(), {"features": 2, "reliability": [0.3, 0.6]}, "npz")


if __name__ == "__main__":
    main()
