"""`moodspeaker rank`, as acceptance calls it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from moodspeaker.cli import main

if TYPE_CHECKING:
    from pathlib import Path

ITEMS = [{"id": f"s{n}", "title": f"Title {n}", "artist": f"Artist {n % 3}"} for n in range(9)]
SESSIONS = [{"songs": ["s0", "s4", "s8"]}] * 5


def words(folder: Path, **files: list[Any]) -> list[str]:
    """Write the files; return the command."""
    found = ["rank"]
    for name, rows in {"library": ITEMS, "sessions": SESSIONS, **files}.items():
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        found += [f"--{name}", str(path)]
    return found


def test_it_ranks_what_goes_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = [{"query": "q", "history": ["s0"]}, {"query": "r", "history": []}]
    assert main([*words(tmp_path, queries=queries), "--top", "4"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["query"] for row in rows] == ["q", "r"]
    assert rows[0]["ranked"][:2] == ["s4", "s8"]
    for row, history in zip(rows, ({"s0"}, set()), strict=True):
        assert len(row["ranked"]) == len(set(row["ranked"])) == 4
        assert not set(row["ranked"]) & history


def test_before_anything_was_heard_the_genre_and_the_place_decide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = [
        {"id": f"s{n}", "title": "", "artist": f"Artist {n}", "genre": "Folk" if n % 2 else "Metal",
         "valence": n / 10, "arousal": 0}
        for n in range(10)
    ]  # fmt: skip
    queries = [{"query": "q", "history": ["s3"]}]
    assert main([*words(tmp_path, library=library, sessions=[], queries=queries), "--top", "5"]) == 0
    [row] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(row["ranked"][:4]) == ["s1", "s5", "s7", "s9"]
    assert row["ranked"][0] in {"s1", "s5"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"queries": [{"query": "q", "history": ["nobody"]}]},
            "queries.jsonl:1: 'nobody' is not in the library",
        ),
        ({"queries": [], "sessions": [{"song": []}]}, "sessions.jsonl:1: give"),
        ({"queries": [], "library": [{}]}, "library.jsonl:1: give"),
    ],
)
def test_what_is_malformed_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, list[Any]], said: str
) -> None:
    assert main(words(tmp_path, **files)) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words(tmp_path), "--queries", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl: No such file" in capsys.readouterr().err
