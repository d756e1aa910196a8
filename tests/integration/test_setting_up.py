"""Aiming, the chime and the checks of the page through the whole daemon: vision, MPD and doctor are real."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from support.servers import RealMpd
from support.speaker_process import SpeakerProcess, eventually
from support.vision_process import write_replay

from moodspeaker.demo.faces import HAPPY, Pose, frame

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def speaker(root: Path) -> Iterator[SpeakerProcess]:
    """A speaker before which a drawn face sits, with an MPD that plays to nowhere."""
    folder = root / "mpd"
    folder.mkdir()
    lines = [{"t": second, "frame": 0} for second in range(600)]
    replay = write_replay(root / "replay", [frame(HAPPY, Pose(), 1)], lines)
    with RealMpd(folder) as server:
        settings = [f"camera.source=replay:{replay}", f"mpd.host={server.socket}"]
        with SpeakerProcess(root, settings) as speaker:
            eventually(lambda: speaker.status()["faces"] == 1, 30, "the face is seen")
            yield speaker


def test_the_box_of_a_drawn_face_is_where_it_is_drawn(root: Path, speaker: SpeakerProcess) -> None:
    async def looks(count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        connector = aiohttp.UnixConnector(str(root / "run" / "api.sock"))
        async with (
            asyncio.timeout(30),
            aiohttp.ClientSession(connector=connector) as session,
            session.get("http://localhost/api/aim") as stream,
        ):
            async for line in stream.content:
                if line.startswith(b"data: "):
                    found.append(json.loads(line[6:]))
                if len(found) == count:
                    break
        return found

    begun = asyncio.run(looks(6))
    face = begun[-1]["faces"][0]
    left, top, width, height = face["box"]
    assert (begun[-1]["width"], begun[-1]["height"]) == (640, 480)
    assert left < Pose().x < left + width
    assert top < Pose().y < top + height
    assert face["large_enough"]


def test_the_chime_is_played_and_the_doctor_tells_where_it_went(speaker: SpeakerProcess) -> None:
    outputs = speaker.ask("/api/chime", {})["outputs"]
    assert [row["name"] for row in outputs if row["on"]] == ["nowhere"]
    assert speaker.status()["player"]["state"] == "stop"
    [check] = speaker.ask("/api/checks/sound", {})["checks"]
    assert (check["name"], check["verdict"]) == ("output", "warn")
    assert "nowhere (null), which is no loudspeaker" in check["message"]


def test_each_part_is_looked_at_by_the_doctor_with_the_daemons_own_settings(speaker: SpeakerProcess) -> None:
    player = {check["name"]: check for check in speaker.ask("/api/checks/player", {})["checks"]}
    assert player["player"]["message"] == "MPD answers"
    assert player["music"]["verdict"] == "fault"
    [broker] = speaker.ask("/api/checks/broker", {})["checks"]
    assert broker == {"name": "broker", "verdict": "ok", "message": "off: mqtt.host is empty"}
