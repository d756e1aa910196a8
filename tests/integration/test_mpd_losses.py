"""Losses of a real MPD, and its refusals."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import mpd
import pytest
from support.heard import Heard
from support.mpd_story import BACK_WITHIN, SONGS, Told, acts, drawn, player_on, queue, tell
from support.servers import RealMpd, free_port

from moodspeaker.adapters.mpd import connection
from moodspeaker.adapters.mpd import player as adapter
from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.player import (
    PlayerChanged,
    PlayerConnected,
    PlayerLost,
    PlayState,
)
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from moodspeaker.domain.song import Programme


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_killed_and_started_again_it_is_empty_and_stopped(
    server: RealMpd, player: MpdPlayer, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        for _ in range(3):
            await player.play(drawn(*SONGS[:3]))
            server.kill()
            await heard.next(PlayerLost)
            await asyncio.sleep(1)
            server.start()
            report = (await heard.next(PlayerConnected, within=BACK_WITHIN)).report
            assert (report.state, report.length) == (PlayState.STOP, 0)
        await player.play(drawn(*SONGS[3:]))
        assert (await heard.next(PlayerChanged)).report.ours
        assert queue(server) == SONGS[3:]

    heard = tell(player, story)
    assert acts(heard) == []
    assert [type(event) for event in heard.events].count(PlayerLost) == 3, (
        "a loss is told once, however long it lasts"
    )
    assert [record for record in caplog.records if record.name == "asyncio"] == []


def test_killed_with_an_older_queue_saved_it_comes_back_with_ours(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:3]))
        server.stop()  # it saves its queue as it ends
        await heard.next(PlayerLost)
        saved = (server.root / "state").read_bytes()
        server.start()
        await heard.next(PlayerConnected, within=BACK_WITHIN)
        await player.play(drawn(*SONGS[3:]))
        server.kill()
        await heard.next(PlayerLost)
        (server.root / "state").write_bytes(saved)
        server.start()
        report = (await heard.next(PlayerConnected, within=BACK_WITHIN)).report
        assert (report.ours, report.programme) == (True, 1)
        assert queue(server) == SONGS[:3]

    assert acts(tell(player, story)) == []


def test_killed_in_the_midst_of_our_commands_it_is_only_lost(
    server: RealMpd, player: MpdPlayer, caplog: pytest.LogCaptureFixture
) -> None:
    async def command(player: MpdPlayer) -> None:
        with contextlib.suppress(PlayerError):
            while True:
                await player.play(drawn(*SONGS * 50))

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
            commanding = asyncio.create_task(player.play(drawn(*SONGS * 50)))
            await asyncio.sleep(0.002 * turn)
            commanding.cancel()
            await asyncio.gather(commanding, return_exceptions=True)
            await asyncio.sleep(0.3)
        await player.play(drawn(*SONGS))

    assert acts(tell(player, story)) == []


def test_ended_and_started_again_it_plays_on(server: RealMpd, player: MpdPlayer) -> None:
    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(drawn(*SONGS[:3]), 1)
        server.restart()
        await heard.next(PlayerLost)
        report = (await heard.next(PlayerConnected, within=BACK_WITHIN)).report
        assert report.song is not None
        assert (report.state, report.ours, report.song.uri) == (PlayState.PLAY, True, SONGS[1])

    assert acts(tell(player, story)) == []


def test_a_queue_edited_while_we_were_away_is_not_ours(server: RealMpd) -> None:
    with server.client() as client:
        for uri in SONGS[:3]:
            client.add(uri)

    def is_ours(*programmes: Programme) -> bool:
        async def story(_: MpdPlayer, heard: Told) -> None:
            await heard.next(PlayerConnected)

        heard = tell(player_on(server, programmes), story)
        assert acts(heard) == []
        return next(event.report.ours for event in heard.events if isinstance(event, PlayerConnected))

    assert not is_ours()
    assert not is_ours(drawn(*SONGS[3:]))
    assert is_ours(drawn(*SONGS[:3]))
    assert is_ours(drawn(*SONGS[:5])), "what is left of ours is still ours"
    assert is_ours(drawn(*SONGS[:1]), drawn(*SONGS[1:4], number=2))


def test_a_server_that_hangs_is_lost_and_found(
    server: RealMpd, player: MpdPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_TIMEOUT", 2.0)
    monkeypatch.setattr(adapter, "PULSE", 0.5)

    async def story(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        server.freeze()
        lost = await heard.next(PlayerLost)
        assert "does not answer" in lost.reason
        with pytest.raises(PlayerError, match="answer"):
            await player.play(drawn(*SONGS))
        server.thaw()
        await heard.next(PlayerConnected, within=BACK_WITHIN)
        await player.play(drawn(*SONGS))

    tell(player, story)


def test_a_command_to_a_hanging_server_ends_in_time_and_blocks_nothing(
    server: RealMpd, player: MpdPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_TIMEOUT", 1.0)

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
            await player.play(drawn(*SONGS))
        assert time.monotonic() - begun < 5
        assert turns > 20
        turning.cancel()
        await heard.next(PlayerLost)
        server.thaw()
        await heard.next(PlayerConnected, within=BACK_WITHIN)

    tell(player, story)


@contextlib.asynccontextmanager
async def losing_answers(server: RealMpd, since: int) -> AsyncIterator[str]:
    """Yield a socket before a server; what it answers is lost from the order on that adds so many songs."""
    added = 0

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, orders = await asyncio.open_unix_connection(str(server.socket))
        begun = added

        async def answer() -> None:
            while read := await answers.read(4096):
                if added == begun or added < since:
                    writer.write(read)

        answering = asyncio.create_task(answer())
        while read := await reader.read(4096):
            count(read)
            orders.write(read)
        answering.cancel()
        for stream in (orders, writer):
            stream.close()
            await stream.wait_closed()

    def count(read: bytes) -> None:
        nonlocal added
        added += read.count(b"addid")

    path = str(server.root / "relay.sock")
    async with await asyncio.start_unix_server(pass_on, path):
        yield path


@pytest.mark.parametrize(("since", "state"), [(1, PlayState.STOP), (2, PlayState.PLAY)])
def test_what_was_done_though_the_answer_was_lost_is_nobodys_act(
    since: int, state: PlayState, server: RealMpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that has to spin up first: MPD does it, but later than the answer was waited for."""
    monkeypatch.setattr(connection, "READ_TIMEOUT", 2.0)

    async def story() -> None:
        async with losing_answers(server, since) as socket:
            heard: Told = Heard()
            running = asyncio.create_task((player := MpdPlayer(MpdSettings(host=socket))).run(heard))
            await heard.next(PlayerConnected)
            with pytest.raises(PlayerError, match="does not answer"):
                await player.play(drawn(*SONGS))
            report = (await heard.next(PlayerConnected, within=BACK_WITHIN)).report
            assert (report.state, report.ours) == (state, True)
            assert acts(heard) == []
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await asyncio.sleep(0.1)  # the relay sees it

    asyncio.run(story())


def test_after_a_power_cut_an_older_queue_is_ours(server: RealMpd) -> None:
    settings = MpdSettings(host=str(server.socket))
    older, newer = drawn(*SONGS[:3]), drawn(*SONGS[3:], number=2)

    async def play(player: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)
        await player.play(older)
        server.stop()  # it saves its queue as it ends
        await heard.next(PlayerLost)
        saved = (server.root / "state").read_bytes()
        server.start()
        await heard.next(PlayerConnected, within=BACK_WITHIN)
        await player.play(newer)
        server.kill()
        (server.root / "state").write_bytes(saved)

    async def come_back(_: MpdPlayer, heard: Told) -> None:
        report = (await heard.next(PlayerConnected)).report
        assert (report.state, report.ours, report.programme) == (PlayState.PLAY, True, 1)

    tell(MpdPlayer(settings), play)
    server.start()
    assert acts(tell(MpdPlayer(settings, (older, newer)), come_back)) == []


@pytest.mark.parametrize(
    ("greeting", "named"),
    [(b"", "max_connections"), (b"HTTP/1.1 400 Bad Request\r\n\r\n", "another service answers there")],
)
def test_what_is_no_mpd_or_has_no_room_is_named(greeting: bytes, named: str) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async def both() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
            port = other.sockets[0].getsockname()[1]
            heard = Told()
            running = asyncio.create_task(MpdPlayer(MpdSettings(host="127.0.0.1", port=port)).run(heard))
            assert named in (await heard.next(PlayerLost)).reason
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(both())


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

    tell(player_on(server), story)
    server.kill()


def test_it_connects_over_tcp_and_by_discovery(server: RealMpd, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(_: MpdPlayer, heard: Told) -> None:
        await heard.next(PlayerConnected)

    tell(MpdPlayer(MpdSettings(host="127.0.0.1", port=server.port)), story)
    monkeypatch.setenv("MPD_HOST", str(server.socket))
    tell(MpdPlayer(MpdSettings()), story)


def test_cancelled_it_leaves_no_socket_open(player: MpdPlayer) -> None:
    async def both() -> None:
        heard = Told()
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


def test_a_refusal_of_a_kind_that_nobody_knows_is_one() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"OK MPD 0.19.0\n")
        while await reader.readline():
            writer.write(b"ACK [0@0] {sticker} Not implemented\n")
        writer.close()
        gone.set()

    async def story() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", port := free_port()):
            client = connection.Client()
            await client.connect("127.0.0.1", port)
            [answer] = await connection.ask(client, ("sticker_list", "song", "a.ogg"))
            assert isinstance(answer, connection.Refusal)
            assert (answer.reason, answer.permission) == ("Not implemented", False)
            client.disconnect()
            await gone.wait()

    gone = asyncio.Event()
    asyncio.run(story())


def test_a_disconnection_in_the_moment_of_a_command_is_quiet(server: RealMpd) -> None:
    complaints: list[object] = []

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        client = connection.Client()
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
