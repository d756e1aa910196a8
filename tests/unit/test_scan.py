"""A scan, on a made-up music server and listener; the whole program: tests/integration/test_index_scan.py."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.clock import Clock
from support.songs import FakeListener, FakeServer, library_file

from moodspeaker.domain.library import SharedStickers
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.errors import StoreError
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.scan_lock import is_at_work, only_one
from moodspeaker.library.songs import Sound
from moodspeaker.library.taste import Taste
from moodspeaker.resources import folder, schema_folder
from moodspeaker.scan.files import GONE, Located, Missing, locate, unreachable
from moodspeaker.scan.progress import Progress, duration
from moodspeaker.scan.scanning import ROUND, Scan, World

if TYPE_CHECKING:
    from pathlib import Path

SONGS = [
    CatalogueSong(f"{number}.ogg", f"Song {number}", ("Ann",), genre="Rock", seconds=60.0, modified="t1")
    for number in range(5)
]


class Library:
    """A music folder, a music server, a listener and an index."""

    def __init__(self, root: Path) -> None:
        self.music, self.state = root / "music", root / "state"
        self.music.mkdir()
        for song in SONGS:
            (self.music / song.uri).write_bytes(song.uri.encode())
        self.clock = Clock()
        self.server = FakeServer(SONGS, str(self.music))
        self.listener = FakeListener(self.clock)
        self.music_dir = self.refused = ""
        self.said = io.StringIO()

    def scan(self) -> bool:
        world = World(
            self.server.read,
            self.server.read_stickers,
            self.server.restore_stickers,
            self.server.read_playlists,
            self.listener.listen,
            bytes.__eq__,
            self.refused,
            "1/1",
            self.clock,
        )
        progress = Progress(self.said, lambda: self.clock().monotonic)
        with closing(SongIndex(self.state, schema_folder())) as index:
            lexicon = Lexicon(folder("music-index") / "lexicon")
            return Scan(index, lexicon, world, progress, self.music_dir).run()

    def shown(self) -> dict[str, tuple[str | None, str, str]]:
        """Return mood, source and reason of each song."""
        with closing(SongIndex(self.state, schema_folder())) as index:
            return {song.uri: (song.mood, song.source, song.reason) for song in index.songs()}

    def kept(self, name: str) -> str:
        with closing(SongIndex(self.state, schema_folder())) as index:
            return index.state(name)


@pytest.fixture
def library(root: Path) -> Library:
    return Library(root)


def test_every_song_is_listed_and_heard_once(library: Library) -> None:
    assert library.scan()
    assert library.listener.names == [song.uri for song in SONGS]
    assert {source for _, source, _ in library.shown().values()} == {"tags+sound"}
    assert library.scan()
    assert len(library.listener.heard) == len(SONGS)


def test_moods_are_there_before_the_first_song_was_heard(library: Library) -> None:
    moods = []
    library.listener.before = lambda _: moods.append([mood for mood, _, _ in library.shown().values()])
    library.scan()
    assert None not in moods[0]


def test_a_scan_that_is_killed_is_gone_on_with(library: Library) -> None:
    def killed(name: str) -> None:
        if name == "3.ogg":
            raise KeyboardInterrupt

    library.listener.before = killed
    with pytest.raises(KeyboardInterrupt):
        library.scan()
    library.listener.before = lambda _: None
    library.scan()
    assert library.listener.names == [song.uri for song in SONGS]


def test_a_song_that_cannot_be_heard_is_named_and_is_not_the_end(library: Library) -> None:
    library.listener.sounds["1.ogg"] = Sound(reason="no audio found")
    assert library.scan()
    assert "1.ogg: no audio found" in library.said.getvalue()
    assert len(library.listener.heard) == len(SONGS)
    assert library.shown()["1.ogg"][1] == "tags"
    library.scan()
    assert len(library.listener.heard) == len(SONGS)


def test_a_log_gets_what_is_new_alone(library: Library) -> None:
    (library.music / "2.ogg").unlink()
    library.scan()
    said = len(library.said.getvalue())
    assert said
    library.scan()
    assert len(library.said.getvalue()) == said


def test_a_file_that_is_gone_is_looked_for_at_the_next_scan(library: Library) -> None:
    (library.music / "2.ogg").unlink()
    assert library.scan()
    assert f"2.ogg: {GONE}" in library.said.getvalue()
    (library.music / "2.ogg").write_bytes(b"2")
    library.scan()
    assert library.listener.names[-1] == "2.ogg"


def test_what_changes_in_the_midst_of_a_long_scan_is_met_in_it(library: Library) -> None:
    library.listener.seconds = ROUND
    new = replace(SONGS[0], uri="new.ogg", title="New")
    (library.music / new.uri).write_bytes(b"new")
    (library.music / "4.ogg").rename(library.music / "renamed.ogg")
    renamed = replace(SONGS[4], uri="renamed.ogg")

    def change(name: str) -> None:
        if name == "0.ogg":
            library.server.changes([*SONGS[1:4], renamed, new])

    library.listener.before = change
    library.scan()
    assert library.listener.names == ["0.ogg", "1.ogg", "2.ogg", "3.ogg", "renamed.ogg", "new.ogg"]
    assert set(library.shown()) == {"1.ogg", "2.ogg", "3.ogg", "renamed.ogg", "new.ogg"}


def test_a_music_server_that_is_away_loses_nothing(library: Library) -> None:
    library.scan()
    before = library.shown()
    library.server.away = True
    assert not library.scan()
    assert "the songs stay as they were listed last: no MPD answers" in library.said.getvalue()
    assert library.shown() == before


def test_what_was_not_heard_yet_is_heard_while_the_server_is_away(library: Library) -> None:
    library.refused = "the model is refused"
    library.scan()
    library.refused, library.server.away = "", True
    assert not library.scan()
    assert len(library.listener.heard) == len(SONGS)


def test_a_server_that_does_not_tell_its_folder_is_scanned_by_tags_and_that_is_said(library: Library) -> None:
    library.server.folder = ""
    assert library.scan()
    assert not library.listener.heard
    assert {source for _, source, _ in library.shown().values()} == {"tags"}
    assert "set index.music_dir" in library.kept("files")
    library.music_dir = str(library.music)
    library.scan()
    assert len(library.listener.heard) == len(SONGS)
    assert library.kept("files") == ""


def test_no_songs_at_all_are_no_fault(library: Library) -> None:
    library.server.songs = []
    assert library.scan()
    assert library.shown() == {}


def test_what_other_players_know_is_taken_over_where_nothing_else_changed(library: Library) -> None:
    library.scan()
    library.server.stickers = {"2.ogg": SharedStickers(verdict=2, plays=3)}
    library.scan()
    with closing(SongIndex(library.state, schema_folder())) as index:
        assert {song.uri: song.taste for song in index.songs()}["2.ogg"] == Taste(liked=True, plays=3)


def test_what_the_server_lost_of_a_renamed_song_is_given_back_once(library: Library) -> None:
    known = SharedStickers(verdict=2, plays=40, last_played=1000)
    library.server.stickers = {"2.ogg": known}
    library.scan()
    moved = replace(SONGS[2], uri="renamed.ogg")
    (library.music / "2.ogg").rename(library.music / moved.uri)
    library.server.changes([*SONGS[:2], moved, *SONGS[3:]])
    library.server.stickers = {moved.uri: SharedStickers(plays=1, last_played=2000)}
    library.scan()
    assert library.server.stickers == {moved.uri: replace(known, last_played=2000)}
    assert library.said.getvalue().count("given back") == 1


def test_why_the_songs_cannot_be_listed_is_kept_until_they_are(library: Library) -> None:
    library.scan()
    library.server.away = True
    library.scan()
    assert library.kept("fault") == "no MPD answers: start it"
    library.server.away = False
    library.scan()
    assert library.kept("fault") == ""
    assert library.kept("model") == "1/1"


def test_two_scans_at_once_are_refused(root: Path) -> None:
    assert not is_at_work(root)
    with only_one(root), pytest.raises(StoreError, match="another scan is at work"), only_one(root):
        pass
    with only_one(root):
        assert is_at_work(root)
    assert not is_at_work(root)


# --- files


def test_the_song_of_a_sheet_is_in_the_file_that_the_sheet_names(root: Path) -> None:
    (root / "one.flac").write_bytes(b"1")
    (root / "Two.flac").write_bytes(b"2")
    sheet = (
        'FILE "one.flac" WAVE\n TRACK 01 AUDIO\n  TITLE "Ü"\n TRACK 02 AUDIO\n'
        "FILE Two.flac WAVE\n TRACK 03 AUDIO\n"
    )
    (root / "album.cue").write_bytes(sheet.encode("latin-1"))
    assert locate("album.cue/track0002", root) == Located(root / "one.flac")
    assert locate("album.cue/track0003", root) == Located(root / "Two.flac")
    assert locate("one.flac/track0001", root) == Located(root / "one.flac")
    missing = locate("album.cue/track0009", root)
    assert isinstance(missing, Missing)
    assert missing.reason == "album.cue names no file for its song 9"


@pytest.mark.parametrize("uri", ["../out.ogg", "/etc/passwd", "a/../../out.ogg"])
def test_nothing_outside_of_the_folder_is_read(root: Path, uri: str) -> None:
    assert isinstance(locate(uri, root / "music"), Missing)


@pytest.mark.parametrize("uri", ["http://radio.example/live", "spotify:track:1"])
def test_an_address_is_no_file(root: Path, uri: str) -> None:
    assert locate(uri, root) == Missing("no file: its tags alone tell", passing=False)


def test_mopidy_s_local_songs_have_their_path_in_their_uri(root: Path) -> None:
    (root / "Für.ogg").write_bytes(b"1")
    assert locate("local:track:F%C3%BCr.ogg", root) == Located(root / "Für.ogg")
    assert unreachable(str(root), ["local:track:F%C3%BCr.ogg"], address="here") == ""


def test_a_folder_that_is_another_is_named(root: Path) -> None:
    assert "index.music_dir" in unreachable(str(root), ["a.ogg"], address="here")
    (root / "a.ogg").touch()
    assert unreachable(str(root), ["a.ogg", "b.ogg"], address="here") == ""
    assert "No such file" in unreachable(str(root / "none"), ["a.ogg"], address="here")
    assert "no files" in unreachable(str(root), ["spotify:1"], address="here")


# --- progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_and_the_time_that_is_left() -> None:
    clock, terminal = Clock(), Terminal()
    progress = Progress(terminal, lambda: clock().monotonic)
    progress.begin()
    for done in range(11):
        progress.heard(done, 20)
        clock.later(2)
    progress.say("said")
    assert "10 of 20 songs, 50.0%, 20 s left" in terminal.getvalue()
    assert terminal.getvalue().endswith("\rsaid\n")


def test_a_log_gets_a_line_a_minute() -> None:
    clock, log = Clock(), io.StringIO()
    progress = Progress(log, lambda: clock().monotonic)
    for done in range(181):
        progress.heard(done, 1000)
        clock.later(1)
    assert len(log.getvalue().splitlines()) == 3


@pytest.mark.parametrize(("seconds", "text"), [(9, "9 s"), (200, "3 min"), (3700, "1 h 2 min")])
def test_a_time_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_what_people_put_together_is_kept_until_they_change_it(library: Library) -> None:
    library.server.playlists = {"Sunday": ["3.ogg", "1.ogg"], "Mood \u2013 Happy": ["0.ogg", "1.ogg"]}
    with closing(SongIndex(library.state, schema_folder())) as index:
        index.set_state(playlists="Mood \u2013 Happy")
    library.scan()
    assert stored(library) == [(0, 0, "3.ogg"), (0, 1, "1.ogg")]
    assert "playlists: 1 tell what goes together" in library.said.getvalue()
    library.said.truncate(0)
    library.scan()
    assert "playlists" not in library.said.getvalue()
    library.server.playlists = {"Sunday": ["1.ogg", "2.ogg"]}
    library.scan()
    assert stored(library) == [(0, 0, "1.ogg"), (0, 1, "2.ogg")]
    library.server.playlists = {}
    library.scan()
    assert stored(library) == []


def stored(library: Library) -> list[tuple[int, int, str]]:
    """Return the rows of the stored playlists."""
    with closing(library_file(library.state)) as file:
        return file.read("SELECT playlist, place, uri FROM stored_playlists ORDER BY 1, 2", {})
