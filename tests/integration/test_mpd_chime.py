"""The chime on a real MPD, whatever its options and whoever interferes."""

from __future__ import annotations

import asyncio
import wave
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from support.heard import Heard
from support.player_worlds import HAPPY, HAPPY_SONGS, SONGS
from support.servers import RealMpd

from moodspeaker.adapters.mpd.chime import RATE, SILENCE, SOUND, sound
from moodspeaker.adapters.mpd.player import MpdPlayer
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.player import Act, Output, PersonActed, PlayerConnected, TrackEnded
from moodspeaker.errors import PlayerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from moodspeaker.domain.player import PlayerEvent


@pytest.fixture
def server(root: Path) -> Iterator[RealMpd]:
    server = RealMpd(root)
    for uri in SONGS:
        server.add_song(uri, seconds=60)
    with server:
        yield server


def live(
    server: RealMpd, story: Callable[[MpdPlayer, Heard[PlayerEvent]], Awaitable[None]]
) -> Heard[PlayerEvent]:
    """Run a story beside a player on the server's TCP port."""
    heard: Heard[PlayerEvent] = Heard()
    player = MpdPlayer(MpdSettings(host="127.0.0.1", port=server.port))

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(player.run(heard))
            await heard.next(PlayerConnected)
            await story(player, heard)
            running.cancel()

    asyncio.run(both())
    return heard


def state(server: RealMpd) -> dict[str, Any]:
    """Return MPD's own state, and its queue."""
    with server.client() as client:
        return {**client.status(), "queue": tuple(row["file"] for row in client.playlistinfo())}


def test_it_is_a_wav_that_sounds_first_and_is_silent_then() -> None:
    with wave.open(BytesIO(sound())) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        samples = memoryview(file.readframes(file.getnframes())).cast("h")
    assert len(samples) == round(RATE * (SOUND + SILENCE))
    heard, silent = samples[: round(RATE * SOUND)], samples[round(RATE * SOUND) :]
    assert 6000 < max(heard) < 16000
    assert not any(silent)


@pytest.mark.parametrize("options", [("consume",), ("random", "repeat"), ("single",), ()])
def test_the_music_goes_on_whatever_the_options(server: RealMpd, options: tuple[str, ...]) -> None:
    async def story(player: MpdPlayer, heard: Heard[PlayerEvent]) -> None:
        await player.play(HAPPY)
        with server.client() as client:
            client.seekcur(20)
            for option in options:
                getattr(client, option)(1)
        await heard.next(PersonActed)
        await player.chime()
        after = state(server)
        assert (after["state"], after["queue"], after["song"]) == ("play", HAPPY_SONGS, "0")
        assert 19.5 < float(after["elapsed"]) < 22.5
        assert all(after[option] == "1" for option in options)

    heard = live(server, story)
    assert [event for event in heard.events if isinstance(event, TrackEnded)] == []


def test_a_stopped_queue_keeps_its_place(server: RealMpd) -> None:
    async def story(player: MpdPlayer, _: Heard[PlayerEvent]) -> None:
        await player.chime()
        after = state(server)
        assert (after["state"], after["queue"], after["song"]) == ("stop", SONGS[:3], "1")

    with server.client() as client:
        for uri in SONGS[:3]:
            client.add(uri)
        client.play(1)
        client.stop()
    live(server, story)


async def it_plays(server: RealMpd) -> None:
    """Wait until the chime behind three songs is MPD's current one; MPD fetches it from this loop."""
    async with asyncio.timeout(5):
        while (await asyncio.to_thread(state, server)).get("song") != "3":  # noqa: ASYNC110 - MPD alone tells
            await asyncio.sleep(0.05)


def in_its_midst(server: RealMpd, act: str, *words: object) -> tuple[dict[str, Any], Act]:
    """Let a person act while the chime sounds into music; return MPD's state then, and the act told."""
    found: list[tuple[dict[str, Any], Act]] = []

    async def story(player: MpdPlayer, heard: Heard[PlayerEvent]) -> None:
        await player.play(HAPPY)
        chiming = asyncio.create_task(player.chime())
        await it_plays(server)
        await asyncio.sleep(0.5)
        with server.client() as client:
            getattr(client, act)(*words)
        await chiming
        found.append((state(server), (await heard.next(PersonActed)).act))

    live(server, story)
    [outcome] = found
    assert outcome[0]["queue"] == HAPPY_SONGS
    return outcome


def test_a_song_that_a_person_chooses_in_its_midst_plays(server: RealMpd) -> None:
    now, act = in_its_midst(server, "play", 2)
    assert (now["state"], now["song"], act) == ("play", "2", Act.SONG)


def test_a_pause_in_its_midst_stays(server: RealMpd) -> None:
    now, act = in_its_midst(server, "pause", 1)
    assert (now["state"], now["song"], act) == ("pause", "0", Act.PAUSE)


def test_a_stop_in_its_midst_stays(server: RealMpd) -> None:
    now, act = in_its_midst(server, "stop")
    assert (now["state"], now["song"], act) == ("stop", "0", Act.STOP)


def test_it_tells_where_the_sound_goes(server: RealMpd) -> None:
    async def story(player: MpdPlayer, _: Heard[PlayerEvent]) -> None:
        outputs = await player.chime()
        assert outputs == (Output("nowhere", "null", on=True), Output("elsewhere", "null", on=False))

    live(server, story)


def test_outputs_that_are_switched_off_are_named_with_the_cure_and_the_music_stays(server: RealMpd) -> None:
    async def story(player: MpdPlayer, _: Heard[PlayerEvent]) -> None:
        with server.client() as client:
            client.disableoutput(0)
        with pytest.raises(PlayerError, match=r"the chime is not heard: .*disabled.*mpc enable"):
            await player.chime()
        assert state(server)["queue"] == ()

    live(server, story)


def test_a_chime_that_a_crash_left_in_the_queue_leaves_it_at_the_next_contact(server: RealMpd) -> None:
    theirs = "http://127.0.0.1:9/abcdefghijklmnop/chime.wav"
    with server.client() as client:
        client.add(SONGS[0])
        client.add("http://127.0.0.1:9/abcdefghijkl-_op/moodspeaker-chime.wav")
        client.add(theirs)

    async def story(_: MpdPlayer, heard: Heard[PlayerEvent]) -> None:
        assert state(server)["queue"] == (SONGS[0], theirs)
        [contact] = [event for event in heard.events if isinstance(event, PlayerConnected)]
        assert contact.report.length == 2

    live(server, story)


def test_where_we_end_in_its_midst_the_music_goes_on_without_it(server: RealMpd) -> None:
    async def story() -> None:
        heard: Heard[PlayerEvent] = Heard()
        player = MpdPlayer(MpdSettings(host="127.0.0.1", port=server.port))
        running = asyncio.create_task(player.run(heard))
        await heard.next(PlayerConnected)
        await player.play(HAPPY)
        chiming = asyncio.create_task(player.chime())
        await it_plays(server)
        running.cancel()
        await asyncio.gather(running, chiming, return_exceptions=True)
        after = state(server)
        assert (after["state"], after["queue"], after["song"]) == ("play", HAPPY_SONGS, "0")

    asyncio.run(story())
