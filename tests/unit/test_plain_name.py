"""A plain name: what the parser takes is what the pattern of the API's description says."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.domain.plain_name import pattern, plain_name

SIGNS = st.characters(exclude_categories=("Cs",)) | st.sampled_from(
    " \t\n\u3000\u200d\u202e-'.\u00e4\u674e\U0001f600"
)


@given(st.text(SIGNS, max_size=12))
def test_a_name_is_taken_where_the_pattern_says_so(text: str) -> None:
    name = plain_name(text, 5)
    assert (name is not None) == (re.search(pattern(5), text) is not None)
    if name is not None:
        assert name == " ".join(name.split())
        assert plain_name(name, 5) == name
        assert 1 <= sum(sign != " " for sign in name) <= 5


@given(st.text(max_size=12))
def test_no_sign_that_hides_is_in_a_name(text: str) -> None:
    assert plain_name(text, 20) is None or not set(text) & set(
        "\x00\x07\x1b\x7f\u200b\u202e\u2066\ufeff\ud800\ue000"
    )


def test_names_of_people_are_taken() -> None:
    for name in (
        "Anna Maria",
        "O'Neil",
        "Jean-Luc",
        "Zo\u00eb",
        "\u674e\u660e",
        "\u0622\u0646\u0627",
        "\U0001f600",
    ):
        assert plain_name(f" {name}\n", 40) == name
