"""What MPD answers, in our words."""

from __future__ import annotations

import pytest

from moodspeaker.adapters.mpd.answers import clean, merged, song_of, state_of, with_cure
from moodspeaker.adapters.mpd.provenance import Entry
from moodspeaker.domain.player import PlayState
from moodspeaker.domain.song import Song


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        ('Failed to open "dac" (alsa); Failed to open ALSA device "hw:7,0": No such file', "audio_output"),
        ("Failed to decode /m/a.wav; Failed to open '/m/a.wav': No such file or directory", "drive"),
        ("Failed to decode http://x; CURL failed: Could not resolve host: x", "stream"),
        ("Failed to decode http://x; got HTTP status 404", "stream"),
        ("Failed to decode /m/a.wav; Failed to open '/m/a.wav': Permission denied", "MPD's user"),
        ("Failed to decode /m/a.mp3", "damaged"),
        ("Bad luck", "log"),
    ],
)  # fmt: skip
def test_an_error_of_mpd_is_told_in_its_words_with_the_cure(error: str, cure: str) -> None:
    told = with_cure(error)
    assert told.startswith(f"{error}: ")
    assert cure in told.removeprefix(error)


def test_no_error_has_no_cure() -> None:
    assert with_cure("") == ""


def test_texts_that_are_told_are_clean() -> None:
    latin = b"Bj\xf6rk".decode("utf-8", "surrogateescape")
    song = song_of({"file": f"{latin}/x.wav", "artist": latin, "title": [latin, "Two"]})
    assert song == Song("Bj\ufffdrk/x.wav", "Bj\ufffdrk, Two", "Bj\ufffdrk", None)
    assert clean("Björk") == "Björk"


def test_a_queue_is_merged_with_what_changed() -> None:
    before = [Entry(number, uri, 60.0) for number, uri in enumerate("abc", 1)]
    changed = [{"pos": "1", "id": "9", "file": "x", "duration": "5"}]
    assert merged(before, changed, 2) == [before[0], Entry(9, "x", 5.0)]
    assert merged(before, [], 4) is None
    assert merged(before, changed, 1) is None


def test_a_bare_status_is_a_stop() -> None:
    state = state_of({}, [], None, at=1.0, seconds=None, exact=False)
    assert (state.state, state.song, state.ids, state.error) == (PlayState.STOP, None, (), "")
