"""Settings over HTTP, live in the whole daemon, and through a power cut."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import signal
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from support.fake_daemon import FakeDaemon
from support.fake_daemon import settings as web_settings
from support.speaker_process import SpeakerProcess, eventually
from support.web_api import FORM, JSON, ask, serve

from moodspeaker.cli import main
from moodspeaker.config import overlay
from moodspeaker.config.overlay import Overlay
from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import CameraState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from moodspeaker.web.app import Api

GLAD = Probabilities(0.02, 0.01, 0.03, 0.8, 0.04, 0.05, 0.05)
GLUM = Probabilities(0.04, 0.01, 0.03, 0.02, 0.8, 0.02, 0.08)


def day(parts: Sequence[tuple[int, Probabilities]]) -> list[LookRecord]:
    """Return a look a second, ending now; each part lasts some seconds and shows a face."""
    faces = [face for seconds, face in parts for _ in range(seconds)]
    begin = time.time() - len(faces)
    return [
        LookRecord(Moment(float(place), begin + place), CameraState.OK, (face,))
        for place, face in enumerate(faces)
    ]


def value(answer: Any, key: str) -> Any:  # noqa: ANN401 - JSON
    return next(one["value"] for one in answer["settings"] if one["key"] == key)


@pytest.mark.parametrize(
    ("body", "status", "error", "message"),
    [
        ({"mood.dwell": 9999}, 400, "setting", "mood.dwell = 9999: it should be less than or equal to 3600"),
        ({"mood.dwell": True}, 400, "setting", "mood.dwell = true: it should be a number"),
        ({"mood.dwel": 9}, 400, "setting", "unknown key mood.dwel: did you mean mood.dwell?"),
        ({"web.host": "x"}, 400, "setting", "web.host is not for the page: change it in config.toml"),
        ({"mood.merge": {}}, 400, "setting", "send an object such as"),
        ([], 400, "setting", "send an object such as"),
        (
            {"mood.shown": 0.8, "mood.resting": 0.3},
            409,
            "conflict",
            "shown + resting = 1.1: keep them below 1",
        ),
        ({"mood.resting": 0.5}, 409, "conflict", "mood.shown + resting = 1.1"),
        ({"mood.resting": 0.5, "mood.gap": 99}, 400, "setting", "mood.gap = 99"),
        ({"listen.quiet": "late"}, 400, "setting", "write HH:MM-HH:MM, such as 22:00-07:00, or nothing"),
    ],
)
def test_what_is_refused_has_its_cure(
    root: Path, body: object, status: int, error: str, message: str
) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        answered, told = await ask(root / "api.sock", "POST", "/api/settings", json=body)
        assert (answered, told["error"]) == (status, error)
        assert message in told["message"]
        assert not (root / "state" / overlay.FILE).exists()

    serve(web_settings(root), story)


def test_a_change_an_undo_and_what_neither_may_be(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        where = root / "api.sock"
        status, told = await ask(where, "POST", "/api/settings", json={"mood.dwell": 40, "mood.gap": None})
        assert (status, value(told, "mood.dwell"), told["undo"]) == (200, 40.0, {"mood.dwell": 20.0})
        assert (await ask(where, "GET", "/api/settings"))[1] == told
        status, told = await ask(where, "POST", "/api/settings/undo", json={})
        assert (status, value(told, "mood.dwell"), told["undo"]) == (200, 20.0, {})
        status, told = await ask(where, "POST", "/api/settings/undo", json={})
        assert (status, told["error"]) == (409, "conflict")
        assert (await ask(where, "POST", "/api/settings", data=b"{}", headers=FORM))[0] == 415
        assert (await ask(where, "POST", "/api/settings", data=b"{", headers=JSON))[0] == 400
        (root / "state" / overlay.FILE).unlink()
        (root / "state").rmdir()
        status, told = await ask(where, "POST", "/api/settings", json={"mood.dwell": 40})
        assert (status, told["error"]) == (503, "store")

    serve(web_settings(root), story)


def test_the_day_is_told_with_other_settings(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        where = root / "api.sock"
        daemon.sad_music = {"name": "sad", "rule": "genre", "songs": 3}
        daemon.seen = day([(590, GLAD), *[(60, GLUM), (60, GLAD)] * 5, (600, GLAD)])
        status, told = await ask(where, "POST", "/api/settings/replay", json={"mood.confirm": 90})
        assert (status, told["looks"]) == (200, 1790)
        assert told["now"]["changes"] == 11
        assert told["then"]["changes"] == 1
        assert (told["now"]["switches"], told["then"]["switches"]) == (2, 0)
        _, at_once = await ask(where, "POST", "/api/settings/replay", json={"music.switch": "now"})
        assert (at_once["now"]["switches"], at_once["then"]["switches"]) == (2, 10)
        assert [stretch["mood"] for stretch in told["then"]["strip"]] == ["unsure", "happy"]
        assert told["begin"] == told["now"]["strip"][0]["at"]
        assert daemon.settings.in_force.config.mood.confirm == 3
        status, told = await ask(where, "POST", "/api/settings/replay", json={"hold.minutes": 9})
        assert (status, told["error"]) == (400, "setting")
        daemon.seen = []
        status, told = await ask(where, "POST", "/api/settings/replay", json={})
        assert (status, told["looks"], told["begin"], told["then"]["strip"]) == (200, 0, None, [])

    serve(web_settings(root), story)


def test_a_replay_of_a_whole_day_lets_others_have_their_answers(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.seen = day([(1200, GLAD), (1200, GLUM)] * 6)
        connector = aiohttp.UnixConnector(str(root / "api.sock"))
        async with aiohttp.ClientSession(connector=connector) as session:
            asked = session.post("http://localhost/api/settings/replay", json={"mood.dwell": 600})
            replay = asyncio.ensure_future(asked.__aenter__())
            waits = []
            while not replay.done():
                begun = time.perf_counter()
                async with session.get("http://localhost/healthz") as answer:
                    assert answer.status == 200
                waits.append(time.perf_counter() - begun)
                await asyncio.sleep(0.02)
            assert (await replay).status == 200
            assert len(waits) > 5
            assert max(waits) < 0.25

    serve(web_settings(root), story)


def test_a_change_is_in_force_at_once_and_after_a_power_cut(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = root / "config.toml"
    file.write_text("[mood]\ndwell = 30\n", encoding="utf-8")
    speaker = SpeakerProcess(root, ["camera.source=none", "mpd.host="])
    speaker.argv += ["--config", str(file)]
    words = [
        "--config",
        str(file),
        "--set",
        f"paths.runtime={root / 'run'}",
        "--set",
        f"paths.state={root / 'state'}",
    ]
    with speaker:
        assert value(speaker.ask("/api/settings", {"mood.dwell": 41, "hold.minutes": 5}), "mood.dwell") == 41
        assert speaker.ask("/api/config")["in_force"]["mood"]["dwell"] == 41
        assert "settings changed: hold.minutes = 5.0, mood.dwell = 41.0" in speaker.log.read_text()
        assert main(["config", "show", *words]) == 0
        shown = capsys.readouterr().out
        assert "dwell = 41.0  # changed on the page; without that 30.0" in shown
        assert "minutes = 5.0  # changed on the page; without that 30.0" in shown
        speaker.kill()
        assert main(["config", "show", *words]) == 0
        assert "dwell = 41.0  # changed on the page; without that 30.0" in capsys.readouterr().out
        speaker.start()
        assert speaker.ask("/api/config")["in_force"]["mood"]["dwell"] == 41
        assert speaker.process is not None
        file.write_text("[mood]\ndwell = 35\n", encoding="utf-8")
        speaker.process.send_signal(signal.SIGHUP)
        eventually(lambda: speaker.ask("/api/config")["page"]["mood.dwell"] == 35, 10, "the reload")
        assert speaker.ask("/api/config")["in_force"]["mood"]["dwell"] == 41


def test_a_change_that_no_longer_fits_is_left_out_and_the_daemon_starts(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "state").mkdir()
    kept = {"settings": {"mood.dwell": 99999, "mood.gap": 5}, "undo": []}
    (root / "state" / overlay.FILE).write_text(json.dumps(kept), encoding="utf-8")
    reason = (
        "mood.dwell = 99999: it should be less than or equal to 3600; it is left out: change it on the page"
    )
    with SpeakerProcess(root, ["camera.source=none", "mpd.host="]) as speaker:
        assert speaker.status()["config"]["left_out"] == [f"{root / 'state' / overlay.FILE}: {reason}"]
        assert speaker.log.read_text().count(reason) == 1
        in_force = speaker.ask("/api/config")["in_force"]["mood"]
        assert (in_force["dwell"], in_force["gap"]) == (20, 5)
        words = ["--set", f"paths.runtime={root / 'run'}", "--set", f"paths.state={root / 'state'}"]
        assert main(["config", "check", *words]) == 0
        assert reason in capsys.readouterr().err
        assert main(["status", *words]) == 0
        assert reason in capsys.readouterr().out


def write_for_ever(file: Path) -> None:
    page = Overlay()
    for number in range(1_000_000):
        page = page.changed({"mood.dwell": float(number), "mood.gap": float(number)})
        overlay.write(file, page)


def test_a_kill_while_it_is_written_leaves_the_old_or_the_new(root: Path) -> None:
    file = root / overlay.FILE
    begun = 0.0
    for _ in range(8):
        writer = multiprocessing.get_context("spawn").Process(target=write_for_ever, args=(file,))
        writer.start()
        before = overlay.read(file)
        eventually(lambda kept=before: overlay.read(file) != kept, 20, "it writes")
        time.sleep(0.01 * begun)
        writer.kill()
        writer.join()
        page = overlay.read(file)
        assert page.values["mood.dwell"] == page.values["mood.gap"]
        begun += 1
