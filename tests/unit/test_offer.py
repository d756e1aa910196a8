"""What music there is for each mood: the listener's own, else the index's."""

from __future__ import annotations

import pytest
from support.fake_index import FakeIndex
from support.fake_player import stored

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import MusicChanged
from moodspeaker.domain.song import MusicSource
from moodspeaker.speaker.offer import AGAIN, Offer

OWN = stored(Emotion.HAPPY, "happy/1")


@pytest.fixture
def index() -> FakeIndex:
    index = FakeIndex()
    index.scan(happy=["h.ogg"], sad=["s.ogg", "t.ogg"])
    return index


def test_the_listener_s_own_music_goes_first(index: FakeIndex) -> None:
    offer = Offer(index)
    assert offer.look(0) is None  # the music server has not told anything yet
    assert offer.take(MusicChanged({Emotion.HAPPY: OWN})).music == {
        Emotion.HAPPY: OWN,
        Emotion.SAD: MusicSource("nearest to sad", "index", ("s.ogg", "t.ogg")),
    }


def test_an_empty_index_adds_nothing() -> None:
    offer = Offer(FakeIndex())
    offer.look(0)
    assert offer.take(MusicChanged({Emotion.HAPPY: OWN})).music == {Emotion.HAPPY: OWN}
    assert offer.summary.songs == 0


def test_the_first_songs_of_an_empty_index_are_told_at_once() -> None:
    index = FakeIndex()
    offer = Offer(index)
    offer.take(MusicChanged({}))
    assert offer.look(0) is None
    index.scan(sad=["s.ogg"])
    told = offer.look(1)
    assert told is not None
    assert set(told.music) == {Emotion.SAD}


def test_a_scan_is_told_once_and_not_at_every_write(index: FakeIndex) -> None:
    offer = Offer(index)
    offer.take(MusicChanged({}))
    first = offer.look(0)
    assert first is not None
    assert set(first.music) == {Emotion.HAPPY, Emotion.SAD}
    index.scan(fear=["f.ogg"])
    assert offer.look(AGAIN - 1) is None
    second = offer.look(AGAIN)
    assert second is not None
    assert set(second.music) == {Emotion.FEAR}
    index.scan(fear=["f.ogg"])
    assert offer.look(2 * AGAIN) is None  # nothing that matters changed
    assert offer.summary.songs == 1
