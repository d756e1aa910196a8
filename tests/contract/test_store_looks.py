"""The records of looks: the store port's contract on the fake and on SQLite, and what the disk keeps."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.clock import NOON, Clock
from support.fake_store import FakeStore
from support.sqlite_store import opened

from moodspeaker.adapters.state.looks import BATCH_SECONDS, EMPTY_EVERY, HOUR
from moodspeaker.adapters.state.store import FILE
from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import CameraState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from moodspeaker.ports import Store

GLAD = Probabilities(0.02, 0.01, 0.03, 0.8, 0.04, 0.05, 0.05)
GLUM = Probabilities(0.1, 0.0, 0.1, 0.0, 0.6, 0.0, 0.2)


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest, root: Path) -> Iterator[Store]:
    made: Store = FakeStore() if request.param == "fake" else opened(root)
    yield made
    made.close()


def look(seconds: float, *faces: Probabilities, camera: CameraState = CameraState.OK) -> LookRecord:
    """Return a look that many seconds after noon, when `Clock` stands still."""
    return LookRecord(Moment(seconds, NOON + seconds), camera, faces)


def near(found: LookRecord, kept: LookRecord) -> bool:
    """Tell whether a record is what was kept, up to the bytes that its numbers take."""
    return (
        found.camera is kept.camera
        and abs(found.at.wall - kept.at.wall) < 0.01
        and len(found.expressions) == len(kept.expressions)
        and all(
            abs(a - b) < 0.01
            for one, other in zip(found.expressions, kept.expressions, strict=True)
            for a, b in zip(one, other, strict=True)
        )
    )


def test_looks_come_oldest_first_with_all_their_faces(store: Store) -> None:
    kept = [look(-30, GLAD), look(-29, GLAD, GLUM), look(-20), look(-10, camera=CameraState.DARK)]
    for each in kept:
        store.record_look(each)
    store.flush()
    kept.append(look(-5, GLUM))
    store.record_look(kept[-1])
    assert all(map(near, store.looks(), kept))
    assert len(list(store.looks())) == len(kept)


def test_forgotten_looks_are_gone(store: Store) -> None:
    store.record_look(look(-30, GLAD))
    store.flush()
    store.record_look(look(-20, GLAD))
    store.forget()
    store.flush()
    assert list(store.looks()) == []


def test_they_outlive_a_restart_and_fill_little(root: Path) -> None:
    clock = Clock(10 * HOUR, NOON)
    with closing(opened(root, clock=clock)) as store:
        for second in range(3600):
            store.record_look(
                LookRecord(Moment(9 * HOUR + second, NOON - HOUR + second), CameraState.OK, (GLAD,))
            )
    with closing(opened(root, clock=clock)) as store:
        found = list(store.looks())
        assert len(found) == 3600
        assert [round(record.at.wall - NOON) for record in (found[0], found[-1])] == [-3600, -1]
    assert (root / "state" / FILE).stat().st_size < 100_000


def test_an_empty_room_is_kept_thinned(root: Path) -> None:
    with closing(opened(root)) as store:
        for second in range(60):
            store.record_look(look(second - 100))
        assert len(list(store.looks())) == 60 / EMPTY_EVERY


def test_with_zero_hours_nothing_is_kept(root: Path) -> None:
    with closing(opened(root, hours=0)) as store:
        store.record_look(look(-1, GLAD))
        store.flush()
        assert list(store.looks()) == []


def test_what_is_too_old_is_erased_from_the_disk(root: Path) -> None:
    with closing(opened(root, hours=1)) as store:
        store.record_look(look(-1, GLAD))
    later = Clock(2 * HOUR + BATCH_SECONDS, NOON + 2 * HOUR + BATCH_SECONDS)
    with closing(opened(root, hours=1, clock=later)):
        pass
    with closing(sqlite3.connect(root / "state" / FILE)) as connection:
        assert connection.execute("SELECT count(*) FROM looks").fetchone() == (0,)


@pytest.mark.parametrize("blob", [b"", b"\0", b"\0\0\0\0\x63", b"\0\0\0\0\x02" + bytes(9), bytes(14)])
def test_a_row_that_a_bad_disk_changed_is_read_as_far_as_it_can_be(root: Path, blob: bytes) -> None:
    with closing(opened(root)) as store:
        store.record_look(look(-20, GLAD))
    with closing(sqlite3.connect(root / "state" / FILE)) as connection:
        connection.execute(
            "INSERT INTO looks (at, boot, monotonic, looks) SELECT at, boot, monotonic, ? FROM looks", (blob,)
        )
        connection.commit()
    with closing(opened(root)) as store:
        assert near(next(store.looks()), look(-20, GLAD))
        store.record_look(look(-10, GLUM))
        assert near(list(store.looks())[-1], look(-10, GLUM))
