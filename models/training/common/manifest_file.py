"""A model's manifest: written as JSON that every reader knows, and what a new one takes over from the old."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

MEASURED: Final = ("robustness", "blend", "subtle", "reach", "cost")
"""What is measured of the file that ships and written into its manifest by scripts of their own."""
DECIDED: Final = ("decided", "said", "tried", "bar")
"""Parts of those that a person wrote."""


def write_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """Write a manifest; raise ValueError for a number that is not finite, which JSON does not know."""
    path.write_text(json.dumps(manifest, indent=2, allow_nan=False) + "\n")


def taken_over(path: Path, new: dict[str, Any]) -> dict[str, Any]:
    """Return what the manifest at `path` hands on to the `new` one that is to replace it.

    Of the same file everything that was measured; of another one what a person decided, and the reach as that
    of the version before.
    """
    if not path.exists():
        return {}
    old = json.loads(path.read_text())
    measured = {key: old[key] for key in MEASURED if key in old}
    if old["sha256"] == new["sha256"]:
        return measured
    kept = {key: {part: value[part] for part in DECIDED if part in value} for key, value in measured.items()}
    reach = measured.get("reach", {})
    if old["version"] == new["version"]:
        kept["reach"] = {key: row for key, row in reach.items() if "before" in key}
    elif reach:
        rows = {key: row for key, row in reach.items() if key.endswith(" m")}
        kept["reach"] = {"before": rows, "before_version": old["version"], "empty_before": reach.get("empty")}
    return {key: value for key, value in kept.items() if value}
