"""The ways of servers that speak MPD's protocol and are not MPD."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.adapters.mpd.answers import state_of
from moodspeaker.adapters.mpd.dialect import MPD, dialect_of
from moodspeaker.domain.player import PlayState

MOPIDY = dialect_of([], ["file", "local", "spotify", "http"])
WITHOUT_FOLDER = dialect_of([], ["spotify", "http"])
paths = st.text(st.characters(exclude_characters="\0\n", exclude_categories=["Cs"]), min_size=1)


def test_mpd_is_known_by_its_decoders_and_url_handlers() -> None:
    assert dialect_of([{"plugin": "flac"}], ["http://", "https://"]) == MPD
    assert dialect_of([{"plugin": "flac"}], []) == MPD, "built without network"
    assert MPD.limits == ""


@given(paths)
def test_mpd_is_given_what_is_asked(uri: str) -> None:
    assert (MPD.sent(uri), MPD.read(uri), MPD.states_length(uri)) == (uri, uri, False)


@given(paths)
def test_what_is_read_can_be_sent(path: str) -> None:
    for uri in (path, f"local:track:{path}", MOPIDY.sent(path)):
        assert uri is not None
        assert MOPIDY.sent(MOPIDY.read(uri)) == MOPIDY.sent(uri)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("happy/0.wav", "local:track:happy/0.wav"),
        ("Beyoncé/Déjà Vu?.mp3", "local:track:Beyonc%C3%A9/D%C3%A9j%C3%A0%20Vu%3F.mp3"),
        ("Mozart: Requiem/1.mp3", "local:track:Mozart%3A%20Requiem/1.mp3"),
        ("latin-1 \udce9.mp3", "local:track:latin-1%20%E9.mp3"),
    ],
)
def test_a_song_of_the_music_folder_is_named_by_its_path(path: str, uri: str) -> None:
    assert (MOPIDY.sent(path), MOPIDY.read(uri)) == (uri, path)


def test_other_songs_keep_their_uris() -> None:
    for uri in ("spotify:track:4uLU6hMCjMI75M1A2tKUQC", "http://radio.example/stream", "file:///music/a.mp3"):
        assert (MOPIDY.sent(uri), MOPIDY.read(uri)) == (uri, uri)


def test_a_path_is_not_sent_to_a_server_without_a_music_folder() -> None:
    assert WITHOUT_FOLDER.sent("happy/0.wav") is None
    assert "mopidy-local" in WITHOUT_FOLDER.limits
    assert "mopidy-local" not in MOPIDY.limits


def test_a_catalogue_states_lengths_and_a_file_does_not() -> None:
    assert MOPIDY.states_length("spotify:track:4uLU6hMCjMI75M1A2tKUQC")
    for uri in (
        "happy/0.mp3",
        "file:///music/a.mp3",
        "http://radio.example/stream",
        "local:track:odd%2f.mp3",
    ):
        assert not MOPIDY.states_length(uri)


@pytest.mark.parametrize(("plays_itself", "audible"), [(True, False), (False, True)])
def test_without_a_format_a_song_sounds_only_where_none_is_told(*, plays_itself: bool, audible: bool) -> None:
    status = {"state": "play", "songid": "1", "elapsed": "0.5"}
    state = state_of(status, (), None, at=0, seconds=None, exact=False, plays_itself=plays_itself)
    assert state.audible is audible


def test_a_pause_without_a_song_is_a_stop() -> None:
    state = state_of({"state": "pause", "elapsed": "0.000"}, (), None, at=0, seconds=None, exact=False)
    assert state.state is PlayState.STOP
