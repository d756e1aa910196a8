"""The door to MPD against a real one: losses and refusals, what is nobody's act, and the music of the
moods.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import mpd
import pytest
from support.heard import Heard
from support.servers import RealMpd, radio

from moodspeaker.adapters import mpd as adapter
from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.player import (
    Act,
    MusicChanged,
    PersonActed,
    PlayerChanged,
    PlayerConnected,
    PlayerEvent,
    PlayerLost,
    PlayState,
)
from moodspeaker.domain.song import Source
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from mpd.asyncio import MPDClient

Told: TypeAlias = Heard[PlayerEvent]
Story: TypeAlias = "Callable[[MpdPlayer, Told], Awaitable[None]]"
SONGS = tuple(f"songs/{number}.wav" for number in range(6))
BACK_WITHIN = 10.0
"""Seconds in which the player is back after its server is."""


def tell(player: MpdPlayer, story: Story) -> Told:
    """Run a story beside the running player; return what was heard."""
    heard: Told = Heard()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(player.run(heard))
            await story(player, heard)
            running.cancel()

    asyncio.run(both())
    return heard


def plays(uri: str) -> Callable[[PlayerChanged], bool]:
    """Return a test for events whose current song is this one."""
    return lambda event: event.report.song is not None and event.report.song.uri == uri


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def acts(heard: Told) -> list[Act]:
    return [event.act for event in heard.events if isinstance(event, PersonActed)]


@pytest.fixture
def server(mpd_server: RealMpd) -> RealMpd:
    """A running MPD with SONGS."""
    for uri in SONGS:
        mpd_server.add_song(uri)
    mpd_server.update()
    return mpd_server


@pytest.fixture
def player(server: RealMpd) -> MpdPlayer:
    return MpdPlayer(MpdSettings(host=str(server.socket)))


# --- losses
# ---------------------------------------------------------------------------------------------------------


def test_killed_and_started_again_it_is_empty_and_stopped(
    server: RealMpd, player: MpdPlayer, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        for _ in range(3):
            await player.play(SONGS[:3])
            server.kill()
            await heard.next(PlayerLost)
            await asyncio.sleep(1)
            server.start()
            report = (await heard.next(PlayerConnected, within=BACK_WITHIN)).report
            assert (report.state, report.queue) == (PlayState.STOP, ())
        await player.play(SONGS[3:])
        assert (await heard.next(PlayerChanged)).report.queue == SONGS[3:]

    heard = tell(player, story)
    assert acts(heard) == []
    assert [type(event) for event in heard.events].count(PlayerLost) == 3, (
        "a loss is told once, however long it lasts"
    )
    assert [record for record in caplog.records if record.name == "asyncio"] == []


def test_killed_with_an_older_queue_saved_it_comes_back_with_ours(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS[:3])
        server.stop()  # it saves its queue as it ends
        await heard.next(PlayerLost)
        saved = (server.root / "state").read_bytes()
        server.start()
        await heard.next(PlayerConnected, within=BACK_WITHIN)
        await player.play(SONGS[3:])
        server.kill()
        await heard.next(PlayerLost)
        (server.root / "state").write_bytes(saved)
        server.start()
        assert (await heard.next(PlayerConnected, within=BACK_WITHIN)).report.queue == SONGS[:3]

    assert acts(tell(player, story)) == []


def test_killed_in_the_midst_of_our_commands_it_is_only_lost(
    server: RealMpd, player: MpdPlayer, caplog: pytest.LogCaptureFixture
) -> None:
    async def command(player: MpdPlayer) -> None:
        with contextlib.suppress(PlayerError):
            while True:
                await player.play(SONGS * 50)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        for _ in range(3):
            commanding = asyncio.create_task(command(player))
            await asyncio.sleep(0.15)
            server.kill()
            await commanding
            await heard.next(PlayerLost)
            server.start()
            await heard.next(PlayerConnected, within=BACK_WITHIN)

    assert acts(tell(player, story)) == []
    assert [record.message for record in caplog.records if record.name == "asyncio"] == []


def test_a_command_that_was_cancelled_blames_nobody(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        for turn in range(5):
            commanding = asyncio.create_task(player.play(SONGS * 50))
            await asyncio.sleep(0.002 * turn)
            commanding.cancel()
            await asyncio.gather(commanding, return_exceptions=True)
            await asyncio.sleep(0.3)
        await player.play(SONGS)

    assert acts(tell(player, story)) == []


def test_ended_and_started_again_it_plays_on(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS[:3], 1)
        server.restart()
        await heard.next(PlayerLost)
        report = (await heard.next(PlayerConnected, within=BACK_WITHIN)).report
        assert report.song is not None
        assert (report.state, report.queue, report.song.uri) == (PlayState.PLAY, SONGS[:3], SONGS[1])

    assert acts(tell(player, story)) == []


def test_a_queue_edited_while_we_were_away_is_a_persons(server: RealMpd) -> None:
    with server.client() as client:
        for uri in SONGS[:3]:
            client.add(uri)

    async def story(_: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await asyncio.sleep(0.2)

    settings = MpdSettings(host=str(server.socket))
    assert acts(tell(MpdPlayer(settings, ours=SONGS[3:]), story)) == [Act.QUEUE]
    assert acts(tell(MpdPlayer(settings, ours=SONGS[:3]), story)) == []
    assert acts(tell(MpdPlayer(settings, ours=SONGS[:5]), story)) == [], "what is left of ours is still ours"
    assert acts(tell(MpdPlayer(settings), story)) == [], (
        "at the very first contact nobody can tell whose it is"
    )


def test_a_server_that_hangs_is_lost_and_found(
    server: RealMpd, player: MpdPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "READ_TIMEOUT", 2.0)
    monkeypatch.setattr(adapter, "PULSE", 0.5)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        server.freeze()
        lost = await heard.next(PlayerLost)
        assert "does not answer" in lost.reason
        with pytest.raises(PlayerError, match="answer"):
            await player.play(SONGS)
        server.thaw()
        await heard.next(PlayerConnected, within=BACK_WITHIN)
        await player.play(SONGS)

    tell(player, story)


def test_a_command_to_a_hanging_server_ends_in_time_and_blocks_nothing(
    server: RealMpd, player: MpdPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "READ_TIMEOUT", 1.0)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        server.freeze()
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        turning = asyncio.create_task(turn())
        begun = time.monotonic()
        with pytest.raises(PlayerError, match="does not answer"):
            await player.play(SONGS)
        assert time.monotonic() - begun < 5
        assert turns > 20
        turning.cancel()
        await heard.next(PlayerLost)
        server.thaw()
        await heard.next(PlayerConnected, within=BACK_WITHIN)

    tell(player, story)


def test_an_absent_server_is_found_when_it_comes(root: Path) -> None:
    server = RealMpd(root)

    async def story(player: MpdPlayer, heard: Told) -> None:
        lost = await heard.next(PlayerLost)
        assert str(server.socket) in lost.reason
        assert "mpd.host" in lost.reason
        with pytest.raises(PlayerError, match="no MPD answers"):
            await player.unpause()
        server.start()
        await heard.next(PlayerConnected, within=BACK_WITHIN)

    tell(MpdPlayer(MpdSettings(host=str(server.socket))), story)
    server.kill()


def test_it_connects_over_tcp_and_by_discovery(server: RealMpd, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(_: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)

    tell(MpdPlayer(MpdSettings(host="127.0.0.1", port=server.port)), story)
    monkeypatch.setenv("MPD_HOST", str(server.socket))
    tell(MpdPlayer(MpdSettings()), story)


def test_cancelled_it_leaves_no_socket_open(player: MpdPlayer) -> None:
    async def both() -> None:
        heard: Told = Heard()
        running = asyncio.create_task(player.run(heard))
        await heard.next(PlayerConnected)
        before = open_files()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.sleep(0.1)
        assert open_files() == before - 2
        assert len(asyncio.all_tasks()) == 1
        with pytest.raises(PlayerError, match="no longer connected"):
            await player.pause()

    asyncio.run(both())


# --- passwords
# ------------------------------------------------------------------------------------------------------


@pytest.fixture
def locked(root: Path) -> Iterator[RealMpd]:
    """A running MPD that wants a password."""
    with RealMpd(root, password="open sesame") as server:
        server.add_song("one.wav")
        server.update()
        yield server


def test_a_missing_password_is_named_with_its_cure(locked: RealMpd) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        lost = await heard.next(PlayerLost)
        assert "password" in lost.reason
        assert "set mpd.password_file" in lost.reason
        assert "\n" not in lost.reason
        with pytest.raises(PlayerError, match=r"mpd\.password_file"):
            await player.play(("one.wav",))

    tell(MpdPlayer(MpdSettings(host=str(locked.socket))), story)


def test_a_wrong_password_is_named_with_its_cure_and_heals(
    locked: RealMpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "REFUSED_RETRY", 0.5)
    secret = locked.root / "password"
    secret.write_text("open barley\n", encoding="utf-8")

    async def story(player: MpdPlayer, heard: Told) -> None:
        lost = await heard.next(PlayerLost)
        assert "refuses the password" in lost.reason
        assert "mpd.password_file" in lost.reason
        await asyncio.sleep(1.2)
        assert not heard.unread(), "a refusal is told once"
        secret.write_text("open sesame\n", encoding="utf-8")
        await heard.next(PlayerConnected)
        await player.play(("one.wav",))

    tell(MpdPlayer(MpdSettings(host=str(locked.socket), password_file=str(secret))), story)


def test_a_password_file_that_cannot_be_read_is_named(locked: RealMpd) -> None:
    missing = locked.root / "nowhere"

    async def story(_: MpdPlayer, heard: Told) -> None:
        lost = await heard.next(PlayerLost)
        assert str(missing) in lost.reason
        assert "mpd.password_file" in lost.reason

    tell(MpdPlayer(MpdSettings(host=str(locked.socket), password_file=str(missing))), story)


def test_the_password_in_mpd_host_is_honoured(locked: RealMpd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPD_HOST", f"{locked.password}@127.0.0.1")
    monkeypatch.setenv("MPD_PORT", str(locked.port))

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(("one.wav",))

    tell(MpdPlayer(MpdSettings()), story)


def test_an_empty_password_file_is_no_password(locked: RealMpd) -> None:
    empty = locked.root / "empty"
    empty.touch()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerLost)
        with pytest.raises(PlayerError, match="wants a password"):
            await player.unpause()

    tell(MpdPlayer(MpdSettings(host=str(locked.socket), password_file=str(empty))), story)


# --- what is nobody's act
# -------------------------------------------------------------------------------------------


def test_volume_options_outputs_and_stickers_are_nobodys_act(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS)
        heard.unread()
        with server.client() as client:
            client.setvol(40)
            client.random(1)
            client.random(0)
            client.repeat(1)
            client.repeat(0)
            client.crossfade(2)
            client.crossfade(0)
            client.enableoutput(1)
            client.disableoutput(1)
            client.sticker_set("song", SONGS[0], "rating", "8")
            client.update()
        await asyncio.sleep(1)
        assert heard.unread() == []

    tell(player, story)


def test_songs_that_end_by_themselves_are_nobodys_act(mpd_server: RealMpd) -> None:
    short = tuple(mpd_server.add_song(f"short/{number}.wav", seconds=1.5) for number in range(3))
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(short)
        for uri in short:
            await heard.next(PlayerChanged, where=plays(uri))
        await heard.next(PlayerChanged, where=lambda event: event.report.state is PlayState.STOP)

    assert acts(tell(MpdPlayer(MpdSettings(host=str(mpd_server.socket))), story)) == []


@pytest.mark.parametrize("option", ["consume", "single", "repeat", "random"])
def test_playback_options_are_nobodys_act(mpd_server: RealMpd, option: str) -> None:
    short = tuple(mpd_server.add_song(f"short/{number}.wav", seconds=1.5) for number in range(3))
    mpd_server.update()
    with mpd_server.client() as client:
        getattr(client, option)(1)
        if option == "repeat":
            client.single(1)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(short)
        await asyncio.sleep(4)

    heard = tell(MpdPlayer(MpdSettings(host=str(mpd_server.socket))), story)
    assert acts(heard) == []
    with mpd_server.client() as client:
        assert client.status()[option] == "1", "an option that a person set stays"


def test_a_crossfade_is_nobodys_act(mpd_server: RealMpd) -> None:
    songs = tuple(mpd_server.add_song(f"fade/{number}.wav", seconds=8) for number in range(2))
    mpd_server.update()
    with mpd_server.client() as client:
        client.crossfade(4)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(songs)
        await heard.next(PlayerChanged, within=9, where=plays(songs[1]))

    assert acts(tell(MpdPlayer(MpdSettings(host=str(mpd_server.socket))), story)) == []


def test_a_file_that_cannot_be_played_is_nobodys_act(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        (server.music / SONGS[0]).unlink()
        await player.play(SONGS)
        second = lambda event: event.report.song is not None and event.report.song.uri == SONGS[1]  # noqa: E731 - a condition
        changed = await heard.next(PlayerChanged, where=second)
        assert (changed.report.state, changed.report.queue) == (PlayState.PLAY, SONGS)

    assert acts(tell(player, story)) == []


def test_songs_that_leave_the_library_are_nobodys_act(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS)
        (server.music / SONGS[3]).unlink()
        server.update()
        await heard.next(PlayerChanged, where=lambda event: SONGS[3] not in event.report.queue)

    assert acts(tell(player, story)) == []


# --- what is a person's
# ---------------------------------------------------------------------------------------------


def test_next_in_random_order_is_next(server: RealMpd, player: MpdPlayer) -> None:
    with server.client() as client:
        client.random(1)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS)
        for act in ("next", "next", "previous"):
            with server.client() as client:
                getattr(client, act)()
            await heard.next(PersonActed)

    assert acts(tell(player, story)) == [Act.NEXT, Act.NEXT, Act.PREVIOUS]


def test_next_while_songs_are_consumed_is_next(server: RealMpd, player: MpdPlayer) -> None:
    with server.client() as client:
        client.consume(1)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS)
        with server.client() as client:
            client.next()
        acted = await heard.next(PersonActed)
        assert (acted.act, acted.report.queue) == (Act.NEXT, SONGS[1:])

    tell(player, story)


@pytest.mark.parametrize("edit", ["add", "delete", "shuffle", "move"])
def test_every_edit_of_the_queue_is_a_persons(server: RealMpd, player: MpdPlayer, edit: str) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS[:5])
        with server.client() as client:
            match edit:
                case "add":
                    client.add(SONGS[5])
                case "delete":
                    client.delete(3)
                case "shuffle":
                    while tuple(row["file"] for row in client.playlistinfo()) == SONGS[:5]:
                        client.shuffle()
                case "move":
                    client.move(4, 1)
        assert (await heard.next(PersonActed)).act is Act.QUEUE

    assert acts(tell(player, story)) == [Act.QUEUE]


def test_an_endless_stream_of_somebody_else_is_a_queue_of_theirs(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS)
        with server.client() as client:
            client.clear()
            client.add(stream)
            client.play()
        acted = await heard.next(PersonActed)
        assert (acted.act, acted.report.queue) == (Act.QUEUE, (stream,))
        assert acted.report.song is not None
        assert (acted.report.song.seconds, acted.report.song.title) == (None, "stream")

    with radio() as stream:
        assert acts(tell(player, story)) == [Act.QUEUE]


def test_a_person_who_acts_in_the_same_moment_goes_first(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS[:3])
        with server.client() as client:
            client.clear()
            client.add(SONGS[5])
            client.play()
        with pytest.raises(PlayerError, match="person"):
            await player.play(SONGS[3:5])
        acted = await heard.next(PersonActed)
        assert (acted.act, acted.report.queue) == (Act.QUEUE, (SONGS[5],))

    assert acts(tell(player, story)) == [Act.QUEUE]


@pytest.mark.parametrize("method", ["play", "arm"])
@pytest.mark.parametrize("edit", ["clear", "replace", "put first", "put last"])
def test_a_person_who_acts_in_the_midst_of_our_command_loses_nothing(
    server: RealMpd, player: MpdPlayer, method: str, edit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, theirs = adapter._append, SONGS[5]

    async def append_and_be_edited(client: MPDClient, songs: Sequence[str]) -> list[tuple[int, int]]:
        added = await append(client, songs)
        with server.client() as person:
            if edit in {"clear", "replace"}:
                person.clear()
            if edit in {"replace", "put last"}:
                person.add(theirs)
            if edit == "put first":
                person.addid(theirs, 0)
            if edit == "replace":
                person.play()
        return added

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS[:2])
        monkeypatch.setattr(adapter, "_append", append_and_be_edited)
        with contextlib.suppress(PlayerError):  # of songs that are gone
            await getattr(player, method)(SONGS[3:5])
        acted = await heard.next(PersonActed)
        assert acted.act is Act.QUEUE
        assert (theirs in acted.report.queue) is (edit != "clear")
        with server.client() as client:
            assert tuple(row["file"] for row in client.playlistinfo()) == acted.report.queue

    assert acts(tell(player, story)) == [Act.QUEUE]


# --- ours
# -----------------------------------------------------------------------------------------------------------


def test_hundreds_of_songs_take_no_time(mpd_server: RealMpd) -> None:
    songs = tuple(mpd_server.add_song(f"many/{number:03}.wav", seconds=0.1) for number in range(250))
    mpd_server.add_song("long.wav")
    mpd_server.update()

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        begun = time.monotonic()
        await player.play(("long.wav", *songs))
        assert (await heard.next(PlayerChanged)).report.queue == ("long.wav", *songs)
        assert time.monotonic() - begun < 5, "they are sent at once, not one after another"

    assert acts(tell(MpdPlayer(MpdSettings(host=str(mpd_server.socket))), story)) == []


def test_the_music_does_not_stop_while_the_queue_is_changed(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(SONGS[:3])
        await asyncio.sleep(0.5)
        await player.arm(SONGS[3:])
        await asyncio.sleep(0.5)
        with server.client() as client:
            status = client.status()
        assert float(status["elapsed"]) > 0.7
        assert (status["state"], status["song"], status["playlistlength"]) == ("play", "0", "4")

    assert acts(tell(player, story)) == []


# --- the music of the moods
# -----------------------------------------------------------------------------------------


def test_stored_playlist_then_genre_then_folder(mpd_server: RealMpd) -> None:
    for name in ("listed", "tagged", "folder"):
        mpd_server.add_song(f"Happy/{name}.wav", genre="HAPPY" if name == "tagged" else "")
    mpd_server.add_song("else/sad.wav", genre="Sad", title="Rain", artist="Ann")
    mpd_server.add_song("else/not quite.wav", genre="sadness")
    mpd_server.add_song("SAD/folder.wav")
    mpd_server.add_song("fear/deep/down.wav")
    mpd_server.add_song("else/fear/no.wav")
    stream = "http://radio.example/happy"
    mpd_server.store_playlist("mood-happy", ("Happy/listed.wav", stream))
    mpd_server.store_playlist("mood-sad", ())
    mpd_server.update()

    async def story(_: MpdPlayer, heard: Told) -> None:
        music = (await heard.next(MusicChanged)).music
        assert music == {
            Emotion.HAPPY: Source("mood-happy", "stored playlist", ("Happy/listed.wav", stream)),
            Emotion.SAD: Source("genre sad", "genre", ("else/sad.wav",)),
            Emotion.FEAR: Source("folder fear", "folder", ("fear/deep/down.wav",)),
        }

    tell(MpdPlayer(MpdSettings(host=str(mpd_server.socket))), story)


def test_music_that_changes_is_told(server: RealMpd, player: MpdPlayer) -> None:
    async def story(_: MpdPlayer, heard: Told) -> None:
        assert (await heard.next(MusicChanged)).music == {}
        await heard.next(PlayerConnected)
        with server.client() as client:
            client.playlistadd("mood-sad", SONGS[0])
        assert (await heard.next(MusicChanged)).music[Emotion.SAD].songs == (SONGS[0],)
        server.add_song("new.wav", genre="angry")
        server.update()
        assert (await heard.next(MusicChanged)).music[Emotion.ANGRY].rule == "genre"
        with server.client() as client:
            client.playlistadd("party", SONGS[0])
            client.rm("mood-sad")
        assert Emotion.SAD not in (await heard.next(MusicChanged)).music
        await asyncio.sleep(0.5)
        assert heard.unread() == []

    assert acts(tell(player, story)) == []


def test_the_log_tells_a_loss_and_the_recovery_and_nothing_between(
    server: RealMpd, player: MpdPlayer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def story(_: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        server.kill()
        await heard.next(PlayerLost)
        await asyncio.sleep(2)
        server.start()
        await heard.next(PlayerConnected, within=BACK_WITHIN)

    tell(player, story)
    levels = [record.levelname for record in caplog.records if record.name == adapter.__name__]
    assert levels[0] == levels[-1] == "INFO"
    assert levels.count("WARNING") == 1


def test_a_disconnection_in_the_moment_of_a_command_is_quiet(server: RealMpd) -> None:
    complaints: list[object] = []

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        client = adapter._Client()
        await client.connect(str(server.socket), 0)
        await asyncio.sleep(0.05)
        client.status()
        await asyncio.sleep(0)
        client.disconnect()
        for outcome in (["player"], mpd.ConnectionError("lost")):  # of an idle that was answered just before
            answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
            answer.add_done_callback(client._MPDClient__idle_result)
            if isinstance(outcome, list):
                answer.set_result(outcome)
            else:
                answer.set_exception(outcome)
            del answer
        await asyncio.sleep(0.1)
        gc.collect()

    asyncio.run(story())
    assert complaints == []
