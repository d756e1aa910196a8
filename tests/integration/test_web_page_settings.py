"""The page's settings, in a browser."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING

from support.browser import browser
from support.fake_daemon import SNAPSHOT, FakeDaemon, page_settings, settings
from support.servers import free_port
from support.web_api import ask, serve

from moodspeaker.config import overlay
from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.observation import CameraState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.browser import Page

    from moodspeaker.config.schema import Config
    from moodspeaker.web.app import Api

GLAD = Probabilities(0.02, 0.01, 0.03, 0.8, 0.04, 0.05, 0.05)
GLUM = Probabilities(0.04, 0.01, 0.03, 0.02, 0.8, 0.02, 0.08)
CONFIG = '[mood]\ndwell = 30\n[listen]\nquiet = "22:00-07:00"\n'


async def write(page: Page, key: str, value: object) -> None:
    """Let a control have another value, as a person gives it one."""
    node = f"document.getElementById('set-{key.replace('.', '-')}')"
    events = "it.dispatchEvent(new Event('input')); it.dispatchEvent(new Event('change'))"
    await page.do(f"(() => {{ const it = {node}; it.value = {str(value)!r}; {events}; }})()")


async def value(page: Page, key: str) -> str:
    """Return what a control shows."""
    return str(await page.do(f"document.getElementById('set-{key.replace('.', '-')}').value"))


@contextlib.asynccontextmanager
async def restarted(api: Api, daemon: FakeDaemon, config: Config) -> AsyncIterator[None]:
    """Close the API and open it again, as a restart of the speaker does."""
    await api.close()
    again = type(api)(daemon, config)
    await again.start()
    try:
        yield
    finally:
        await again.close()


def opened(root: Path) -> None:
    """Let the configuration of `root` have two settings."""
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")


def test_a_setting_is_shown_with_its_words_limits_and_origin_changed_and_taken_back(root: Path) -> None:
    opened(root)

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#settings") as page:
            await page.until("settings-about", "Everything is as configured")
            words = "Seconds between two changes of mood that faces cause, at least."
            assert await page.text("set-mood-dwell-label") == words
            assert await page.text("set-mood-dwell-limits") == "mood.dwell \u00b7 0 to 3600 \u00b7 usually 20"
            assert await page.text("set-mood-dwell-origin") == "From config.toml."
            assert await value(page, "listen.quiet") == "22:00-07:00"
            await write(page, "mood.dwell", 45)
            await write(page, "music.switch", "now")
            await page.until("settings-draft", "2 changes not saved")
            assert daemon.settings.in_force.config.mood.dwell == 30
            await page.click("settings-save")
            await page.until("said", "Saved, and in force.")
            now = daemon.settings.in_force.config
            assert (now.mood.dwell, now.music.switch) == (45, "now")
            assert await page.text("settings-draft") == ""
            await page.until("set-mood-dwell-origin", "Changed here; config.toml says 30. Back to 30")
            assert await page.text("settings-undo") == "Undo: dwell back to 30, switch back to song end"
            await page.click("settings-undo")
            await page.until("settings-about", "Everything is as configured")
            assert daemon.settings.in_force.config.music.switch == "song_end"
            await write(page, "mood.dwell", 50)
            await page.click("settings-save")
            await page.until("settings-about", "1 changed here")
            await page.click("set-mood-dwell-back")
            assert await value(page, "mood.dwell") == "30"
            await page.click("settings-save")
            await page.until("settings-about", "Everything is as configured")
            assert daemon.settings.in_force.layers.page.values == {}

    serve(settings(root, port=free_port()), story)


def test_what_is_refused_stands_at_the_setting_and_nothing_is_lost(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#settings") as page:
            await page.until("settings-about", "Everything is as configured")
            await write(page, "mood.dwell", 9999)
            await write(page, "mood.gap", 5)
            await page.click("settings-save")
            await page.until("set-mood-dwell-fault", "it should be less than or equal to 3600")
            assert await page.do("document.activeElement.id") == "set-mood-dwell"
            assert (await value(page, "mood.gap"), daemon.settings.in_force.config.mood.gap) == ("5", 4)
            await page.click("settings-discard")
            assert await value(page, "mood.dwell") == "20"
            assert await page.text("set-mood-dwell-fault") == ""
            await write(page, "mood.dwell", "")
            await page.click("settings-save")
            await page.until("set-mood-dwell-fault", "mood.dwell = ''")

    serve(settings(root, port=free_port()), story)


def test_what_no_longer_fits_is_named_and_can_be_forgotten(root: Path) -> None:
    (root / "state").mkdir()
    kept = {"settings": {"mood.old": 5, "mood.dwell": 9999}, "undo": []}
    (root / "state" / overlay.FILE).write_text(json.dumps(kept), encoding="utf-8")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        left_out = list(daemon.settings.in_force.layers.left_out.values())
        daemon.change(config={**SNAPSHOT["config"], "left_out": left_out})  # type: ignore[dict-item]
        async with browser(f"{api.address}#settings") as page:
            await page.until("left-out", "mood.dwell = 9999: it should be less than or equal to 3600")
            await page.until("alerts", "unknown key mood.old")
            await page.do("document.querySelector('#left-out button').click()")
            await page.until("said", "Forgotten.")
            assert await page.text("left-out") == ""
            assert daemon.settings.in_force.layers.left_out == {}

    serve(settings(root, port=free_port()), story)


def test_what_is_changed_on_another_page_is_shown_but_takes_no_draft_away(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async def changed_elsewhere(dwell: float) -> None:
            await ask(root / "api.sock", "POST", "/api/settings", json={"mood.dwell": dwell})
            revision = daemon.settings.in_force.revision
            daemon.change(config={**daemon.shown["config"], "revision": revision})

        async with browser(f"{api.address}#settings") as page:
            await page.until("settings-about", "Everything is as configured")
            await changed_elsewhere(45)
            await page.until("settings-about", "1 changed here")
            assert await value(page, "mood.dwell") == "45"
            await write(page, "mood.gap", 5)
            await changed_elsewhere(50)
            await page.until("settings-draft", "1 change not saved")
            assert (await value(page, "mood.dwell"), await value(page, "mood.gap")) == ("45", "5")
            await page.click("settings-save")
            await page.until("settings-about", "2 changed here")
            assert (await value(page, "mood.dwell"), await value(page, "mood.gap")) == ("50", "5")

    serve(settings(root, port=free_port()), story)


def test_the_day_is_tried_with_other_settings(root: Path) -> None:
    begun = time.time() - 3600
    faces = [GLAD] * 590 + ([GLUM] * 60 + [GLAD] * 60) * 5 + [GLAD] * 600

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#settings") as page:
            await page.until("settings-about", "Everything is as configured")
            assert await page.do("document.getElementById('replay').disabled") is True
            await write(page, "mood.confirm", 90)
            await page.click("replay")
            await page.until("replay-said", "Nothing is on record yet")
            daemon.sad_music = {"name": "sad", "rule": "genre", "songs": 3}
            daemon.seen = [
                LookRecord(Moment(float(at), begun + at), CameraState.OK, (face,))
                for at, face in enumerate(faces)
            ]
            await page.click("replay")
            await page.until("replay-said", "Switches of music: 0 instead of 2")
            await page.until("replay-more", "Changes that another one followed within three: 0 instead of 9.")
            bars = "[...document.querySelectorAll('.replay .bins')].map((n) => n.children.length).join()"
            assert await page.do(bars) == "11,1"
            assert daemon.settings.in_force.config.mood.confirm == 3
            await write(page, "mood.confirm", 60)
            assert await page.text("replay-said") == ""  # that was of other settings
            await page.click("settings-discard")
            await write(page, "music.switch", "now")
            await page.click("replay")
            await page.until("replay-said", "Switches of music: 10 instead of 2")

    serve(settings(root, port=free_port()), story)


def test_what_is_not_saved_survives_a_restart_of_the_speaker(root: Path) -> None:
    config = settings(root, port=free_port())

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#settings") as page:
            await page.until("settings-about", "Everything is as configured")
            await write(page, "mood.dwell", 50)
            async with restarted(api, daemon, config):
                await page.until("live", "no answer")
                await page.until("live", "live")
                await page.until("settings-draft", "1 change not saved")
                await page.click("settings-save")
                await page.until("settings-about", "1 changed here")

    serve(config, story)


def test_settings_that_could_not_be_read_are_read_when_the_speaker_is_back(root: Path) -> None:
    config = settings(root, port=free_port())

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("mood", "Happy")
            await page.do("window.kept = fetch; window.fetch = () => Promise.reject(new Error('away'))")
            await page.click("to-settings")
            await page.until("settings-fault", "The speaker does not answer")
            await page.do("window.fetch = window.kept")
            async with restarted(api, daemon, config):
                await page.until("settings-about", "Everything is as configured")
                assert await page.text("settings-fault") == ""

    serve(config, story)


def test_by_keys_alone_and_every_control_has_a_name(root: Path) -> None:
    opened(root)

    async def story(api: Api, daemon: FakeDaemon) -> None:
        daemon.settings = page_settings(root, ["hold.minutes=12"])
        async with browser("about:blank") as page:
            for width, dark in ((360, True), (1400, False)):
                await page.look_like(width, 900, dark=dark)
                await page.call("Page.navigate", url=f"{api.address}?{width}#settings")
                await page.until("settings-about", "as configured")
                assert await page.do("document.documentElement.scrollWidth") <= width
                assert await page.nameless() == []
                assert await page.console() == []
            assert await page.text("set-hold-minutes-origin") == (
                "Given by --set hold.minutes=12: it cannot be changed here."
            )
            assert await page.do("document.getElementById('set-hold-minutes').disabled") is True
            reached = []
            while "set-mood-gap" not in reached:
                await page.key("Tab")
                reached.append(await page.do("document.activeElement.id"))
                assert len(reached) < 40
            await page.call("Input.insertText", text="5")
            await page.key("Enter")
            await page.until("said", "Saved, and in force.")
            assert await page.do("document.activeElement.id") == "set-mood-gap"
            assert daemon.settings.in_force.config.mood.gap in {5, 45, 54}

    serve(settings(root, port=free_port()), story)
