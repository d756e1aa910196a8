"""Take the pictures of the documentation from the demo's running page.

    make pictures

The faces are drawn and the songs composed: nobody's face and nobody's music is shown.  It starts the demo,
waits until its evening has something to show, and takes each picture in a headless Chromium.
"""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
import urllib.request
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image  # matplotlib brings it
from support.browser import browser
from support.speaker_process import eventually

if TYPE_CHECKING:
    from support.browser import Page

FOLDER: Final = Path(__file__).parent
DESK: Final = (1200, 900)
PHONE: Final = (390, 844)
HIGHEST: Final = {DESK: 1600, PHONE: PHONE[1]}
"""Pixels of a picture's height, at most."""
HAPPENED: Final = 75.0
"""Seconds of the demo after which some moods and switches have been seen."""
HAPPY: Final = """
  Object.entries({mood: "Happy", faces: "1 face", selection: "for happy"})
    .every(([id, text]) => document.getElementById(id).textContent.includes(text))
"""
"""Somebody smiles, and the music follows already."""
SOON: Final = 180.0
"""Seconds within which the demo's evening shows a smile again."""


async def take(page: Page, name: str, size: tuple[int, int], *, dark: bool = False) -> None:
    """Write one picture; of a phone as much as it shows at once."""
    await page.look_like(*size, dark=dark, still=True)
    await asyncio.sleep(0.5)  # fonts and bars are in their place
    picture = Image.open(BytesIO(await page.picture(size[0], most=HIGHEST[size]))).convert("RGB")
    file = FOLDER / f"{name}.png"
    picture.quantize(palette=palette(picture), dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{name}.png: {file.stat().st_size / 1000:.0f} kB")


def palette(picture: Image.Image) -> Image.Image:
    """Return what are to be its 256 colours: those of the page, however rare, and the most frequent."""
    style = (FOLDER.parents[1] / "moodspeaker/web/static/style.css").read_text(encoding="utf-8")
    own = b"".join(bytes.fromhex(found) for found in sorted(set(re.findall(r"#([0-9a-f]{6})\b", style))))
    frequent = picture.quantize(256 - len(own) // 3, Image.Quantize.MEDIANCUT).getpalette() or []
    found = Image.new("P", (1, 1))
    found.putpalette(own + bytes(frequent))
    return found


async def all_pictures(address: str) -> None:
    """Write every picture of the page at an address."""
    async with browser(address) as page:
        await page.until("live", "live")
        await asyncio.sleep(HAPPENED)
        await page.holds(HAPPY, within=SOON)
        await take(page, "now-light", DESK)
        await take(page, "now-dark", DESK, dark=True)
        await take(page, "now-phone", PHONE)
        views = await page.do("[...document.querySelectorAll('#views a')].map((link) => link.hash.slice(1))")
        for view in views[1:]:
            await page.click(f"to-{view}")
            await take(page, view, DESK)
        await page.until("aim-told", "1 face", within=SOON)
        await page.click("preview-show")
        await page.holds("document.querySelector('.stage img').naturalWidth > 0")
        await page.holds("document.querySelector('.face-box') !== null", within=SOON)
        await take(page, "setup-preview", DESK)


def answers(address: str) -> bool:
    """Tell whether the page is served."""
    try:
        with urllib.request.urlopen(f"{address}healthz"):
            return True
    except OSError:
        return False


def main() -> None:
    """Start the demo, take the pictures, end it."""
    demo = subprocess.Popen(
        [sys.executable, "-u", "-m", "moodspeaker", "demo", "--set", "camera.preview=true"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    try:
        address = next(found[0] for line in demo.stdout if (found := re.search(r"http://\S+", line)))
        eventually(lambda: answers(address), SOON, "the page is there")
        asyncio.run(all_pictures(address))
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate()


if __name__ == "__main__":
    main()
