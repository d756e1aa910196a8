"""The player port's contract, on the fake, on a real MPD and, where it is installed, on a real Mopidy.

Mopidy holds all of it but two things, for it does not make the sound itself (`World.plays_itself`): after a
song with `single` it stops, where MPD pauses; and a song whose successor cannot be played it cuts short,
so that nobody can say whether it had come to its end.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias

import pytest
from support.fake_player import FakePlayer, stored
from support.heard import Heard
from support.mopidy import RealMopidy, named
from support.servers import RealMpd, short_folder

from moodspeaker.adapters.mpd import edits
from moodspeaker.adapters.mpd import player as player_module
from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import (
    Act,
    EndReason,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerEvent,
    PlayerLost,
    PlayState,
    TrackEnded,
)
from moodspeaker.domain.song import Programme
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from moodspeaker.ports import Player

SONGS = tuple(f"songs/{number}.wav" for number in range(8))
HAPPY_SONGS, SAD_SONGS = SONGS[:3], SONGS[3:5]
MUSIC = {Emotion.HAPPY: stored(Emotion.HAPPY, *HAPPY_SONGS), Emotion.SAD: stored(Emotion.SAD, *SAD_SONGS)}
QUIET_FOR = 0.5
"""Seconds in which a real server would have told what it has to tell."""
Told: TypeAlias = Heard[PlayerEvent]
Story: TypeAlias = "Callable[[Player, Told, World], Awaitable[None]]"


def drawn(number: int, *songs: str, mood: Emotion = Emotion.HAPPY) -> Programme:
    return Programme(number, mood, f"mood-{mood}", "stored playlist", songs, len(songs), len(songs))


HAPPY, SAD, ALL = drawn(1, *HAPPY_SONGS), drawn(2, *SAD_SONGS, mood=Emotion.SAD), drawn(3, *SONGS)
UNKNOWN, NOTHING = drawn(4, "gone.wav", "gone too.wav"), drawn(5)


class World(Protocol):
    """A music server with SONGS and MUSIC, and a person beside it."""

    @property
    def player(self) -> Player:
        """The port on it."""

    @property
    def plays_itself(self) -> bool:
        """Whether it makes the sound itself, as MPD does and Mopidy does not."""

    @property
    def queue(self) -> tuple[str, ...]:
        """The URIs in its queue."""

    def person(self, act: Act, *, songs: Sequence[str] = (), place: int = 0, elapsed: float = 0.0) -> None:
        """Let a person act with their own player."""

    def lose(self) -> None:
        """Kill the server."""

    def come_back(self) -> None:
        """Start it again."""

    def end_song(self, *, single: bool = False, repeat: bool = False) -> None:
        """Let the current song come to its end: after it a person had told the server to stop (`single`), or
        it is to begin again (`repeat`).
        """

    def spoil(self, uri: str) -> None:
        """Make a song one that cannot be played."""


class FakeWorld:
    """The fake."""

    plays_itself = True

    def __init__(self, programmes: Sequence[Programme] = (), queue: Sequence[str] = ()) -> None:
        self.player = FakePlayer(MUSIC, others=SONGS, programmes=programmes, queue=queue)
        self.person = self.player.person_does
        self.lose = self.player.lose
        self.come_back = self.player.come_back
        self.spoil = self.player.broken.add

    @property
    def queue(self) -> tuple[str, ...]:
        return self.player.queue

    def end_song(self, *, single: bool = False, repeat: bool = False) -> None:
        if repeat:
            self.player.song_begins_again()
        else:
            self.player.song_ends(single=single)


class RealWorld:
    """A private server; `named` gives its name for the song at a path."""

    def __init__(
        self,
        server: RealMpd | RealMopidy,
        settings: MpdSettings,
        programmes: Sequence[Programme] = (),
        queue: Sequence[str] = (),
        *,
        named: Callable[[str], str] = str,
        plays_itself: bool = True,
    ) -> None:
        self.server = server
        self.named = named
        self.plays_itself = plays_itself
        self.player = MpdPlayer(settings, programmes)
        self.lose = server.kill
        self.come_back = server.start
        with server.client() as client:
            for uri in queue:
                client.add(named(uri))

    @property
    def queue(self) -> tuple[str, ...]:
        with self.server.client() as client:
            paths = {self.named(uri): uri for uri in SONGS}
            return tuple(paths[row["file"]] for row in client.playlistinfo())

    def person(self, act: Act, *, songs: Sequence[str] = (), place: int = 0, elapsed: float = 0.0) -> None:
        """Let a person act."""
        with self.server.client() as client:
            if act is Act.QUEUE:
                client.clear()
                for uri in songs:
                    client.add(self.named(uri))
                if songs:
                    client.play()
            elif act is Act.SONG:
                client.play(place)
            elif act is Act.SEEK:
                client.seekcur(elapsed)
            else:
                getattr(client, act)()

    def end_song(self, *, single: bool = False, repeat: bool = False) -> None:
        """Seek close to the end, which is a person's act too."""
        with self.server.client() as client:
            client.single(int(single or repeat))
            client.repeat(int(repeat))
            client.seekcur(float(client.currentsong()["time"]) - 1)

    def spoil(self, uri: str) -> None:
        """Remove the file, of which MPD does not know."""
        (self.server.music / uri).unlink()


@pytest.fixture(scope="module")
def mopidy() -> Iterator[RealMopidy]:
    """A Mopidy with the songs and the music; it takes too long to start for one a test."""
    with short_folder() as folder:
        server = RealMopidy(folder)
        for uri in SONGS:
            server.add_song(uri)
        server.store_playlist("mood-happy", HAPPY_SONGS)
        server.store_playlist("mood-sad", SAD_SONGS)
        server.scan()
        with server:
            yield server


@pytest.fixture(params=["fake", "real", "mopidy"])
def make_world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., World]]:
    if request.param == "fake":
        yield FakeWorld
        return
    if request.param == "mopidy":  # which is silent about a song that cannot be played
        monkeypatch.setattr(player_module, "PULSE", 0.5)
        monkeypatch.setattr(edits, "SOUNDS_WITHIN", 3.0)
        yield from worlds_of_mopidy(request.getfixturevalue("mopidy"))
        return
    with short_folder() as folder, RealMpd(folder) as server:
        for uri in SONGS:
            server.add_song(uri)
        server.store_playlist("mood-happy", HAPPY_SONGS)
        server.store_playlist("mood-sad", SAD_SONGS)
        server.update()
        yield partial(RealWorld, server, MpdSettings(host=str(server.socket)))


def worlds_of_mopidy(server: RealMopidy) -> Iterator[Callable[..., World]]:
    """Yield what makes a world of a server that serves all tests."""

    def make(*args: Sequence[Programme] | Sequence[str]) -> World:
        server.reset()
        settings = MpdSettings(host="127.0.0.1", port=server.port)
        return RealWorld(server, settings, *args, named=named, plays_itself=False)

    yield make
    for uri in SONGS:
        if not (server.music / uri).exists():
            server.add_song(uri)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


def tell(world: World, story: Story) -> Told:
    """Run a story beside the running player; return what was heard."""
    heard: Told = Heard()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(world.player.run(heard))
            await heard.next(PlayerConnected)
            await story(world.player, heard, world)
            running.cancel()

    asyncio.run(both())
    return heard


def acts(heard: Told) -> list[Act]:
    return [event.act for event in heard.events if isinstance(event, PersonActed)]


def ends(heard: Told) -> list[tuple[str, EndReason, int | None]]:
    return [
        (event.song.uri, event.why, event.programme)
        for event in heard.events
        if isinstance(event, TrackEnded)
    ]


def plays(uri: str) -> Callable[[PlayerChanged | PersonActed], bool]:
    """Return a test for events whose current song is this one."""
    return lambda event: event.report.song is not None and event.report.song.uri == uri


# --- contact and commands ---------------------------------------------------------------------------------


def test_it_tells_the_music_and_then_the_contact(world: World) -> None:
    async def story(_: Player, heard: Told, __: World) -> None:
        music, connected = heard.events[:2]
        assert music == MusicChanged(MUSIC)
        assert isinstance(connected, PlayerConnected)
        report = connected.report
        assert (report.state, report.length, report.song, report.ours) == (PlayState.STOP, 0, None, False)

    tell(world, story)


def test_play_replaces_the_queue_and_plays_from_the_first(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.state, report.length, world.queue) == (PlayState.PLAY, 3, HAPPY_SONGS)
        assert (report.song.uri, report.song.title, report.song.seconds) == (HAPPY_SONGS[0], "0.wav", 60.0)
        assert (report.ours, report.programme, report.upcoming) == (True, 1, 1)
        assert (report.ahead, report.seconds_ahead, report.error) == (2, 120.0, "")
        await player.play(SAD, 1)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (world.queue, report.song.uri) == (SAD_SONGS, SAD_SONGS[1])
        assert (report.ours, report.programme, report.upcoming, report.ahead) == (True, 2, None, 0)
        await asyncio.sleep(QUIET_FOR)

    assert acts(tell(world, story)) == [], "our own acts are not a person's"


def test_what_we_did_is_told_before_the_command_returns(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        heard.unread()
        await player.play(HAPPY)
        told = [event for event in heard.unread() if isinstance(event, PlayerChanged)]
        assert told
        assert told[-1].report.length == len(HAPPY_SONGS)

    tell(world, story)


def test_unknown_songs_are_left_out(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(drawn(1, "gone.wav", HAPPY_SONGS[0], "gone too.wav", HAPPY_SONGS[1]), 2)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (world.queue, report.song.uri, report.ours) == (HAPPY_SONGS[:2], HAPPY_SONGS[1], True)

    tell(world, story)


@pytest.mark.parametrize("method", ["play", "queue_next", "extend"])
def test_when_all_songs_are_unknown_the_music_goes_on(world: World, method: str) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        with pytest.raises(PlayerError, match=r"gone\.wav"):
            await getattr(player, method)(UNKNOWN)
        with pytest.raises(PlayerError, match="no song"):
            await getattr(player, method)(NOTHING)
        await player.extend(SAD)
        report = (await heard.next(PlayerChanged, where=lambda event: event.report.length > 3)).report
        assert (report.state, report.ours, world.queue) == (
            PlayState.PLAY,
            True,
            (*HAPPY_SONGS, *SAD_SONGS),
        )
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == []


def test_a_song_that_cannot_be_played_is_passed_over(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        world.spoil(HAPPY_SONGS[0])
        await player.play(HAPPY)
        report = (await heard.next(PlayerChanged, where=plays(HAPPY_SONGS[1]))).report
        assert (report.state, report.ours, report.error) == (PlayState.PLAY, True, "")
        assert world.queue == HAPPY_SONGS[1:]
        await asyncio.sleep(QUIET_FOR)

    assert acts(tell(world, story)) == []


def test_when_no_song_can_be_played_the_music_goes_on(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        for uri in SAD_SONGS:
            world.spoil(uri)
        await player.play(HAPPY)
        with pytest.raises(PlayerError, match=r"plays nothing: .*: .*"):
            await player.play(SAD)
        await player.pause()
        report = (
            await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.PAUSE)
        ).report
        assert report.song is not None
        assert (report.song.uri, report.programme, world.queue) == (HAPPY_SONGS[0], 1, HAPPY_SONGS)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == []


def test_queue_next_keeps_the_song_and_lets_others_follow(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY, 1)
        heard.unread()
        await player.queue_next(SAD)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.state, report.song.uri) == (PlayState.PLAY, HAPPY_SONGS[1])
        assert (report.programme, report.upcoming, report.ours, report.ahead) == (1, 2, True, 2)
        assert world.queue == (HAPPY_SONGS[1], *SAD_SONGS)
        await player.next()
        report = (await heard.next(PlayerChanged, where=plays(SAD_SONGS[0]))).report
        assert report.programme == 2
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == [(HAPPY_SONGS[1], EndReason.SKIPPED, 1)]


def test_queue_next_keeps_a_pause(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        await player.pause()
        heard.unread()
        await player.queue_next(SAD)
        report = (await heard.next(PlayerChanged)).report
        assert (report.state, world.queue) == (PlayState.PAUSE, (HAPPY_SONGS[0], *SAD_SONGS))

    tell(world, story)


def test_queue_next_without_music_loads_the_queue_silently(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.queue_next(HAPPY)
        report = (await heard.next(PlayerChanged)).report
        assert (report.state, world.queue, report.ours) == (PlayState.STOP, HAPPY_SONGS, True)
        await player.unpause()
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.state, report.song.uri) == (PlayState.PLAY, HAPPY_SONGS[0])

    tell(world, story)


def test_a_mood_of_one_song_may_stand_in_the_queue_many_times(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        one = drawn(1, SONGS[0])
        await player.play(one)
        for _ in range(3):
            await player.extend(one)
        heard.unread()
        await player.next()
        report = (await heard.next(PlayerChanged)).report
        assert (report.length, report.ahead, report.seconds_ahead, report.ours) == (4, 2, 120.0, True)
        await asyncio.sleep(QUIET_FOR)
        assert world.queue == (SONGS[0],) * 4

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == [(SONGS[0], EndReason.SKIPPED, 1)]


def test_the_same_song_in_two_programmes_is_of_the_one_it_was_added_for(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(drawn(1, SONGS[0], SONGS[1]))
        await player.extend(drawn(2, SONGS[1], SONGS[0]))
        programmes = []
        for _ in range(3):
            heard.unread()
            await player.next()
            programmes.append((await heard.next(PlayerChanged)).report.programme)
        assert programmes == [1, 2, 2]

    tell(world, story)


def test_extend_removes_what_was_played_long_ago(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(drawn(1, *SONGS * 5), 32)
        heard.unread()
        await player.extend(HAPPY)
        report = (await heard.next(PlayerChanged)).report
        assert report.song is not None
        assert (report.length, report.ahead) == (40 - 7 + 3, 7 + 3)
        assert world.queue == (*(SONGS * 5)[7:], *HAPPY_SONGS)
        assert report.song.uri == SONGS[0]
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == []


def test_pause_and_unpause(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        for command, state in (
            (player.pause, PlayState.PAUSE),
            (player.unpause, PlayState.PLAY),
            (player.unpause, PlayState.PLAY),
        ):
            heard.unread()
            await command()
            assert (await heard.next(PlayerChanged)).report.state is state
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == [], "a pause ends nothing"


def test_pause_leaves_a_stop_alone(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.queue_next(HAPPY)
        heard.unread()
        await player.pause()
        assert (await heard.next(PlayerChanged)).report.state is PlayState.STOP

    tell(world, story)


def test_next_and_previous(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        for command, song in (
            (player.next, HAPPY_SONGS[1]),
            (player.previous, HAPPY_SONGS[0]),
            (player.previous, HAPPY_SONGS[0]),
        ):
            heard.unread()
            await command()
            report = (await heard.next(PlayerChanged)).report
            assert report.song is not None
            assert (report.state, report.song.uri) == (PlayState.PLAY, song)
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert acts(heard) == []
    assert ends(heard) == [(HAPPY_SONGS[place], EndReason.SKIPPED, 1) for place in (0, 1)]


@pytest.mark.parametrize("method", ["next", "previous"])
def test_next_and_previous_want_music(world: World, method: str) -> None:
    async def story(player: Player, _: Told, __: World) -> None:
        with pytest.raises(PlayerError):
            await getattr(player, method)()

    tell(world, story)


def test_after_the_last_song_it_is_silent(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY, 2)
        heard.unread()
        await player.next()
        report = (await heard.next(PlayerChanged)).report
        assert (report.state, report.song) == (PlayState.STOP, None)

    assert ends(tell(world, story)) == [(HAPPY_SONGS[2], EndReason.SKIPPED, 1)]


def test_the_volume_is_nobodys_act(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        heard.unread()
        await player.set_volume(40)
        await asyncio.sleep(QUIET_FOR)
        assert {type(event) for event in heard.unread()} == {PlayerChanged}

    tell(world, story)


# --- songs that end ---------------------------------------------------------------------------------------


def test_a_song_that_ends_is_told_before_the_next_one(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        heard.unread()
        world.end_song()
        ended = await heard.next(TrackEnded)
        assert (ended.song.uri, ended.why, ended.programme) == (HAPPY_SONGS[0], EndReason.FINISHED, 1)
        assert ended.heard > 0.5
        changed = await heard.next(PlayerChanged, where=plays(HAPPY_SONGS[1]))
        assert changed.report.programme == 1
        await asyncio.sleep(QUIET_FOR)

    assert len(ends(tell(world, story))) == 1


def test_a_song_that_begins_again_is_told_each_time(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        for _ in range(2):
            world.end_song(repeat=True)
            ended = await heard.next(TrackEnded)
            assert (ended.song.uri, ended.why) == (HAPPY_SONGS[0], EndReason.FINISHED)
        await asyncio.sleep(QUIET_FOR)

    assert len(ends(tell(world, story))) == 2


def test_our_play_replaces_the_song(world: World) -> None:
    async def story(player: Player, heard: Told, _: World) -> None:
        await player.play(HAPPY)
        await player.play(SAD)
        await player.pause()
        await player.play(HAPPY)
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    assert ends(heard) == [(HAPPY_SONGS[0], EndReason.REPLACED, 1), (SAD_SONGS[0], EndReason.REPLACED, 2)]


def test_music_that_cannot_go_on_says_why(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY, 1)
        world.spoil(HAPPY_SONGS[2])
        heard.unread()
        world.end_song()
        changed = await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.STOP)
        assert ": " in changed.report.error, "the reason and its cure"
        assert changed.report.ours
        await asyncio.sleep(QUIET_FOR)

    heard = tell(world, story)
    why = EndReason.FINISHED if world.plays_itself else EndReason.UNKNOWN
    assert ends(heard)[0] == (HAPPY_SONGS[1], why, 1)
    assert set(acts(heard)) <= {Act.SEEK}, "by which a test comes near the end of a song"


def test_what_a_person_had_set_to_stop_is_stopped_by_a_person(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        heard.unread()
        world.end_song(single=True)
        acted = await heard.next(PersonActed, where=lambda event: event.act is not Act.SEEK)
        state = PlayState.PAUSE if world.plays_itself else PlayState.STOP
        assert (acted.act, acted.report.state) == (Act.STOP, state)
        await asyncio.sleep(QUIET_FOR)

    assert ends(tell(world, story)) == [(HAPPY_SONGS[0], EndReason.FINISHED, 1)]


# --- a person ---------------------------------------------------------------------------------------------


def test_a_person_edits_the_queue(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.QUEUE, songs=SONGS[6:])
        acted = await heard.next(PersonActed)
        report = acted.report
        assert report.song is not None
        assert (acted.act, report.state, report.length, report.song.uri) == (
            Act.QUEUE,
            PlayState.PLAY,
            2,
            SONGS[6],
        )
        assert (report.ours, report.programme) == (False, None)

    assert ends(tell(world, story)) == [(HAPPY_SONGS[0], EndReason.REPLACED, 1)]


def test_our_songs_in_a_persons_queue_are_theirs(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.QUEUE, songs=HAPPY_SONGS)
        report = (await heard.next(PersonActed)).report
        assert (report.ours, report.programme) == (False, None)

    tell(world, story)


def test_a_person_clears_the_queue(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.QUEUE)
        acted = await heard.next(PersonActed)
        report = acted.report
        assert (acted.act, report.state, report.length, report.song) == (Act.QUEUE, PlayState.STOP, 0, None)

    assert ends(tell(world, story)) == [(HAPPY_SONGS[0], EndReason.REPLACED, 1)]


@pytest.mark.parametrize(
    ("act", "state", "song", "why"),
    [
        (Act.STOP, PlayState.STOP, SONGS[1], EndReason.STOPPED),
        (Act.PAUSE, PlayState.PAUSE, SONGS[1], None),
        (Act.NEXT, PlayState.PLAY, SONGS[2], EndReason.SKIPPED),
        (Act.PREVIOUS, PlayState.PLAY, SONGS[0], EndReason.SKIPPED),
    ],
)
def test_a_person_uses_the_buttons(
    world: World, act: Act, state: PlayState, song: str, why: EndReason | None
) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(ALL, 1)
        world.person(act)
        acted = await heard.next(PersonActed)
        assert acted.report.song is not None
        assert (acted.act, acted.report.state, acted.report.song.uri) == (act, state, song)
        assert acted.report.ours

    assert ends(tell(world, story)) == ([] if why is None else [(SONGS[1], why, 3)])


def test_a_person_plays_on(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        await player.pause()
        world.person(Act.PLAY)
        acted = await heard.next(PersonActed)
        assert (acted.act, acted.report.state) == (Act.PLAY, PlayState.PLAY)

    assert ends(tell(world, story)) == []


def test_a_person_chooses_a_song(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(ALL)
        world.person(Act.SONG, place=5)
        acted = await heard.next(PersonActed)
        assert acted.report.song is not None
        assert (acted.act, acted.report.song.uri) == (Act.SONG, SONGS[5])

    assert ends(tell(world, story)) == [(SONGS[0], EndReason.SKIPPED, 3)]


def test_a_person_seeks(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.person(Act.SEEK, elapsed=30)
        acted = await heard.next(PersonActed)
        assert acted.act is Act.SEEK
        assert acted.report.elapsed == pytest.approx(30, abs=1)

    assert ends(tell(world, story)) == []


# --- losses and restarts ----------------------------------------------------------------------------------


def test_a_loss_is_told_once_and_refuses_commands(world: World) -> None:
    async def story(player: Player, heard: Told, world: World) -> None:
        await player.play(HAPPY)
        world.lose()
        lost = await heard.next(PlayerLost)
        assert "MPD" in lost.reason
        with_songs, without = (
            (player.play, player.queue_next, player.extend),
            (player.unpause, player.pause, player.next, player.previous),
        )
        for command in (*(method(HAPPY) for method in with_songs), *(method() for method in without)):
            with pytest.raises(PlayerError, match="MPD"):
                await command
        world.come_back()
        connected = await heard.next(PlayerConnected, within=10)
        assert (connected.report.state, connected.report.length) == (PlayState.STOP, 0), (
            "killed, it comes back empty and stopped"
        )
        assert [type(event) for event in heard.events].count(MusicChanged) == 2, (
            "the music is told at each contact"
        )
        heard.unread()
        await player.play(SAD)
        assert (await heard.next(PlayerChanged)).report.programme == 2

    assert ends(tell(world, story)) == [(HAPPY_SONGS[0], EndReason.UNKNOWN, 1)]


def test_after_a_restart_of_this_program_the_queue_is_known_by_its_songs(
    make_world: Callable[..., World],
) -> None:
    older, newer = drawn(1, *SONGS[:4]), drawn(2, *SONGS[2:6])

    async def ours(_: Player, heard: Told, __: World) -> None:
        [connected] = [event for event in heard.events if isinstance(event, PlayerConnected)]
        assert (connected.report.ours, connected.report.length) == (True, 6)
        assert connected.report.ahead == 5 + (connected.report.song is None)

    async def theirs(_: Player, heard: Told, __: World) -> None:
        [connected] = [event for event in heard.events if isinstance(event, PlayerConnected)]
        assert not connected.report.ours

    assert acts(tell(make_world((older, newer), SONGS[:6]), ours)) == []
    assert acts(tell(make_world((older, newer), SONGS), theirs)) == []
