"""Beats, keys and gains as tags write them."""

from __future__ import annotations

import pytest

from moodspeaker.scan.tag_values import beats, gain, gain_of_opus, musical_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Am", "Am"), ("a minor", "Am"), ("F♯m", "F#m"), ("Bb", "Bb"), ("bb", "Bb"), ("C maj", "C"),
        ("CM", "C"), ("Cm", "Cm"), ("8A", "Am"), ("08B", "C"), ("8b", "C"), ("1d", "C"), ("1m", "Am"),
        ("7d", "F#"), ("13A", ""), ("o", ""), ("", ""), ("Energy 7", ""), ("0A", ""),
    ],
)  # fmt: skip
def test_keys_of_all_notations(text: str, key: str) -> None:
    assert musical_key(text) == key


@pytest.mark.parametrize(
    ("text", "value"), [("128", 128.0), ("93,5", 93.5), ("174.0 BPM", 174.0), ("0", None), ("fast", None)]
)
def test_beats(text: str, value: float | None) -> None:
    assert beats(text) == value


def test_gains() -> None:
    assert gain("-6.53 dB") == -6.53
    assert gain("+1.2dB") == 1.2
    assert gain("64 mB") is gain("999 dB") is gain("") is None
    assert gain_of_opus("-1024") == 1.0
    assert gain_of_opus("") is None
