"""What other players are told of the index, and when."""

from __future__ import annotations

import io
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.clock import Clock

from moodspeaker.domain.song import CatalogueSong
from moodspeaker.errors import PlayerError
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.resources import folder, schema_folder
from moodspeaker.scan.progress import Progress
from moodspeaker.scan.sharing import DAY, Sharing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from moodspeaker.domain.library import SongAffect

LEXICON = Lexicon(folder("music-index") / "lexicon")


class Players:
    """Other players, by what the music server keeps for them."""

    def __init__(self, index: SongIndex) -> None:
        self.index, self.clock = index, Clock()
        self.stickers: list[SongAffect] = []
        self.playlists: list[Mapping[str, Sequence[str]]] = []
        self.refuses = ""
        self.said = io.StringIO()

    def share(self, *, playlists: bool = True) -> None:
        progress = Progress(self.said, lambda: self.clock().monotonic)
        write = self.write_playlists
        Sharing(self.index, self.write_stickers, write, self.clock, progress, playlists=playlists).run()

    def write_stickers(self, songs: Sequence[SongAffect]) -> None:
        if self.refuses:
            raise PlayerError(self.refuses)
        self.stickers += songs

    def write_playlists(self, playlists: Mapping[str, Sequence[str]], _ours: Sequence[str]) -> Sequence[str]:
        self.playlists.append(playlists)
        return list(playlists)


@pytest.fixture
def players(root: Path) -> Iterator[Players]:
    with closing(SongIndex(root, schema_folder())) as index:
        index.take_listing(
            [CatalogueSong("a.ogg", "A", genre="Metal"), CatalogueSong("b.ogg", "B", genre="Folk")]
        )
        index.place(LEXICON)
        yield Players(index)


def test_stickers_are_written_when_they_change(players: Players) -> None:
    players.share()
    assert {song.uri for song in players.stickers} == {"a.ogg", "b.ogg"}
    players.share()
    assert len(players.stickers) == 2
    players.index.take_listing(
        [CatalogueSong("a.ogg", "A", genre="Ambient"), CatalogueSong("b.ogg", "B", genre="Folk")]
    )
    players.index.place(LEXICON)
    players.share()
    assert [song.uri for song in players.stickers[2:]] == ["a.ogg"]


def test_a_moved_song_has_its_stickers_again(players: Players) -> None:
    players.share()
    players.index.take_listing(
        [CatalogueSong("x/a.ogg", "A", genre="Metal"), CatalogueSong("b.ogg", "B", genre="Folk")]
    )
    players.index.place(LEXICON)
    players.share()
    assert [song.uri for song in players.stickers[2:]] == ["x/a.ogg"]


def test_playlists_are_written_once_a_day(players: Players) -> None:
    for _ in range(3):
        players.share()
    assert len(players.playlists) == 1
    assert len(players.playlists[0]) == 7
    players.clock.later(DAY)
    players.share()
    assert len(players.playlists) == 2


@pytest.mark.parametrize(
    ("uris", "listed"), [(["b.ogg"], ["b.ogg"]), (["a.ogg", "x/b.ogg"], ["a.ogg", "x/b.ogg"])]
)
def test_a_song_that_is_gone_or_has_moved_leaves_the_playlists_at_once(
    players: Players, uris: Sequence[str], listed: Sequence[str]
) -> None:
    players.share()
    tags = {"a.ogg": ("A", "Metal"), "b.ogg": ("B", "Folk"), "x/b.ogg": ("B", "Folk")}
    players.index.take_listing([CatalogueSong(uri, tags[uri][0], genre=tags[uri][1]) for uri in uris])
    players.index.place(LEXICON)
    for _ in range(2):
        players.share()
    assert len(players.playlists) == 2
    assert {tuple(sorted(songs)) for songs in players.playlists[1].values()} == {tuple(listed)}


def test_playlists_that_are_switched_off_are_removed_once(players: Players) -> None:
    players.share()
    for _ in range(2):
        players.share(playlists=False)
    assert players.playlists[1:] == [{}]


def test_what_is_refused_is_said_once(players: Players) -> None:
    players.refuses = "no stickers here"
    for _ in range(2):
        players.share()
    assert players.said.getvalue().count("no stickers here") == 1
    assert len(players.playlists) == 1
    players.refuses = ""
    players.share()
    assert len(players.stickers) == 2
