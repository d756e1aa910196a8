"""What words say of a mood: the tables that are shipped."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from moodspeaker.errors import StoreError
from moodspeaker.library.lexicon import Lexicon, normal
from moodspeaker.resources import folder

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = folder("music-index") / "lexicon"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(FOLDER)


@pytest.mark.parametrize("name", ["genres.csv", "moods.csv"])
def test_every_row_is_on_the_plane_and_says_where_it_comes_from(name: str) -> None:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({normal(row["word"]) for row in rows}) == len(rows) > 100
    assert all(row["source"] for row in rows)
    assert all(-1 <= float(row[axis]) <= 1 for row in rows for axis in ("valence", "arousal"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hip Hop", "hip-hop"),
        ("R & B", "r&b"),
        ("Drum and Bass", "drum'n'bass"),
        ("ROCK & ROLL", "Rock'n'Roll"),
        ("Melodic Death Metal", "death metal"),
        ("Alternative Rock/Post Grunge", "alternative rock;grunge"),
        ("Rock; rock", "Rock"),
    ],
)
def test_spelling_does_not_matter(lexicon: Lexicon, one: str, other: str) -> None:
    assert lexicon.genre(one) == lexicon.genre(other) is not None


def test_several_genres_count_alike(lexicon: Lexicon) -> None:
    metal, ambient, both = (lexicon.genre(tag) for tag in ("Metal", "Ambient", "Metal; Ambient"))
    assert metal is not None
    assert ambient is not None
    assert both is not None
    assert both.arousal == pytest.approx((metal.arousal + ambient.arousal) / 2)


def test_what_nobody_knows_says_nothing(lexicon: Lexicon) -> None:
    assert lexicon.genre("") is lexicon.genre("Other") is lexicon.mood("xyzzy") is None


def test_moods_lie_where_they_belong(lexicon: Lexicon) -> None:
    happy, sad, calm = (lexicon.mood(word) for word in ("Happy", "sad", "Calm"))
    assert happy is not None
    assert sad is not None
    assert calm is not None
    assert happy.valence > 0.5
    assert sad.valence < 0
    assert calm.arousal < -0.3


def test_a_comment_says_something_where_it_is_nothing_but_words_of_moods(lexicon: Lexicon) -> None:
    assert lexicon.moods_alone("Sad") == lexicon.mood("sad")
    assert lexicon.moods_alone("happy; calm") == lexicon.mood("happy; calm")
    for comment in (
        "",
        "A sad song",
        "happy, bought at the flea market",
        "Ripped by somebody",
        "8A - Energy 7",
    ):
        assert lexicon.moods_alone(comment) is None


def test_a_table_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"genres\.csv.*install moodspeaker again"):
        Lexicon(tmp_path)
