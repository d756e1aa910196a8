"""The store port's contract, on the fake and on SQLite; and what a disk keeps."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.clock import NOON, Clock
from support.fake_store import FakeStore
from support.sqlite_store import decision, names, opened

from moodspeaker.adapters.state.decisions import BATCH_SECONDS
from moodspeaker.adapters.state.store import FILE
from moodspeaker.domain.decision import Decision, Reason, Rule, Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.ports import Store


LATIN_1 = b"caf\xe9.mp3".decode("utf-8", "surrogateescape")


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest, root: Path) -> Iterator[Store]:
    made: Store = FakeStore() if request.param == "fake" else opened(root)
    yield made
    made.close()


# --- the contract ---------------------------------------------------------------------------------------


def test_what_was_never_written_is_the_default(store: Store) -> None:
    assert store.get("sensing", "on") == "on"
    assert store.decisions(5) == []
    assert store.fault == ""


def test_the_last_value_counts(store: Store) -> None:
    store.set("sensing", "off")
    store.set("override", "säd \0 'x'")
    store.set("sensing", "on")
    assert store.get("sensing", "?") == "on"
    assert store.get("override", "?") == "säd \0 'x'"


def test_decisions_come_newest_first(store: Store) -> None:
    for number in range(5):
        store.record(decision(number - 100, name=f"{number}"))
    assert names(store) == ["4", "3", "2", "1", "0"]
    store.flush()
    store.record(decision(-9, Emotion.SAD, "newest"))
    assert names(store) == ["newest", "4", "3", "2", "1", "0"]
    assert len(store.decisions(3)) == 3


def test_a_decision_has_a_sentence_and_its_parts(store: Store) -> None:
    for flush in (False, True):
        store.record(decision(-9))
        if flush:
            store.flush()
        assert store.decisions(1) == [
            {
                "at": "2026-03-01T11:59:51Z",
                "verb": "switched",
                "mood": "happy",
                "rule": "a (genre), at once",
                "reason": {"rule": "at once", "name": "a", "source_rule": "genre"},
                "evidence": {"confidence": 0.5, "song": None},
            }
        ]


@pytest.mark.parametrize("text", [LATIN_1, "\ud800", "\udcff\udc80 \0 \U0001f3b5", ""])
def test_text_that_is_not_utf_8_is_kept(store: Store, text: str) -> None:
    store.set("programmes", text)
    store.set(text, "value")
    store.record(
        Decision(Moment(0, NOON), Verb.KEPT, Emotion.SAD, Reason(Rule.AT_ONCE, {"name": text}), {text: text})
    )
    store.flush()
    assert (store.get("programmes", "?"), store.get(text, "?")) == (text, "value")
    [row] = store.decisions(5)
    assert row["evidence"] == {text: text}
    assert names(store) == [text]


def test_forgotten_records_are_gone_and_values_stay(store: Store) -> None:
    store.set("sensing", "off")
    store.record(decision(0))
    store.flush()
    store.record(decision(1))
    store.forget()
    assert store.decisions(5) == []
    assert store.get("sensing", "on") == "off"


# --- on the disk ----------------------------------------------------------------------------------------


def test_everything_is_there_after_a_restart(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "off")
        store.record(decision(-1))
        before = store.decisions(5)
    with closing(opened(root)) as store:
        assert store.get("sensing", "on") == "off"
        assert store.decisions(5) == before


def test_a_remembered_value_survives_kill_9(root: Path) -> None:
    script = (
        "import os, sys, pathlib\n"
        "from moodspeaker.adapters.state.store import SqliteStore\n"
        "from moodspeaker.domain.moment import Moment\n"
        "from moodspeaker.timestamps import Timestamps\n"
        "store = SqliteStore(pathlib.Path(sys.argv[1]), 24, Timestamps(lambda: Moment(0, 0), None))\n"
        "store.set('sensing', 'off')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(root / "state")], check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == -signal.SIGKILL
    with closing(opened(root)) as store:
        assert store.get("sensing", "on") == "off"


def test_decisions_are_written_in_batches(root: Path) -> None:
    with closing(opened(root)) as store, closing(sqlite3.connect(root / "state" / FILE)) as reader:
        store.record(decision(0))
        store.record(decision(BATCH_SECONDS - 1))
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
        store.record(decision(BATCH_SECONDS))
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (3,)


def test_old_records_are_erased(root: Path) -> None:
    clock = Clock(5000, NOON + 5000)
    with closing(opened(root, hours=1, clock=clock)) as store:
        store.record(decision(0, name="old"))
        store.record(decision(3000, name="young"))
    clock = Clock(10, NOON + 6000)
    with closing(opened(root, hours=1, clock=clock, boot="next")) as store:
        assert names(store) == ["young"]
    with closing(sqlite3.connect(root / "state" / FILE)) as reader:
        assert reader.execute("SELECT count(*) FROM decisions").fetchone() == (1,)


def test_what_a_disk_refused_is_erased_by_its_age_too(root: Path) -> None:
    (root / "state").write_text("a file", encoding="utf-8")
    clock = Clock()
    with closing(opened(root, hours=1, clock=clock)) as store:
        store.record(decision(0, name="old"))
        clock.later(3500)
        store.record(decision(3500, name="young"))
        clock.later(200)
        store.flush()
        assert names(store) == ["young"]


def test_no_hours_write_no_records_and_erase_the_old_ones(root: Path) -> None:
    with closing(opened(root)) as store:
        store.record(decision(0, name="secret of yesterday"))
    clock = Clock(1, NOON + 1)
    with closing(opened(root, hours=0, clock=clock)) as store:
        store.record(decision(2, name="secret of today"))
        store.record(decision(BATCH_SECONDS * 2))
        assert names(store) == ["a", "secret of today"]
    assert b"secret" not in b"".join(path.read_bytes() for path in (root / "state").iterdir())


def test_forgotten_is_erased_from_the_disk(root: Path) -> None:
    with closing(opened(root)) as store:
        store.record(decision(0, name="a secret"))
        store.flush()
        store.forget()
        assert b"a secret" not in b"".join(path.read_bytes() for path in (root / "state").iterdir())


def test_the_file_is_private(root: Path) -> None:
    with closing(opened(root)) as store:
        store.set("sensing", "on")
        assert {path.stat().st_mode & 0o777 for path in (root / "state").iterdir()} == {0o600}
        assert (root / "state").stat().st_mode & 0o777 == 0o700
