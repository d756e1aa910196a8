"""The speaker's end of the vision socket, with children that misbehave at their start."""

from __future__ import annotations

import asyncio
import os
import sys
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from support.heard import Heard

from moodspeaker.adapters import vision_client
from moodspeaker.adapters.vision_client import VisionClient
from moodspeaker.domain.observation import ModelVersions, Observation, VisionLost
from moodspeaker.wire import Hello, Look, encode

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path


def told(root: Path, script: str, times: int = 1) -> list[VisionLost]:
    """Return what is told of a child that runs this script in the place of vision."""
    heard: Heard[object] = Heard()

    async def story() -> list[VisionLost]:
        client = VisionClient(root / "vision.sock", [sys.executable, "-c", script], Random(0))
        running = asyncio.create_task(client.run(heard))
        try:
            return [await heard.next(VisionLost, within=20) for _ in range(times)]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    return asyncio.run(story())


def test_a_child_that_ends_at_its_start_is_named_with_its_exit_code_and_started_again(root: Path) -> None:
    first, second = told(root, "import sys; sys.exit(2)", times=2)
    assert first.reason == second.reason
    assert "exit code 2" in first.reason


def test_a_child_that_does_not_listen_is_killed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision_client, "SILENCE", 1.0)
    pid = root / "pid"
    [lost] = told(root, f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    assert "did not listen within 1 s" in lost.reason
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_a_child_that_takes_its_time_to_end_is_told_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision_client, "SILENCE", 2.0)
    listener = (
        "import os, socket, time\n"
        f"path, ended = {str(root / 'vision.sock')!r}, {str(root / 'ended')!r}\n"
        "link = socket.socket(socket.AF_UNIX); link.bind(path); link.listen()\n"
        "client, _ = link.accept(); client.recv(4096); time.sleep(1.5); os.unlink(path)\n"
        "client.close(); link.close()\n"
        "time.sleep(1.5); open(ended, 'w').close()\n"
    )
    first, second = told(root, listener, times=2)
    assert first.reason == second.reason == "the vision process ended: it is started again"
    assert (root / "ended").exists(), "it was not killed while it ended"


def test_a_child_that_cannot_be_started_is_told_and_tried_again(root: Path) -> None:
    async def story() -> None:
        heard: Heard[object] = Heard()
        running = asyncio.create_task(
            VisionClient(root / "vision.sock", [str(root / "missing")], Random(0)).run(heard)
        )
        for _ in range(2):
            assert "cannot be started: No such file" in (await heard.next(VisionLost, within=20)).reason
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())


def test_a_look_is_taken_without_a_task_of_its_own(root: Path) -> None:
    looks = [Look(Observation(float(at), ())) for at in range(20)]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode(Hello(ModelVersions())))
        for look in looks:
            writer.write(encode(look))
        await reader.read()
        writer.close()

    async def story() -> list[str]:
        heard: Heard[object] = Heard()
        server = await asyncio.start_unix_server(serve, root / "vision.sock")
        running = asyncio.create_task(VisionClient(root / "vision.sock", None, Random(0)).run(heard))
        await heard.next(Hello, within=20)
        made: list[str] = []

        def count(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
            made.append(coroutine.__qualname__)
            return asyncio.Task(coroutine, loop=loop)

        asyncio.get_running_loop().set_task_factory(count)
        assert [await heard.next(Look, within=20) for _ in looks] == looks
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.close()
        return [name for name in made if "read" in name]

    assert asyncio.run(story()) == []
