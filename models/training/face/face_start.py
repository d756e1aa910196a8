"""Make a start for a larger detector from the shipped int8 file of the light one.

    face_start.py FACE.tflite DATA OUT.npz

The file's weights, brought back to real numbers, become the first channels of every layer of the `wide`
shape; what is new there starts small (inputs of known channels) or as the identity (blocks), so the net
begins about as good as the file. The batch norms, which the file has no more, are set so that on `CANVASES`
training canvases each convolution gives what it gave.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter
from face_canvases import training_canvases
from face_net import SHAPES, Conv, FaceNet, net_input, write_weights

LAYERS: Final = {
    "Conv2D": [
        "stem.0", "stem.1", "c3.0", "c3.1.pw", "c3.2.pw", "c3.3.pw", "c4.0", "c4.1.pw", "c4.2.pw", "c4.3.pw",
        "c5.0", "c5.1.pw", "c5.2.pw", "down5", "p4.pw", "down4",
        "heads.0.pair.pw", "heads.0.score", "heads.0.box", "heads.1.pair.pw", "heads.1.score", "heads.1.box",
        "heads.2.pair.pw", "heads.2.score", "heads.2.box",
    ],
    "depthwise": [
        "c3.1.dw", "c3.2.dw", "c3.3.dw", "c4.1.dw", "c4.2.dw", "c4.3.dw", "c5.1.dw", "c5.2.dw", "p4.dw",
        "heads.0.pair.dw", "heads.1.pair.dw", "heads.2.pair.dw",
    ],
}  # fmt: skip
"""The layers of the light shape in the order in which `quantize_face.py` builds each kind of operator."""
FINE_GRID_SHIFT: Final = 0.5
"""What version 1.1.0 took from the scores of stride 8 when it was quantized."""
FRESH_INPUTS: Final = 0.2
"""Factor on the fresh weights that lead from new channels to known ones."""
CANVASES: Final = 64


def read_layers(file: Path) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Return kernel [out, in, height, width] and bias of each layer of the file."""
    interpreter = Interpreter(str(file), num_threads=1)
    interpreter.allocate_tensors()
    kernels, biases = {}, {}
    for tensor in interpreter.get_tensor_details():
        words, quantization = tensor["name"].split(";"), tensor["quantization_parameters"]
        for kind, names in LAYERS.items():
            for i, name in enumerate(names):
                operator = f"{kind}_{i}" if i else kind
                if operator not in words or tensor["dtype"] not in {np.int8, np.int32}:
                    continue
                if words == [operator]:
                    axis = quantization["quantized_dimension"]
                    scales = quantization["scales"].reshape([-1 if k == axis else 1 for k in range(4)])
                    values = interpreter.get_tensor(tensor["index"]).astype(np.float32) * scales
                    order = (3, 0, 1, 2) if kind == "depthwise" else (0, 3, 1, 2)
                    kernels[name] = torch.from_numpy(np.ascontiguousarray(values.transpose(order)))
                elif tensor["dtype"] == np.int32:
                    values = (
                        interpreter.get_tensor(tensor["index"]).astype(np.float32) * quantization["scales"]
                    )
                    biases[name] = torch.from_numpy(values)
    return {name: (kernel, biases[name]) for name, kernel in kernels.items()}


@torch.no_grad()
def fill(net: FaceNet, layers: dict[str, tuple[torch.Tensor, torch.Tensor]], pictures: torch.Tensor) -> None:
    """Set the net's weights and batch norms."""
    for i, head in enumerate(net.heads):
        (score, score_bias), (box, box_bias) = layers.pop(f"heads.{i}.score"), layers.pop(f"heads.{i}.box")
        kernel = torch.cat([score, box])
        head.out.weight[:, : kernel.shape[1]] = kernel
        head.out.bias[:] = torch.cat([score_bias + (FINE_GRID_SHIFT if i == 0 else 0), box_bias])
    modules, hooks = dict(net.named_modules()), []
    for name, (kernel, bias) in layers.items():
        layer = modules[name]
        assert isinstance(layer, Conv), name
        outputs, inputs = kernel.shape[:2]
        layer.conv.weight[:outputs, inputs:] *= FRESH_INPUTS
        layer.conv.weight[:outputs, :inputs] = kernel

        def measure(norm: torch.nn.Module, given: tuple[torch.Tensor], known: torch.Tensor = bias) -> None:
            mean, spread = given[0].mean((0, 2, 3)), given[0].var((0, 2, 3), correction=0)
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(spread)
            norm.weight[: len(known)] = (spread[: len(known)] + norm.eps).sqrt()
            norm.bias[: len(known)] = known + mean[: len(known)]

        hooks.append(layer.norm.register_forward_pre_hook(measure))
    net.train()(pictures)
    for hook in hooks:
        hook.remove()


def main() -> None:
    """Write the weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    pictures = net_input(training_canvases(args.data, 0).batch(CANVASES)[0])
    net = FaceNet(SHAPES["wide"])
    fill(net, read_layers(args.file), pictures)
    write_weights(args.out, "wide", net.state_dict())
    print(f"{args.out}: {sum(p.numel() for p in net.parameters())} weights")


if __name__ == "__main__":
    main()
