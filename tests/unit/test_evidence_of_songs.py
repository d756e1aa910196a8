"""What is known of a song from its row in the index."""

from __future__ import annotations

import pytest

from moodspeaker.domain.emotion import Emotion
from moodspeaker.library.evidence import GENRE_RELIABILITY, Words, beside
from moodspeaker.library.fusion import Estimate
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.resources import folder

UNHEARD = (None, None, None, None)
METAL = Estimate(-0.4, 0.4, *GENRE_RELIABILITY)


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(Lexicon(folder("music-index") / "lexicon"))


def test_a_genre_counts_whole_until_the_sound_is_known(words: Words) -> None:
    [alone] = words.evidence(("Ann", "Metal", "", "", *UNHEARD, None, None)).tags
    [beside_it] = words.evidence(("Ann", "Metal", "", "", -0.1, 0.2, 0.31, 0.59, None, None)).tags
    assert abs(beside_it.valence) < abs(alone.valence)
    assert abs(beside_it.arousal) < 0.2 * abs(alone.arousal)


def test_beside_a_sound_that_tells_nothing_a_genre_counts_whole() -> None:
    assert beside(METAL, Estimate(0.5, 0.5, 0.0, 0.0)) == METAL


def test_of_what_a_sure_sound_tells_no_genre_says_the_opposite() -> None:
    left = beside(METAL, Estimate(0.5, 0.5, 0.9, 0.9))
    assert left == Estimate(0, 0, 0, 0) == Estimate(-0.0, 0.0, 0.0, 0.0)


def test_a_correction_and_the_moods_of_playlists_are_told(words: Words) -> None:
    evidence = words.evidence(("Ann", "", "", "", *UNHEARD, "happy", "sad,no mood"))
    assert evidence.correction is Emotion.HAPPY
    [label] = evidence.tags
    assert label.valence < 0
    assert evidence.sound is None
