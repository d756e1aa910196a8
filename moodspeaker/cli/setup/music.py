"""The music server, asked by the speaker where one runs, else by ourselves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.errors import DaemonError, PlayerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from moodspeaker.adapters.mpd.player import MpdPlayer
    from moodspeaker.cli.doctor.finding import Check
    from moodspeaker.config.schema import Config
    from moodspeaker.domain.player import PlayerEvent

FOUND_WITHIN: Final = 40.0
"""Seconds in which a running speaker tries a music server again that was gone, with some to spare."""
ANSWER_SECONDS: Final = 8.0
"""How long a music server may take to greet."""


class AskedMusic:
    """What the dialogue asks of the music server."""

    def __init__(self, config: Config) -> None:
        """Take where it is."""
        self._config = config

    def wait(self) -> None:
        """Wait until a speaker that runs has found the music server again, which was started again."""
        from moodspeaker.cli.client import ask

        until = time.monotonic() + FOUND_WITHIN
        with contextlib.suppress(DaemonError):  # none runs
            while ask(self._config.api_socket, "/api/status")["player"]["state"] == "down":
                if time.monotonic() >= until:
                    return
                time.sleep(0.2)

    def volume(self) -> int | None:
        """Return the volume in percent, None where there is none; raise PlayerError."""
        from moodspeaker.adapters.mpd.address import addresses
        from moodspeaker.adapters.mpd.connection import connected
        from moodspeaker.adapters.mpd.outputs import sounding

        async def ask() -> int | None:
            link = await connected(self._config.mpd, addresses(self._config.mpd, os.environ))
            try:
                with link.translated():
                    return (await sounding(link.client)).volume
            finally:
                link.close()

        return asyncio.run(ask())

    def set_volume(self, percent: int) -> None:
        """Set the volume; raise DaemonError or PlayerError."""
        if self._speaker("/api/command", {"volume": percent}) is None:
            self._alone(lambda player: player.set_volume(percent))

    def chime(self) -> str:
        """Play the chime; return where it went.  Raises DaemonError or PlayerError."""
        told = self._speaker("/api/chime", {})
        if told is not None:
            return _named((row["name"], row["plugin"], row["on"]) for row in told["outputs"])
        outputs = self._alone(lambda player: player.chime())
        return _named((output.name, output.plugin, output.on) for output in outputs)

    def check(self) -> Check:
        """Return what the doctor says of the sound."""
        from moodspeaker.cli.doctor import sound

        return sound.output(self._config)

    def _speaker(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Return the running speaker's answer, None where none runs; raise DaemonError where it refuses."""
        from moodspeaker.cli.client import NotRunning, post

        try:
            return post(self._config.api_socket, path, json.dumps(body))
        except NotRunning:
            return None

    def _alone(self, act: Callable[[MpdPlayer], Awaitable[Any]]) -> Any:  # noqa: ANN401 - what `act` returns
        """Connect to the music server, act, and go."""
        from moodspeaker.adapters.mpd.player import MpdPlayer
        from moodspeaker.domain.player import PlayerConnected, PlayerLost

        player = MpdPlayer(self._config.mpd)

        async def ask() -> Any:  # noqa: ANN401 - as above
            greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

            def hear(event: PlayerEvent) -> None:
                if greeted.done():
                    return
                if isinstance(event, PlayerConnected):
                    greeted.set_result(None)
                elif isinstance(event, PlayerLost):
                    greeted.set_exception(PlayerError(event.reason))

            running = asyncio.create_task(player.run(hear))
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await greeted
                return await act(player)
            except TimeoutError:
                message = f"MPD does not answer within {ANSWER_SECONDS:g} s: moodspeaker doctor"
                raise DaemonError(message) from None
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        return asyncio.run(ask())


def _named(outputs: Iterable[tuple[str, str, bool]]) -> str:
    """Return the names of the outputs that are on."""
    on = [f"{name} ({plugin})" if plugin else name for name, plugin, is_on in outputs if is_on]
    return ", ".join(on) or "no output at all"
