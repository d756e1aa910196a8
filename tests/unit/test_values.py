"""`moodspeaker.values.dataclass` is the standard library's, made quicker: each test asks both."""

# ruff: noqa: ANN401 - classes that the tests make
from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest

from moodspeaker import values

pytestmark = pytest.mark.parametrize("decorate", [values.dataclass, dataclasses.dataclass])


def some(decorate: Any, *, eq: bool = True) -> Any:
    """Return a class with a field of each kind."""

    @decorate(frozen=True, slots=True, eq=eq)
    class Some:
        """Some fields."""

        first: int
        listed: list[int] = dataclasses.field(default_factory=list)
        word: str = "none"
        unseen: float = dataclasses.field(default=0.0, compare=False)
        secret: str = dataclasses.field(default="", repr=False)

        def doubled(self) -> int:
            return self.first * 2

    return Some


@values.dataclass(frozen=True, slots=True)
class Pickled:
    """One that pickle finds by its name."""

    first: int
    listed: list[int]


def test_fields_are_taken_by_order_and_by_name_and_have_their_defaults(decorate: Any) -> None:
    kind = some(decorate)
    one = kind(1, word="a")
    assert (one.first, one.listed, one.word, one.unseen, one.secret) == (1, [], "a", 0.0, "")
    assert kind(1).listed is not kind(1).listed
    assert kind(3, [4]).listed == [4]
    assert one.doubled() == 2
    with pytest.raises(TypeError):
        kind()
    with pytest.raises(TypeError):
        kind(1, other=2)
    assert list(inspect.signature(kind).parameters) == ["first", "listed", "word", "unseen", "secret"]


def test_nothing_changes_and_nothing_is_added(decorate: Any) -> None:
    one = some(decorate)(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.first = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.first
    with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
        one.other = 2  # TypeError: 3.11's own way of saying no to what is no field
    assert not hasattr(one, "__dict__")


def test_equal_where_the_compared_fields_and_the_kind_are(decorate: Any) -> None:
    kind, other = some(decorate), some(decorate)
    assert kind(1, unseen=2.0) == kind(1, unseen=3.0)
    assert kind(1) != kind(2)
    assert kind(1) != other(1)
    assert kind(1) != (1, [], "none", "")


def test_without_fields_all_are_equal(decorate: Any) -> None:
    @decorate(frozen=True, slots=True)
    class Empty:
        """No field."""

    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())


def test_hashed_by_the_compared_fields(decorate: Any) -> None:
    kind = some(decorate)
    assert hash(kind(1, (), unseen=2.0)) == hash(kind(1, (), unseen=3.0))
    assert len({kind(1, ()), kind(1, ()), kind(2, ())}) == 2
    with pytest.raises(TypeError):
        hash(kind(1))


def test_by_identity_where_it_is_not_to_be_compared(decorate: Any) -> None:
    kind = some(decorate, eq=False)
    one = kind(1)
    assert one == one  # noqa: PLR0124 - itself
    assert one != kind(1)
    assert {one: "found"}[one] == "found"


def test_shown_without_what_is_not_to_be_shown(decorate: Any) -> None:
    shown = repr(some(decorate)(1, secret="x"))
    assert shown.endswith("Some(first=1, listed=[], word='none', unseen=0.0)")


def test_its_own_methods_stay(decorate: Any) -> None:
    @decorate(frozen=True, slots=True)
    class Refusing:
        """Checks itself, shows and compares itself its own way."""

        least: float

        def __post_init__(self) -> None:
            if self.least < 0:
                raise ValueError(self.least)

        def __repr__(self) -> str:
            return "its own"

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    kind = Refusing
    assert repr(kind(1)) == "its own"
    assert kind(1) == kind(2)
    assert hash(kind(1)) == 7
    with pytest.raises(ValueError, match="-1"):
        kind(-1)


def test_the_library_takes_it_for_one_of_its_own(decorate: Any) -> None:
    kind = some(decorate)
    one = kind(1, [2], "a")
    assert dataclasses.is_dataclass(kind)
    assert dataclasses.asdict(one) == {"first": 1, "listed": [2], "word": "a", "unseen": 0.0, "secret": ""}
    assert dataclasses.astuple(one) == (1, [2], "a", 0.0, "")
    assert dataclasses.replace(one, first=5) == kind(5, [2], "a")
    match one:
        case kind(first, listed):
            assert (first, listed) == (1, [2])
        case _:
            pytest.fail("no match")


def test_copied_and_pickled(decorate: Any) -> None:
    one = some(decorate)(1, [2])
    assert copy.copy(one) == one
    assert copy.deepcopy(one) == one
    assert copy.deepcopy(one).listed is not one.listed
    assert pickle.loads(pickle.dumps(Pickled(1, [2]))) == Pickled(1, [2])


def test_one_that_changes_is_the_librarys_own(decorate: Any) -> None:
    @decorate(slots=True)
    class Counting:
        """Counts."""

        count: int

    one = Counting(1)
    one.count += 1
    assert one == Counting(2)
