"""A headless Chromium with a page open, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp

from support.servers import require
from support.speaker_process import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import numpy as np

FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
SAID: Final = frozenset({"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"})
"""Events of the protocol that tell what a page wrote to its console."""
EMPTY: Final = "about:blank"
"""The page that a window shows before it shows another."""
STARTED_WITHIN: Final = 30.0
"""Seconds in which the browser must open its debugging port."""


def browser_environment(profile: str) -> dict[str, str]:
    """Return the environment of a browser that keeps everything in its profile."""
    return {**os.environ, "HOME": profile, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile}


def showing(video: Path) -> tuple[str, ...]:
    """Return the flags of a browser whose camera shows a file (Y4M), and which nobody needs to ask for it."""
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    )


def write_y4m(file: Path, pictures: Sequence[np.ndarray]) -> Path:
    """Write grey pictures, uint8 [height, width], as a video of one picture a second; return its path."""
    height, width = pictures[0].shape
    colours = bytes([128]) * (height * width // 2)
    with file.open("wb") as video:
        video.write(f"YUV4MPEG2 W{width} H{height} F1:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            video.write(b"FRAME\n" + picture.tobytes() + colours)
    return file


class WentElsewhereError(Exception):
    """The window went to another page while it was asked: the one that was asked is gone."""


class Page:
    """One open page."""

    def __init__(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        self._wire = wire
        self._numbers = itertools.count(1)
        self._said: list[str] = []

    async def call(self, method: str, **parameters: Any) -> Any:  # noqa: ANN401 - whatever it answers
        """Call a method of the DevTools protocol and return its result; raise WentElsewhereError."""
        number = next(self._numbers)
        await self._wire.send_json({"id": number, "method": method, "params": parameters})
        while (answer := await self._wire.receive_json(timeout=60)).get("id") != number:
            if answer.get("method") in SAID and "'level': 'verbose'" not in (said := str(answer["params"])):
                self._said.append(said)
        if "error" in answer:
            raise WentElsewhereError(answer["error"])
        return answer["result"]

    async def console(self) -> list[str]:
        """Return what the page wrote to its console, errors of loading and of policy included."""
        await self.call("Runtime.enable")  # each tells what was said before, too
        await self.call("Log.enable")
        await self.do("new Promise((done) => setTimeout(done, 100))")
        return self._said

    async def key(self, key: str) -> None:
        """Press a key."""
        codes = {
            "Tab": 9,
            "Enter": 13,
            " ": 32,
            "ArrowRight": 39,
            "ArrowLeft": 37,
            "ArrowUp": 38,
            "ArrowDown": 40,
            "Escape": 27,
        }
        text = {"Enter": "\r", " ": " "}.get(key, "")
        pressed = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": codes[key]}
        down = "keyDown" if text else "rawKeyDown"
        await self.call("Input.dispatchKeyEvent", type=down, text=text, **pressed)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def mouse(self, kind: str, x: float, y: float) -> None:
        """Let the mouse do `mousePressed`, `mouseMoved` or `mouseReleased` at a place of the window."""
        button = "none" if kind == "mouseMoved" else "left"
        held = int(kind != "mouseReleased")
        await self.call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=held, clickCount=1
        )

    async def look_like(self, width: int, height: int, *, dark: bool = False, still: bool = False) -> None:
        """Let the window have this size, and its user these wishes."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        wishes = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
        ]
        await self.call("Emulation.setEmulatedMedia", features=wishes)

    async def nameless(self) -> list[str]:
        """Return the roles of what a screen reader meets on the page and cannot name."""
        tree = (await self.call("Accessibility.getFullAXTree"))["nodes"]
        wanted = {"button", "slider", "switch", "textbox", "combobox", "image", "region", "link"}
        return [
            node["role"]["value"]
            for node in tree
            if not node.get("ignored")
            and node["role"]["value"] in wanted
            and not node.get("name", {}).get("value")
        ]

    async def picture(self, width: int, most: int = 10_000) -> bytes:
        """Return the whole page as PNG, its upper part where it is higher than `most` pixels."""
        height = min(most, await self.do("document.documentElement.scrollHeight"))
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        answer = await self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(answer["data"])

    async def do(self, script: str) -> Any:  # noqa: ANN401 - whatever the script returns
        """Run JavaScript in the page and return its value; what it throws is an AssertionError."""
        answer = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def text(self, identity: str) -> str:
        """Return the text of the element with this id, as it is seen; empty when it is hidden."""
        node = f"document.getElementById({identity!r})"
        seen = f"((node) => node && node.checkVisibility() ? node.innerText : '')({node})"
        return str(await self.do(seen))

    async def click(self, identity: str) -> None:
        """Click the element with this id."""
        await self.do(f"document.getElementById({identity!r}).click()")

    async def holds(self, script: str, within: float = 20.0) -> None:
        """Wait until JavaScript returns what counts as true, on this page or the next."""
        try:
            async with asyncio.timeout(within):
                while True:
                    with contextlib.suppress(WentElsewhereError):
                        if await self.do(script):
                            return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            message = f"{script} is not true after {within:g} s"
            raise AssertionError(message) from None

    async def until(self, identity: str, text: str, within: float = 10.0) -> Self:
        """Wait until the element with this id shows this text; fail with what it shows instead."""
        shown = ""
        try:
            async with asyncio.timeout(within):
                while True:
                    with contextlib.suppress(WentElsewhereError):
                        if text in (shown := await self.text(identity)):
                            return self
                    await asyncio.sleep(0.05)
        except TimeoutError:
            message = f"{identity} shows {shown!r}, not {text!r}, after {within:g} s"
            raise AssertionError(message) from None


@contextlib.asynccontextmanager
async def browser(address: str, *flags: str) -> AsyncIterator[Page]:
    """Open a page in a browser of its own, with these flags beside ours; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ms", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            require("chromium"), *FLAGS, *flags,
            f"--user-data-dir={profile}", "--remote-debugging-port=0", address,
            env=browser_environment(profile), stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await asyncio.to_thread(_port, Path(profile) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    [page] = [one for one in await answer.json() if one["type"] == "page"]
                async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as wire:
                    opened = Page(wire)
                    if address != EMPTY:
                        await opened.holds(f"location.href !== '{EMPTY}'", STARTED_WITHIN)
                    yield opened
        finally:
            process.terminate()
            await process.wait()


def _port(file: Path) -> int:
    """Wait for the file in which the browser tells its debugging port."""
    eventually(lambda: file.exists() and file.read_text(), STARTED_WITHIN, "Chromium tells its port")
    return int(file.read_text().split()[0])
