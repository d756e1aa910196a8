"""Draw a model's figures, from what its evaluation wrote and through the file that ships.

    plots.py ../../face OUT/face.json FOLDER
    plots.py ../../emotion OUT/emotion.json FOLDER
    plots.py examples ../.. FOLDER

Reads manifest.json of the model's folder and the curves of `evaluate_face.py` or `evaluate_emotion.py`
(`--curves`), and writes an SVG each: confusion, precision and recall, reliability, robustness, reach.  The
*examples* are drawings of our own (`moodspeaker.demo.faces`) with what both files say of them, no photos.
Nothing is drawn that was not measured: a part that the manifest lacks is left out, and said.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

sys.path.append(str(Path(__file__).resolve().parents[3]))

from moodspeaker.demo import faces
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.observation import Frame
from moodspeaker.vision.pipeline import FacePipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[dict[str, Any], dict[str, Any]], Any]

DRAWN: Final = {
    "neutral": faces.NEUTRAL, "happy": faces.HAPPY, "sad": faces.SAD, "surprise": faces.SURPRISE,
}  # fmt: skip
LINES: Final = 8
"""Curves in one plot, at most: those of the sets with most faces."""


def confusion(manifest: dict[str, Any], _: dict[str, Any]) -> Any:  # noqa: ANN401 - matplotlib has no types
    """Draw what is said of each true label, as shares of it, for both heads."""
    heads, labels = manifest["metrics"]["int8"], manifest["labels"]
    figure, axes = plt.subplots(1, len(heads), figsize=(9.2, 4.6), layout="constrained")
    for axis, (head, row) in zip(axes, heads.items(), strict=True):
        matrix = np.array(row["confusion"], float)
        shares = matrix / np.maximum(1, matrix.sum(1, keepdims=True))
        axis.imshow(shares, vmin=0, vmax=1, cmap="Blues")
        for y, x in np.ndindex(*shares.shape):
            axis.text(
                x, y, f"{100 * shares[y, x]:.0f}", ha="center", va="center",
                color="white" if shares[y, x] > 0.5 else "black", fontsize=8,
            )  # fmt: skip
        axis.set_xticks(range(7), labels, rotation=45, ha="right")
        axis.set_yticks(
            range(7), [f"{name} ({int(n)})" for name, n in zip(labels, matrix.sum(1), strict=True)]
        )
        axis.set_xlabel("said")
        axis.set_title(f"{head} labels, % of each (faces)")
    return figure


def emotion_precision_recall(_: dict[str, Any], curves: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw each emotion against the rest, FER+ head."""
    figure, axis = _square("recall", "precision", "FER+ head, each emotion against the rest")
    for emotion, points in curves["ferplus"]["precision_recall"].items():
        axis.plot(*np.array(points)[:, :2].T, label=emotion, lw=1.4)
    axis.legend(loc="lower left", fontsize=8)
    return figure


def emotion_reliability(_: dict[str, Any], curves: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw how often a confidence is right, for both heads."""
    figure, axis = _square("confidence", "share right", "How sure it says it is, and how often it is right")
    axis.plot([0, 1], [0, 1], color="grey", lw=0.8)
    for head, row in curves.items():
        if head != "sha256":
            confidence, right, count = np.array(row["reliability"]).T
            axis.plot(confidence, right, lw=1.2, label=head)
            axis.scatter(confidence, right, s=6 + 60 * count / count.max())
    axis.legend(loc="upper left")
    return figure


def face_precision_recall(manifest: dict[str, Any], curves: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw the sets with most faces and all of them, with the place of the threshold that ships."""
    tested = manifest["metrics"]["int8"]["test"]
    lines = curves["precision_recall"]
    most = sorted((kind for kind in lines if kind in tested), key=lambda kind: -tested[kind]["faces"])
    figure, axis = _square("recall", "precision", f"Held-out photos at a {curves['frame']} px frame")
    for kind in (kind for kind in ("all", *most[:LINES]) if lines.get(kind)):
        recall, exact, score = np.array(lines[kind]).T
        (line,) = axis.plot(recall, exact, label=kind.replace("_", " "), lw=2.4 if kind == "all" else 1.2)
        above = score >= manifest["threshold"]
        if above.any():
            axis.plot(recall[above][-1], exact[above][-1], "o", color=line.get_color(), ms=5)
    axis.legend(loc="lower left", fontsize=8, title=f"● at the threshold, {manifest['threshold']}")
    return figure


def face_reliability(_: dict[str, Any], curves: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw how many of the boxes of a score are faces."""
    figure, axis = _square("score", "share of faces", "How many of the boxes of a score are faces")
    axis.plot([0, 1], [0, 1], color="grey", lw=0.8)
    score, right, count = np.array(curves["reliability"]).T
    axis.plot(score, right, lw=1.2)
    axis.scatter(score, right, s=6 + 60 * count / count.max())
    return figure


def found_by_set(manifest: dict[str, Any], _: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw what is found and missed of each held-out set at the threshold, and the false boxes.

    A detector's confusion: what is rightly not found cannot be counted.
    """
    tested = manifest["metrics"]["int8"]["test"]
    sets = sorted(
        (kind for kind in tested if tested[kind].get("faces")), key=lambda kind: tested[kind]["recall"]
    )
    calm = [kind for kind in tested if "false_per_100" in tested[kind]]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4.6), layout="constrained", width_ratios=(2, 1))
    left.barh(sets, [100 * tested[kind]["recall"] for kind in sets], color="#3b76af")
    left.barh(
        sets, [100 - 100 * tested[kind]["recall"] for kind in sets], color="#ddd",
        left=[100 * tested[kind]["recall"] for kind in sets],
    )  # fmt: skip
    left.set_yticks(range(len(sets)), [f"{kind} ({tested[kind]['faces']})" for kind in sets], fontsize=8)
    left.set_xlabel(f"% of the faces found, at {manifest['threshold']}")
    right.barh(calm, [tested[kind]["false_per_100"] for kind in calm], color="#c44")
    right.set_yticks(range(len(calm)), [f"{kind} ({tested[kind]['photos']})" for kind in calm], fontsize=8)
    right.set_xlabel("false boxes per 100 photos")
    return figure


def robustness(manifest: dict[str, Any], _: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw what worse pictures cost, with and without enhancement."""
    table = manifest["robustness"]["table"]
    figure, axis = plt.subplots(figsize=(7.2, 4.4), layout="constrained")
    for k, how in enumerate(next(iter(table.values()))):
        shares = [float(str(row[how]).split(" /")[0]) for row in table.values()]
        axis.plot(shares, range(len(shares)), "os^D"[k % 4], label=how, ms=8 - k, alpha=0.85)
    axis.set_yticks(range(len(table)), list(table))
    axis.invert_yaxis()
    axis.set_xlabel(manifest["robustness"]["on"].split(" / ")[0])
    axis.grid(axis="x", alpha=0.3)
    axis.legend(title="enhancement", fontsize=8)
    return figure


def reach(manifest: dict[str, Any], _: dict[str, Any]) -> Any:  # noqa: ANN401
    """Draw how far it sees, in a picture and in looks in a row."""
    rows = {key: row for key, row in manifest["reach"].items() if key.endswith(" m")}
    metres = [int(key.split()[0]) for key in rows]
    figure, axis = plt.subplots(figsize=(6.2, 4.4), layout="constrained")
    axis.plot(metres, [row["found"] for row in rows.values()], "o-", label="in a picture")
    for seconds in (2, 5, 10):
        shares = [row[f"seen_within_{seconds}_s"] for row in rows.values()]
        axis.plot(metres, shares, "o--", label=f"live, within {seconds} s of coming", lw=1)
    axis.set_xticks(metres)
    axis.set_ylim(0, 1.02)
    axis.set_xlabel("metres")
    axis.set_ylabel("share of faces seen")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    return figure


def _square(x: str, y: str, title: str) -> tuple[Any, Any]:
    figure, axis = plt.subplots(figsize=(5.4, 4.8), layout="constrained")
    axis.set(xlim=(0, 1.01), ylim=(0, 1.01), xlabel=x, ylabel=y)
    axis.set_title(title, fontsize=10)
    axis.grid(alpha=0.3)
    return figure, axis


PLOTS: Final[dict[str, dict[str, tuple[str, Draw]]]] = {
    "emotion": {
        "confusion": ("metrics", confusion),
        "precision-recall": ("", emotion_precision_recall),
        "reliability": ("", emotion_reliability),
        "robustness": ("robustness", robustness),
    },
    "face": {
        "found-by-set": ("metrics", found_by_set),
        "precision-recall": ("", face_precision_recall),
        "reliability": ("", face_reliability),
        "robustness": ("robustness", robustness),
        "reach": ("reach", reach),
    },
}
"""By task and name of the plot: the part of the manifest that it needs, and what draws it."""


def examples(models: Path, folder: Path) -> None:
    """Draw our own faces with their boxes and expressions, as the files that ship see them."""
    eyes = FacePipeline.of(models)
    figure, axes = plt.subplots(2, len(DRAWN), figsize=(9.2, 4.6), layout="constrained", height_ratios=(3, 2))
    for (name, expression), above, below in zip(DRAWN.items(), axes[0], axes[1], strict=True):
        luma = faces.frame(expression, faces.Pose(), seed=1)
        above.imshow(luma, cmap="gray", vmin=0, vmax=255)
        above.set_axis_off()
        above.set_title(f"drawn {name}", fontsize=10)
        for face in FacePipeline(eyes.detector, eyes.net).look(Frame(luma, 0.0)).faces:
            box = face.box
            above.add_patch(plt.Rectangle((box.x, box.y), box.width, box.height, fill=False, color="#f80"))
            above.text(box.x, box.y - 8, f"{face.score:.2f}", color="#f80", fontsize=8)
            below.barh([str(emotion) for emotion in EMOTIONS], list(face.probabilities), color="#3b76af")
        below.set(xlim=(0, 1))
        below.tick_params(labelsize=7)
        below.invert_yaxis()
    _written(figure, folder / "examples.png")


def _written(figure: Any, path: Path) -> None:  # noqa: ANN401
    metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
    figure.savefig(path, metadata=metadata, dpi=80)
    plt.close(figure)
    print(path)


def main() -> None:
    """Draw what is asked for."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "moodspeaker", "font.size": 9})
    folder = Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    if sys.argv[1] == "examples":
        examples(Path(sys.argv[2]), folder)
        return
    manifest = json.loads((Path(sys.argv[1]) / "manifest.json").read_text())
    curves = json.loads(Path(sys.argv[2]).read_text())
    for name, (needed, draw) in PLOTS[manifest["task"]].items():
        if needed and not _measured(manifest.get(needed, {})):
            print(f"{name}: not drawn, the manifest has no {needed}: run the script that measures it")
            continue
        _written(draw(manifest, curves), folder / f"{manifest['task']}-{name}.svg")


def _measured(part: dict[str, Any]) -> bool:
    return any(key in part for key in ("int8", "table", "empty"))


if __name__ == "__main__":
    main()
