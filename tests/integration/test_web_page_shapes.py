"""What is seen of the page: nothing hides what is read, and everything stands in its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.browser import browser
from support.fake_daemon import CAMERA, SNAPSHOT, FakeDaemon, page_settings, settings
from support.servers import free_port
from support.web_api import serve

from moodspeaker.domain.emotion import Emotion
from moodspeaker.mood.affect import POINTS

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.web.app import Api

PLACES: dict[str, tuple[float, float]] = {
    str(mood): (POINTS[mood].valence, POINTS[mood].arousal)
    for mood in (Emotion.HAPPY, Emotion.FEAR, Emotion.ANGRY)
}
"""Where some moods lie in the affect plane: valence and arousal."""

ONE_LINE = 32
"""Pixels that two lines of words are higher than."""
HIDDEN = """(() => {
  const box = (node) => node.getBoundingClientRect();
  const apart = (a, b) => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
  const point = box(document.querySelector('.plane .point'));
  const frame = box(document.querySelector('.plane svg'));
  return [...document.querySelectorAll('.plane .places text')].filter((name) => {
    const its = box(name);
    return !apart(its, point) || its.left < frame.left || its.right > frame.right;
  }).map((name) => name.textContent).join();
})()"""
"""Names of moods that the point hides, or that stand outside the plane."""


@pytest.mark.parametrize(
    "point", [*PLACES.values(), (0.8, 0.3), (0.73, 0.33), (0.5, 0.25), (-0.5, 0.6)], ids=str
)
def test_the_point_hides_no_mood_s_name(root: Path, point: tuple[float, float]) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.moods = lambda: [  # type: ignore[method-assign]
            {"mood": mood, "music": None, "current": False, "valence": valence, "arousal": arousal}
            for mood, (valence, arousal) in PLACES.items()
        ]
        daemon.shown = {**SNAPSHOT, "valence": point[0], "arousal": point[1]}
        async with browser(api.address) as page:
            await page.look_like(1400, 900)
            await page.holds("document.querySelectorAll('.plane .places text').length === 3")
            assert await page.do(HIDDEN) == ""

    serve(settings(root, port=free_port()), story)


@pytest.mark.parametrize("width", [660, 860])
def test_on_a_tablet_no_word_is_broken_and_nothing_lies_over_another(root: Path, width: int) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.look_like(width, 900)
            await page.until("override", "12")
            words = "[...document.querySelectorAll('nav span')]"
            assert (
                await page.do(f"Math.max(...{words}.map((n) => n.getBoundingClientRect().height))") < ONE_LINE
            )
            box = "document.querySelector('{}').getBoundingClientRect()"
            assert await page.do(f"{box.format('.bars')}.right - {box.format('.plane')}.left") <= 0

    serve(settings(root, port=free_port()), story)


def test_the_folder_of_a_recording_is_not_told_to_everybody(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**SNAPSHOT, "camera": {**CAMERA, "source": "replay:/home/me/evening"}}
        async with browser(api.address) as page:
            await page.until("eye", "The camera is open (replay).")

    serve(settings(root, port=free_port()), story)


def test_all_numbers_of_a_card_stand_below_each_other_and_words_have_room_on_a_phone(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.settings = page_settings(root)
        async with browser(f"{api.address}#settings") as page:
            await page.look_like(1400, 900)
            await page.holds("document.getElementById('set-mood-margin') !== null")
            left = "document.getElementById('{}').getBoundingClientRect().left"
            one, other = left.format("set-mood-margin"), left.format("set-mood-confirm")
            assert await page.do(f"{one} - {other}") == 0
            await page.look_like(360, 760)
            words = "document.getElementById('set-mood-confirm-label').getBoundingClientRect()"
            assert await page.do(f"{words}.width") > 250

    serve(settings(root, port=free_port()), story)


def test_a_covered_lens_and_a_dark_room_are_told_with_what_to_do(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            daemon.change(mood="covered", faces=0)
            await page.until("faces", "Something is before the lens. The music goes on as it is.")
            daemon.change(mood="dark")
            await page.until("faces", "A lamp helps.")

    serve(settings(root, port=free_port()), story)


def test_a_locked_page_fits_a_phone(root: Path) -> None:
    (root / "token").write_text("sesame-open-the-door", encoding="utf-8")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.look_like(360, 760)
            await page.until("live", "locked")
            wide = "document.querySelector('#code-form button').getBoundingClientRect().right"
            assert await page.do(wide) <= 360 - 16

    serve(settings(root, port=free_port(), token_file=str(root / "token")), story)


def test_a_camera_that_its_lock_keeps_closed_is_said_to_be_locked(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.change(mood="paused", camera={**CAMERA, "state": "off", "open": False, "locked": True})
        async with browser(api.address) as page:
            await page.until("faces", "The privacy lock keeps the camera closed.")

    serve(settings(root, port=free_port()), story)


def test_a_path_is_spelled_as_it_is(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        refused = {"face": "", "emotion": "", "refused": "models/face.tflite: wrong sha256: install it again"}
        daemon.change(models=refused)
        async with browser(api.address) as page:
            await page.until("alerts", "models/face.tflite: wrong sha256")
            await page.until("alerts", "The MQTT broker at hub")

    serve(settings(root, port=free_port()), story)


def test_a_day_on_which_nothing_happened_says_what_will_stand_there(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.decided = []
        async with browser(f"{api.address}#day") as page:
            await page.until("day-none", "Nobody was seen yet.")
            await page.until("view-day", "Nothing has been decided yet.")
            assert await page.do("document.querySelector('.strip').checkVisibility()") is False

    serve(settings(root, port=free_port()), story)


def test_a_browser_s_camera_leaves_no_card_half_empty(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.shown = {**SNAPSHOT, "camera": {**CAMERA, "source": "browser", "browser": "waits"}}
        async with browser(api.address) as page:
            await page.look_like(1400, 900)
            await page.until("camera-start", "Start the camera")
            empty = """(() => {
              document.querySelector('#card-camera .stage').hidden = false;
              document.querySelector('#card-camera .stage').style.height = '700px';
              const bottom = (node) => node.getBoundingClientRect().bottom;
              const card = document.getElementById('card-music');
              return bottom(card) - Math.max(...[...card.children].map(bottom));
            })()"""
            assert await page.do(empty) < 150

    serve(settings(root, port=free_port()), story)


def test_on_a_phone_what_is_not_saved_takes_one_row(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.settings = page_settings(root)
        async with browser(f"{api.address}#settings") as page:
            await page.look_like(360, 760)
            await page.holds("document.getElementById('set-mood-dwell') !== null")
            await page.do(
                "const it = document.getElementById('set-mood-dwell'); it.value = '30'; "
                "it.dispatchEvent(new Event('input'))"
            )
            await page.until("settings-draft", "1 change not saved")
            tops = "document.getElementById('settings-{}').getBoundingClientRect().top"
            assert await page.do(f"{tops.format('save')} - {tops.format('discard')}") == 0

    serve(settings(root, port=free_port()), story)
