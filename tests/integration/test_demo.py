"""The demo: the shipped models read its drawn faces, unhelped; it starts, plays, and leaves nothing
behind.
"""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import browser, showing, write_y4m
from support.servers import free_port, require, short_folder
from support.speaker_process import eventually

from moodspeaker.cli import main
from moodspeaker.demo.faces import HAPPY, Pose, frame
from moodspeaker.demo.scene import ARRIVAL, EVENING, write_replay

SWITCHES_WITHIN = 120.0
"""Seconds of running within which three switches of music are to be seen."""
START_UP = 10.0
"""Seconds of these that may pass before the first look."""


def moodspeaker(*words: str) -> list[str]:
    return [sys.executable, "-m", "moodspeaker", *words]


@pytest.fixture
def temporary() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture
def words() -> list[str]:
    """What the demo is told beside its name."""
    return []


@pytest.fixture
def demo(temporary: Path, words: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A demo on its way, whose temporary folder is our own."""
    require("mpd")
    require("mosquitto")
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        moodspeaker("demo", *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        process_group=0,
    )
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


def lines_until(process: subprocess.Popen[str], wanted: str) -> str:
    """Return what the demo prints until a line with this text."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if wanted in line:
            return said
    pytest.fail(f"the demo ended without {wanted!r}:\n{said}")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def processes_with(text: str) -> list[str]:
    commands = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in command:
            commands.append(command)
    return commands


def test_the_shipped_models_read_the_drawn_faces_in_time() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_replay(folder, SWITCHES_WITHIN)
        answer = subprocess.run(
            moodspeaker("replay", name, "--set", "mood.absence=8"),
            capture_output=True,
            text=True,
            check=False,
        )
    assert answer.returncode == 0, answer.stderr
    changes = [json.loads(line) for line in answer.stdout.splitlines()]
    moods = [change["mood"] for change in changes]
    assert moods[:6] == ["unsure", "neutral", "happy", "sad", "nobody", "surprise"]
    begin = ARRIVAL.seconds
    for scene, change in zip(EVENING, changes[2:6], strict=False):
        assert begin < change["t"] <= begin + scene.seconds, scene.name
        begin += scene.seconds
    assert changes[5]["t"] < SWITCHES_WITHIN - START_UP


@pytest.mark.timeout(240)
def test_it_plays_to_the_first_face_and_ends_without_a_trace(
    demo: subprocess.Popen[str], temporary: Path
) -> None:
    said = lines_until(demo, "music starts")
    assert re.search(r"-m moodspeaker run --config \S+/config.toml", said)
    ports = {name: int(found) for name, found in re.findall(r"(mpc|mosquitto_sub) -p (\d+)", said)}
    page = int(re.search(r"http://127.0.0.1:(\d+)/", said)[1])  # type: ignore[index]
    playing = subprocess.run(
        [require("mpc"), "-p", str(ports["mpc"]), "-h", "127.0.0.1", "status"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "[playing]" in playing.stdout
    heard = subprocess.run(
        [require("mosquitto_sub"), "-p", str(ports["mosquitto_sub"]), "-h", "127.0.0.1", "-C", "1",
         "-W", "10",
         "-t", "moodspeaker/demo/mood"], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert heard.stdout == "neutral\n"
    assert listens(page)
    subprocess.run(
        [require("mosquitto_pub"), "-p", str(ports["mosquitto_sub"]), "-h", "127.0.0.1", "-q", "1",
         "-t", "moodspeaker/demo/override/set", "-m", "surprise"], check=True,
    )  # fmt: skip
    lines_until(demo, "(index nearest to surprise)")

    demo.send_signal(signal.SIGINT)
    assert demo.wait(20) == 0
    assert not any(map(listens, (page, *ports.values())))
    assert list(temporary.iterdir()) == []
    assert processes_with(str(temporary)) == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("words", [["--browser"]], ids=["browser"])
def test_it_looks_through_a_browser_and_is_heard_there(demo: subprocess.Popen[str]) -> None:
    said = lines_until(demo, "the log")
    assert "Start the camera" in said
    address = re.search(r"http://127.0.0.1:\d+/", said)[0]  # type: ignore[index]

    async def story(video: Path) -> None:
        async with browser(address, *showing(video)) as page:
            await page.until("camera-start", "Start the camera", within=30)
            await page.click("camera-start")
            await page.until("camera-told", "On:")
            await page.until("mood", "Happy", within=30)
            await page.click("listen")
            await page.until("listen-told", "Some seconds behind the room", within=30)
            assert await page.console() == []

    with short_folder() as folder:
        faces = [frame(HAPPY, Pose(), seed) for seed in range(3)]
        asyncio.run(story(write_y4m(folder / "face.y4m", faces)))
    assert "-> happy" in lines_until(demo, "music starts")


@pytest.mark.parametrize("words", [["--browser"]], ids=["browser"])
def test_killed_it_leaves_nothing_running(demo: subprocess.Popen[str], temporary: Path) -> None:
    lines_until(demo, "the log")
    folder = str(temporary)
    parts = ("mpd.conf", "mosquitto.conf", " run --config", " vision --child")

    def running() -> list[str]:
        return [part for part in parts if any(part in command for command in processes_with(folder))]

    eventually(lambda: running() == [*parts], 30, "all that the demo starts runs")
    demo.kill()
    eventually(lambda: processes_with(folder) == [], 20, "all of it has ended")


def test_it_ends_by_itself_after_the_seconds_given_and_keeps_its_folder_when_told(temporary: Path) -> None:
    require("mpd")
    require("mosquitto")
    kept, port = temporary / "kept", free_port()
    begin = time.monotonic()
    answer = subprocess.run(
        moodspeaker("demo", "--seconds", "2", "--keep", str(kept), "--set", f"web.port={port}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert time.monotonic() - begin < 40
    assert f"  the page  http://127.0.0.1:{port}/\n" in answer.stdout
    assert f"the page is at http://127.0.0.1:{port}/" in (kept / "moodspeaker.log").read_text(
        encoding="utf-8"
    )
    assert {"config.toml", "music", "replay", "moodspeaker.log"} <= {path.name for path in kept.iterdir()}
    again = subprocess.run(
        moodspeaker("demo", "--keep", str(kept)), capture_output=True, text=True, check=False
    )
    assert again.returncode == 2
    assert again.stderr.count("\n") == 1
    assert str(kept) in again.stderr


def test_settings_of_its_own_servers_and_folders_are_refused_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sets = [word for one in ("mpd.port=1", "web.port=0", "paths.state=/tmp/x") for word in ("--set", one)]
    assert main(["demo", *sets]) == 2
    said = capsys.readouterr().err
    assert said == (
        "moodspeaker: --set mpd.port, paths.state: "
        "the demo has servers and folders of its own: leave that out\n"
    )


def test_a_missing_server_is_one_line_with_the_cure(temporary: Path) -> None:
    code = """
import sys
from moodspeaker.cli import main
from moodspeaker.demo import servers
servers.SEARCH = "/nonexistent"
sys.exit(main())
"""
    answer = subprocess.run([sys.executable, "-c", code, "demo"], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1] == (
        "moodspeaker: mpd is not installed: run ./install.sh --demo, or apt install mpd"
    )
