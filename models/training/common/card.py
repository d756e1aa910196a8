#!/usr/bin/env python3
"""Write CARD.md of a model from its manifest.

    card.py ../../face ../../emotion [--plots ../../../docs/models]

Model cards: Mitchell et al. 2019.  Nothing is stated here that the manifest does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

PLOTS = Path(__file__).resolve().parents[3] / "docs" / "models"
CONSENT = (
    "The people in the training photographs were not asked by this project; the photographs were gathered "
    "from the web by others.  None of them is part of this model's files."
)
INTENDED = {
    "emotion": (
        "Reads one of seven facial expressions from one face, 48x48 luma, to choose music in a private "
        "household."
    ),
    "face": "Finds faces in a luma window of 320x240, to look at their expression in a private household.",
}
NOT_FOR = (
    "Not for identifying people, and not for work or schools, where emotion recognition is prohibited in "
    "the EU (AI Act, Article 5(1)(f)); those who are exposed to it elsewhere must be told (Article 50(3)).  "
    "An expression is not a feeling: the model says what a face shows, as people who looked at photographs "
    "named it.  No therapeutic effect is claimed."
)


def _table(value: object, depth: int = 0) -> list[str]:
    """Return nested lines of a manifest's value."""
    indent = "  " * depth
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            if isinstance(inner, dict) or (
                isinstance(inner, list) and inner and isinstance(inner[0], dict | str)
            ):
                lines += [f"{indent}- {key}:", *_table(inner, depth + 1)]
            else:
                lines.append(f"{indent}- {key}: {inner}")
        return lines
    if isinstance(value, list):
        return [f"{indent}- {item}" for item in value]
    return [f"{indent}- {value}"]


def _confusion(labels: list[str], matrix: list[list[int]]) -> list[str]:
    """Return a Markdown table, truth in rows."""
    head = ["| truth \\ said | " + " | ".join(labels) + " |", "|---" * (len(labels) + 1) + "|"]
    return [
        *head,
        *(
            f"| {label} | " + " | ".join(map(str, row)) + " |"
            for label, row in zip(labels, matrix, strict=True)
        ),
    ]


def _emotion_metrics(manifest: dict[str, Any]) -> list[str]:
    lines = [f"On {manifest['metrics']['on']}.", ""]
    lines += ["| file | head | faces | accuracy | balanced | ECE |", "|---|---|---|---|---|---|"]
    for kind in ("float", "int8"):
        for head, row in manifest["metrics"].get(kind, {}).items():
            lines.append(
                f"| {kind} | {head} | {row['faces']} | {row['accuracy']} | {row['balanced']} | {row['ece']} |"
            )
    for head, row in manifest["metrics"]["int8"].items():
        lines += [
            "",
            f"### {head}, int8, each emotion",
            "",
            "| emotion | recall | precision |",
            "|---|---|---|",
        ]
        lines += [
            f"| {label} | {row['recall'][label]} | {row['precision'][label]} |"
            for label in manifest["labels"]
        ]
        lines += ["", *_confusion(manifest["labels"], row["confusion"])]
    return lines


def _grid(rows: dict[str, dict[str, Any]], first: str) -> list[str]:
    """Return a Markdown table of rows that have the same keys."""
    names = list(next(iter(rows.values())))
    lines = [f"| {first} | " + " | ".join(name.replace("_", " ") for name in names) + " |"]
    lines.append("|---" * (len(names) + 1) + "|")
    return lines + [
        f"| {key} | " + " | ".join(str(row.get(name, "")) for name in names) + " |"
        for key, row in rows.items()
    ]


def _robustness(manifest: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    if (found := manifest.get("robustness")) and "table" in found:
        lines += ["", "### Worse pictures, and enhancement before the net", "", f"{found['on']}.", ""]
        lines += [*_grid(found["table"], "picture"), "", *_table(found.get("decided", []))]
    if (found := manifest.get("blend")) and "by_weight_of_fer2013" in found:
        rows = {
            weight: {name: share for name, share in row.items() if name != "ferplus_recall"}
            | row["ferplus_recall"]
            for weight, row in found["by_weight_of_fer2013"].items()
        }
        lines += ["", "### A blend of both heads", "", f"On {found['on']}; recalls by FER+ labels.", ""]
        lines += [*_grid(rows, "weight of fer2013"), "", *_table(found.get("decided", []))]
    if (found := manifest.get("subtle")) and "table" in found:
        lines += [
            "",
            "### Subtle anger and sadness",
            "",
            f"On {found['on']}: what is posed as angry or sad (FER2013's label)",
        ]
        lines[-1] += " and seen as that by two to five of ten FER+ voters, while two or more see nothing."
        lines[-1] += f"  Our bar: {found['bar']}."
        lines += ["", *_grid(found["table"], "weight of fer2013"), "", *_table(found.get("decided", []))]
    return lines


def _plots(task: str, plots: Path, folder: Path) -> list[str]:
    """Return the pictures of this model that `plots.py` drew."""
    names = sorted(path.name for path in plots.glob(f"{task}-*.svg"))
    if not names:
        return []
    lines = ["", "### Plots", "", "By plots.py, from what the evaluation wrote.", ""]
    beside = os.path.relpath(plots.resolve(), folder.resolve())
    return lines + [f"![{name.removesuffix('.svg')}]({beside}/{name})" for name in names]


def _reach(manifest: dict[str, Any]) -> list[str]:
    found = manifest.get("reach")
    if not found or "empty" not in found:
        return []
    lines = ["", "### Reach", "", "Faces pasted into held-out rooms of 1280x960 (reach_face.py).", ""]
    lines += _grid({key: row for key, row in found.items() if key.endswith(" m")}, "distance")
    told = {"windows_a_live_look", "faces_a_distance", "empty", "empty_before"}
    lines += ["", *_table({key: row for key, row in found.items() if key in told})]
    if another := found.get("beside"):
        lines += ["", "The same while somebody else is seen at 1 m, when most looks are short:", ""]
        lines += _grid(another, "distance")
    if before := found.get("before"):
        lines += ["", f"Version {found['before_version']}:", "", *_grid(before, "distance")]
    return lines


def _cost(manifest: dict[str, Any]) -> list[str]:
    found = manifest.get("cost")
    if not found or "table" not in found:
        return []
    lines = ["", "### Cost", "", f"{found['of']}.", "", *_grid(found["table"], "stage")]
    lines += [
        "",
        "Looks a second, were a Pi to do nothing else (estimates from these counts, none was measured):",
    ]
    lines += ["", *_grid(found["estimated"], "machine")]
    if tried := found.get("tried"):
        lines += ["", "What was tried:", "", *_grid(tried, "million instructions")]
    return [*lines, "", *_table(found.get("said", []))]


def card(manifest: dict[str, Any], pictures: list[str]) -> str:
    """Return the card's text; `pictures` are the lines that show its plots."""
    lines = [
        f"# {manifest['name']} {manifest['version']}",
        "",
        "Generated by models/training/common/card.py from manifest.json.",
        "",
        "## Intended use",
        "",
        INTENDED[manifest["task"]],
        "",
        NOT_FOR,
        "",
        "## File",
        "",
        f"- {manifest['file']}, sha256 {manifest['sha256']}",
        *_table({k: manifest[k] for k in ("input", "outputs")}),
        "",
    ]
    lines += ["## Training", "", *_table(manifest["training"]), "", "## Metrics", ""]
    lines += _emotion_metrics(manifest) if manifest["task"] == "emotion" else _table(manifest["metrics"])
    lines += _robustness(manifest) + _reach(manifest) + _cost(manifest) + pictures
    lines += ["", "## Limits and bias", "", *_table(manifest["limits"]), "", "## Consent", "", CONSENT, ""]
    return "\n".join(lines)


def main() -> None:
    """Write the cards of the folders that are given."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--plots", type=Path, default=PLOTS)
    given = parser.parse_args()
    for folder in given.folders:
        manifest = json.loads((folder / "manifest.json").read_text())
        text = card(manifest, _plots(manifest["task"], given.plots, folder))
        (folder / "CARD.md").write_text(text)
        print(folder / "CARD.md")


if __name__ == "__main__":
    main()
