"""What was imported, in the library's file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from support.clock import NOON, Clock

from moodspeaker.database import Database
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.errors import StoreError
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.imported import Kept, LibraryImports
from moodspeaker.library.imports.facts import Fact, ImportedPlay, Label, Verdict
from moodspeaker.library.imports.spool import Spool
from moodspeaker.library.migrations import FILE, migrations
from moodspeaker.resources import schema_folder
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HAPPY, SAD = Emotion.HAPPY, Emotion.SAD
AT = 1_763_665_415
"""2025-11-20T19:03:35Z."""
MINUTE = AT - 35


@pytest.fixture
def database(root: Path) -> Iterator[Database]:
    with closing(Database(root / FILE, lambda: migrations(schema_folder()))) as made:
        yield made


@pytest.fixture
def imports(database: Database) -> LibraryImports:
    return LibraryImports(database)


def keep(imports: LibraryImports, *facts: Fact, source: str = "table") -> Kept:
    return imports.keep(lambda: facts, source, NOON)


def rows(root: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(root / FILE)) as reader:
        return reader.execute(query).fetchall()


def play(at: int = AT, *, to_minute: bool = False, heard: float | None = 100.0) -> ImportedPlay:
    return ImportedPlay("a.mp3", at, to_minute, heard, EndReason.FINISHED)


def test_songs_by_mood(imports: LibraryImports) -> None:
    assert imports.songs() == {}
    assert keep(imports, Label("b.mp3", HAPPY), Label("a.mp3", HAPPY), Label("a.mp3", SAD)) == Kept(labels=3)
    assert imports.songs() == {HAPPY: ("a.mp3", "b.mp3"), SAD: ("a.mp3",)}


def test_what_is_kept_twice_changes_nothing(imports: LibraryImports, root: Path) -> None:
    facts = (Label("a.mp3", HAPPY), play(), Verdict("a.mp3", 1, NOON))
    assert keep(imports, *facts) == Kept(1, 1, 1)
    before = [rows(root, f"SELECT * FROM imported_{name}") for name in ("labels", "plays", "verdicts")]
    assert keep(imports, *facts, source="another") == Kept()
    after = [rows(root, f"SELECT * FROM imported_{name}") for name in ("labels", "plays", "verdicts")]
    assert after == before


def test_the_later_verdict_stands(imports: LibraryImports, root: Path) -> None:
    keep(imports, Verdict("a.mp3", 1, NOON))
    assert keep(imports, Verdict("a.mp3", -1, NOON - 1)) == Kept()
    assert keep(imports, Verdict("a.mp3", -1, NOON + 1)) == Kept(verdicts=1)
    assert rows(root, "SELECT uri, liked FROM imported_verdicts") == [("a.mp3", -1)]


@pytest.mark.parametrize("minute_first", [True, False])
def test_two_exports_of_one_play_count_once(
    imports: LibraryImports, root: Path, *, minute_first: bool
) -> None:
    exact, rough = play(), play(MINUTE, to_minute=True, heard=99.0)
    for one in (rough, exact) if minute_first else (exact, rough):
        keep(imports, one)
    assert rows(root, "SELECT at, to_minute, heard FROM imported_plays") == [(AT, 0, 100.0)]


def test_different_plays_stay_apart(imports: LibraryImports, root: Path) -> None:
    other = ImportedPlay("b.mp3", MINUTE, to_minute=True, heard=None, why=EndReason.SKIPPED)
    assert keep(imports, play(), play(AT + 5), play(MINUTE + 60, to_minute=True), other) == Kept(plays=4)
    assert keep(imports, play(MINUTE, to_minute=True)) == Kept()
    assert len(rows(root, "SELECT * FROM imported_plays")) == 4


def test_a_file_is_kept_whole_or_not_at_all(imports: LibraryImports, root: Path) -> None:
    keep(imports, Label("a.mp3", HAPPY))

    def facts() -> Iterator[Fact]:
        yield Label("b.mp3", HAPPY)
        raise sqlite3.OperationalError

    with pytest.raises(StoreError, match=FILE):
        imports.keep(facts, "table", NOON)
    assert rows(root, "SELECT uri FROM imported_labels") == [("a.mp3",)]


def test_a_disk_that_refuses_is_named(root: Path) -> None:
    (root / "state").write_text("a file", encoding="utf-8")
    refusing = LibraryImports(Database(root / "state" / FILE, lambda: migrations(schema_folder())))
    with pytest.raises(StoreError, match=r"paths\.state"):
        keep(refusing, Label("a.mp3", HAPPY))
    assert refusing.songs() == {}


def test_the_speaker_sees_what_another_process_imports(imports: LibraryImports, root: Path) -> None:
    with closing(SqliteHistory(root, schema_folder(), Timestamps(Clock(), None))) as history:
        speaker = LibraryImports(history.database)
        nothing = speaker.songs()
        assert nothing == {}
        assert speaker.songs() is nothing
        keep(imports, Label("a.mp3", HAPPY))
        assert speaker.songs() == {HAPPY: ("a.mp3",)}
        history.database.close()
        assert speaker.songs() == {HAPPY: ("a.mp3",)}
        (root / FILE).unlink()
        assert speaker.songs() == {HAPPY: ("a.mp3",)}


def test_facts_come_out_of_the_spool_as_they_went_in() -> None:
    facts = [Label("雨.mp3", SAD), play(), play(heard=None), Verdict("a\u2028b", -1, 1.5)] * 9000
    with Spool() as spool:
        for fact in facts:
            spool.add(fact)
        assert list(spool.facts()) == facts
        assert list(spool.facts()) == facts
