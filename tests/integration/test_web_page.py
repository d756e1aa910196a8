"""The page in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from support.browser import browser
from support.fake_daemon import CAMERA, DECISIONS, SNAPSHOT, FakeDaemon, settings
from support.servers import free_port
from support.speaker_process import eventually
from support.web_api import ask, serve

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.commands import (
    Dislike,
    Hold,
    Like,
    Next,
    Override,
    Pause,
    Previous,
    Profile,
    Sensing,
    SetVolume,
    Target,
    WrongMood,
)
from moodspeaker.domain.emotion import Emotion, Probabilities
from moodspeaker.domain.look_record import LookRecord
from moodspeaker.domain.moment import Moment, rfc3339
from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import StoreError
from moodspeaker.web.app import Api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.browser import Page

    from moodspeaker.config.schema import Config


async def shown(page: Page, selector: str) -> str:
    """Return the text of everything that this selector finds and is seen."""
    found = f"[...document.querySelectorAll({selector!r})].filter((n) => n.checkVisibility())"
    return str(await page.do(f"{found}.map((n) => n.innerText).join('|')"))


def test_a_browser_shows_the_snapshot(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("mood", "Happy")
            await page.until("live", "live")
            assert await page.text("faces") == "1 face"
            assert "83" in await shown(page, "#bars .top")
            assert "mood-happy (stored playlist" in await page.text("selection")
            assert "Sad follows when this song ends" in await page.text("pending")
            assert "Blue C" in await page.text("queue")
            assert "and 2 more" in await page.text("more")
            assert "refuses the password" in await page.text("alerts")
            await page.until("decisions", "no music for angry")
            await page.until("override", "12")
            assert "no music" in await shown(page, "#override [data-value=sad]")
            assert "30 min, as set" in await page.text("hold-minutes")
            assert "pictures stored: 0" in await page.text("about")
            assert await page.do("document.title") == "Happy \u00b7 moodspeaker"

    serve(settings(root, port=free_port()), story)


def test_a_songs_tags_stay_text(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("title", "<img src=x")
            assert await page.do("document.querySelectorAll('img').length") == 0

    serve(settings(root, port=free_port()), story)


def test_the_page_follows_within_a_second(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("mood", "Happy")
            lost = {**CAMERA, "state": "lost", "reason": "lost: pulled out"}
            daemon.change(mood="lost", faces=0, camera=lost)
            await page.until("mood", "No camera", within=1)
            await page.until("alerts", "Pulled out", within=1)
            assert await shown(page, "#bars") == ""
            daemon.change(hold={"active": True, "until": "2099-03-01T11:14:00Z", "control": "held"})
            await page.until("hold", "Left alone until", within=1)
            await page.until("resume", "Let it follow again")
            assert await page.text("do-hold") == ""
            daemon.decide({**DECISIONS[1], "rule": "no music for fear"})
            await page.until("decisions", "no music for fear", within=1)

    serve(settings(root, port=free_port()), story)


def test_a_speaker_without_a_camera_by_choice_has_no_fault(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        none = {**CAMERA, "state": "off", "open": False, "source": "none", "reason": "camera.source = none"}
        daemon.shown = {**SNAPSHOT, "mood": "unsure", "faces": 0, "camera": none}
        async with browser(api.address) as page:
            await page.until("mood", "No camera")
            assert "None is set up" in await page.text("faces")
            assert "Camera" not in await page.text("alerts")

    serve(settings(root, port=free_port()), story)


def test_the_page_tells_with_whom_it_learns(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("mood", "Happy")
            assert await page.text("household") == ""
            daemon.change(household={"name": "home", "speakers": [], "reason": ""})
            await page.until("household", "no other speaker was heard yet")
            speakers = [
                {"speaker": "attic", "heard": "2026-02-27T10:41:00Z"},
                {"speaker": "bedroom", "heard": "2026-02-28T10:41:00Z"},
            ]
            daemon.change(household={"name": "home", "speakers": speakers, "reason": ""})
            await page.until("household", "Learned with attic, bedroom; last heard")
            assert "28" in await page.text("household")

    serve(settings(root, port=free_port()), story)


def test_one_message_about_the_mood(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("mood", "Happy")
            likely = {**dict.fromkeys(("angry", "disgust", "fear", "surprise", "neutral"), 0.0), "sad": 0.74}
            daemon.change(probabilities={**likely, "happy": 0.26})
            await page.until("faces", "turning sad")
            daemon.change(mood="nobody", faces=0)
            await page.until("mood", "Nobody here")
            assert await shown(page, "#bars") == ""
            daemon.change(faces=1)
            await page.until("mood", "Somebody is here")
            assert "turning sad" in await page.text("faces")
            daemon.change(sensing=False, mood="paused")
            await page.until("mood", "Not looking")
            assert await shown(page, "#bars") == ""

    serve(settings(root, port=free_port()), story)


@contextlib.asynccontextmanager
async def started_again(config: Config, **shown: object) -> AsyncIterator[None]:
    """Let the API be served anew, where it was closed, with these values in its snapshot."""
    daemon = FakeDaemon()
    daemon.shown = {**SNAPSHOT, **shown}
    api = Api(daemon, config)
    await api.start()
    try:
        yield
    finally:
        await api.close()


def test_a_dead_speaker_looks_dead_and_the_page_comes_back_by_itself(root: Path) -> None:
    config = settings(root, port=free_port())

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("mood", "Happy")
            await api.close()
            await page.until("live", "no answer")
            await page.until("alerts", "The speaker does not answer")
            assert await page.do("document.getElementById('shown').inert") is True
            assert await page.do("document.querySelector('main').checkVisibility()") is True
            assert await page.do("document.title") == "no answer \u00b7 moodspeaker"
            async with started_again(config, mood="sad"):
                await page.until("mood", "Sad")
                await page.until("live", "live")
                assert await page.do("document.getElementById('shown').inert") is False

    serve(config, story)


def test_another_version_of_the_speaker_brings_its_own_page(root: Path) -> None:
    config = settings(root, port=free_port())

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#setup") as page:
            await page.until("parts-summary", "Failed")
            await page.do("window.loaded = 'before'")
            await api.close()
            await page.until("live", "no answer")
            async with started_again(config, version="99.0"):
                await page.until("about", "moodspeaker 99.0")
                await page.until("parts-summary", "Failed")
                assert await page.do("window.loaded") is None

    serve(config, story)


def test_every_button_commands(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("override", "12")
            for button in ("next", "previous", "play", "do-hold", "sensing", "like", "dislike", "wrong-mood"):
                await page.click(button)
            await page.do("document.querySelector('#override [data-value=sad]').click()")
            await page.do("document.querySelector('#target [data-value=lift]').click()")
            await page.do("document.querySelector('#profile [data-value=guest]').click()")
            volume = (
                "const it = document.getElementById('volume');"
                "it.value = 25; it.dispatchEvent(new Event('input'))"
            )
            await page.do(volume)
            await asyncio.to_thread(eventually, lambda: len(daemon.given) >= 12, 10, "twelve commands")
            song = SNAPSHOT["player"]["uri"]
            wanted = [
                Dislike(song), Hold(None), Like(song), Next(), Override(Emotion.SAD), Pause(), Previous(),
                Profile("guest"), Sensing(on=False), SetVolume(25), Target(Aim.LIFT), WrongMood(None, song),
            ]  # fmt: skip
            assert sorted(daemon.given, key=repr) == sorted(wanted, key=repr)
            daemon.refusal = StoreError("the disk is full: free some space")
            await page.click("next")
            await page.until("said", "the disk is full: free some space")

    serve(settings(root, port=free_port()), story)


def test_the_keyboard_reaches_every_control(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("override", "12")
            await page.until("decisions", "no music for angry")
            reached = set()
            for _ in range(40):
                await page.key("Tab")
                active = "((node) => node.id || node.dataset.value)(document.activeElement)"
                reached.add(await page.do(active))
            assert {"previous", "play", "next", "volume", "auto", "sad", "hold-minutes", "do-hold"} <= reached
            assert {"skip", "to-now", "to-day", "to-setup", "sensing"} <= reached
            await page.do("document.getElementById('next').focus()")
            await page.key("Enter")
            await asyncio.to_thread(eventually, lambda: daemon.given == [Next()], 5, "a command by Enter")

    serve(settings(root, port=free_port()), story)


def test_everything_has_a_name_and_nothing_overflows(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            for width, dark in ((360, False), (1400, True)):
                await page.look_like(width, 900, dark=dark)
                await page.until("override", "12")
                wide = await page.do("document.documentElement.scrollWidth")
                assert wide <= width
                narrow = await page.do(
                    "Math.min(...[...document.querySelectorAll('.card')]"
                    ".filter((n) => n.checkVisibility()).map((n) => n.offsetWidth))"
                )
                assert narrow >= 320
                nameless = await page.nameless()
                assert nameless == []
                small = (
                    "[...document.querySelectorAll('button')].filter((n) => n.checkVisibility() && "
                    "!n.matches('.plain, .mark') && n.getBoundingClientRect().height < 36).map((n) => n.id)"
                )
                assert await page.do(small) == []

    serve(settings(root, port=free_port()), story)


def test_a_view_is_named_by_the_address_and_loaded_when_it_is_opened(root: Path) -> None:
    loaded = "performance.getEntriesByType('resource').some((entry) => entry.name.endsWith('view-setup.js'))"

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("override", "12")
            assert await page.do(loaded) is False
            for _ in range(12):  # the skip link, then the views
                if await page.do("document.activeElement.id") == "to-setup":
                    break
                await page.key("Tab")
            assert await page.do("document.activeElement.id") == "to-setup"
            await page.key("Enter")
            await page.until("parts-summary", "Failed: MQTT broker")
            assert await page.do(loaded) is True
            assert await page.text("view-now") == ""
            assert await page.do("document.title") == "Setup \u00b7 Happy \u00b7 moodspeaker"
            current = "[...document.querySelectorAll('nav [aria-current=page]')].map((n) => n.id).join()"
            assert await page.do(current) == "to-setup"
            daemon.change(broker={"state": "ok", "reason": ""})
            await page.until("parts-summary", "Everything works", within=1)
            await page.do("history.back()")
            await page.until("mood", "Happy")
            assert await page.do(current) == "to-now"

    serve(settings(root, port=free_port()), story)


def test_the_views_are_within_reach_of_a_thumb(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        steps = [
            {"valence": at, "arousal": at, "state": state, "song": "Hurt", "reason": "a step brighter"}
            for at, state in ((-0.6, "done"), (-0.3, "plays"), (0.0, "to come"), (0.3, "to come"))
        ]
        way = {"aim": "lift", "mood": "sad", "valence": 0.6, "arousal": 0.3, "step": 1, "skips": 0}
        daemon.shown = {**SNAPSHOT, "journey": {**way, "ended": None, "steps": steps}}
        async with browser("about:blank") as page:
            await page.look_like(360, 740)
            await page.call("Page.navigate", url=api.address)
            await page.until("override", "12")
            await page.until("journey", "step 2 of 4")
            assert await page.do("document.documentElement.scrollHeight") < 2500
            box = "document.getElementById('to-now').getBoundingClientRect()"
            assert await page.do(f"{box}.bottom > innerHeight - 20 && {box}.height >= 44")
            await page.do("scrollTo(0, 9999)")
            covered = (
                "document.getElementById('views').getBoundingClientRect().top"
                " < document.querySelector('footer').getBoundingClientRect().bottom"
            )
            assert await page.do(covered) is False
            await page.click("to-day")
            await page.until("day-decisions", "no music for angry")
            assert await page.do("scrollY") == 0

    serve(settings(root, port=free_port()), story)


def test_no_request_leaves_the_host_and_the_console_stays_empty(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("override", "12")
            asked = await page.do("performance.getEntriesByType('resource').map((entry) => entry.name)")
            assert len(asked) > 5
            assert [one for one in asked if not one.startswith(api.address)] == []
            assert await page.console() == []

    serve(settings(root, port=free_port()), story)


def test_the_day_is_a_strip_whose_changes_open_by_click_and_by_keys(root: Path) -> None:
    async def story(api: Api, daemon: FakeDaemon) -> None:
        at = time.time()
        now = rfc3339(at)
        happy = Probabilities(0, 0, 0, 1, 0, 0, 0)
        looks = (Moment(0.0, at - second) for second in range(900, 659, -30))
        daemon.seen = [LookRecord(look, CameraState.OK, (happy,)) for look in looks]
        daemon.decided = [
            {**DECISIONS[2], "at": now, "mood": "sad", "rule": "mood-sad, at once"},
            {**DECISIONS[2], "at": rfc3339(at - 1200)},
        ]
        async with browser(f"{api.address}#day") as page:
            await page.until("day-said", "happy for 4 min")
            await page.until("day-decisions", "mood-sad, at once")
            marks = "document.querySelectorAll('.mark')"
            assert await page.do(f"{marks}.length") == 2
            await page.do(f"{marks}[0].click()")
            await page.until("day-detail", "Switched to happy")
            assert await page.do(f"[...{marks}].map((one) => one.ariaPressed).join()") == "true,false"
            await page.do(f"{marks}[1].focus()")
            await page.key("ArrowLeft")
            assert "happy" in await page.do("document.activeElement.getAttribute('aria-label')")
            await page.key("ArrowRight")
            await page.key("Enter")
            await page.until("day-detail", "mood-sad, at once")

    serve(settings(root, port=free_port()), story)


def test_a_locked_page_opens_by_a_code_and_by_the_token(root: Path) -> None:
    (root / "token").write_text("sesame-open-the-door", encoding="utf-8")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        async with browser(api.address) as page:
            await page.until("live", "locked")
            assert await page.text("mood") == ""
            assert "This speaker is locked" in await shown(page, "main")
            await page.do("document.getElementById('code').value = '123 456'")
            await page.do("document.getElementById('code-form').requestSubmit()")
            await page.until("ask-fault", "this code is not good")
            code = (await ask(root / "api.sock", "POST", "/api/pair", json={}))[1]["code"]
            await page.do(f"document.getElementById('code').value = '{code}'")
            await page.do("document.getElementById('code-form').requestSubmit()")
            await page.until("mood", "Happy")
            assert await page.text("ask") == ""
        async with browser(api.address) as page:
            await page.until("live", "locked")
            await page.do("document.getElementById('token').value = 'sesame-open-the-door'")
            await page.do("document.getElementById('token-form').requestSubmit()")
            await page.until("mood", "Happy")

    serve(settings(root, port=free_port(), token_file=str(root / "token")), story)


def test_a_scanned_address_opens_the_page(root: Path) -> None:
    (root / "token").write_text("sesame-open-the-door", encoding="utf-8")

    async def story(api: Api, daemon: FakeDaemon) -> None:
        told = (await ask(root / "api.sock", "POST", "/api/pair", json={}))[1]
        async with browser(told["links"][0]) as page:
            await page.until("mood", "Happy")
            assert await page.do("location.hash") == ""

    serve(settings(root, port=free_port(), token_file=str(root / "token")), story)
