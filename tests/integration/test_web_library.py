"""The library view in a browser, over a real library's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.browser import browser
from support.fake_daemon import FakeDaemon, settings
from support.library import LibraryDaemon, scanned, songs
from support.servers import free_port
from support.web_api import serve

from moodspeaker.domain.commands import SongMood
from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.errors import StoreError
from moodspeaker.library.migrations import FILE
from moodspeaker.library.scan_lock import only_one

if TYPE_CHECKING:
    from pathlib import Path

    from support.browser import Page

    from moodspeaker.web.app import Api

MANY = 10_000
COUNTED = """
  window.painted = 0;
  const theirs = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...words) {
    painted++;
    return theirs.apply(this, words);
  };
"""
"""Counts what is painted into any canvas from now on."""
COMPARED = """
  import('/static/songs.js').then(async ({Songs}) => {
    const songs = await Songs.load(() => {}), counts = (n) => songs.mood[n] !== "sad";
    let wrong = 0;
    for (let n = 0; n < 600; n++) {
      const [x, y, within] = [(n % 20) / 10 - 1, (n % 30) / 15 - 1, [0.01, 0.1, 3][n % 3]];
      let best = -1, least = within * within;
      for (let m = 0; m < songs.count; m++) {
        const far = (songs.x[m] - x) ** 2 + (songs.y[m] - y) ** 2;
        if (far <= least && counts(m)) { least = far; best = m; }
      }
      if (songs.near(x, y, within, counts) !== best) wrong++;
    }
    return [songs.count, wrong];
  })
"""
"""Compares what the index of songs finds with a look at each; returns their number, and how often it errs."""


async def drawn(page: Page, count: int) -> None:
    """Wait until so many songs are drawn."""
    await page.holds(f"document.getElementById('song-plane')?.dataset.drawn === '{count}'")


async def painted(page: Page) -> None:
    """Wait until what was asked for is on the screen."""
    await page.do("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def focused(page: Page, identity: str) -> None:
    """Wait until an element has the focus."""
    await page.holds(f"document.activeElement.id === {identity!r}")


async def middle_of(page: Page, selector: str) -> tuple[float, float]:
    """Return the middle of what a selector finds, in the window."""
    box = f"document.querySelector({selector!r}).getBoundingClientRect()"
    x, y = await page.do(f"((b) => [b.x + b.width / 2, b.y + b.height / 2])({box})")
    return x, y


async def place_of(page: Page, song: dict[str, Any], number: int = 0) -> tuple[float, float]:
    """Return where a song of `GET /api/songs` is drawn, in the window."""
    box = "document.getElementById('song-plane').getBoundingClientRect()"
    left, top, side = await page.do(f"((b) => [b.x, b.y, b.width])({box})")
    valence, arousal = song["valence"][number], song["arousal"][number]
    return left + side * (valence + 1) / 2, top + side * (1 - arousal) / 2


async def choose_first(page: Page, text: str) -> None:
    """Search, and choose the first song that is found."""
    await page.do(
        f"const it = document.getElementById('song-search'); it.value = {text!r}; "
        "it.dispatchEvent(new Event('input'))"
    )
    await page.holds(f"document.querySelector('#song-list button')?.innerText.includes({text!r})")
    await page.do("document.querySelector('#song-list button').click()")
    await page.until("song-title", text)
    await focused(page, "song-handle")


def test_ten_thousand_songs_are_drawn_once_and_a_drag_draws_none_of_them_again(root: Path) -> None:
    scanned(root / "state", songs(MANY))
    daemon = LibraryDaemon(root / "state")

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await page.look_like(1400, 900)
            await drawn(page, MANY)
            await page.until("songs-state", "10,000 songs")
            await choose_first(page, songs(MANY)[5000].title)
            await painted(page)
            await page.do(COUNTED)
            await page.do("document.getElementById('song-plane').scrollIntoView({block: 'center'})")
            x, y = await middle_of(page, "#song-handle")
            to_x, to_y = await middle_of(page, '.labels span[data-mood="happy"]')
            await page.mouse("mousePressed", x, y)
            for step in range(1, 21):
                await page.mouse("mouseMoved", x + (to_x - x) * step / 20, y + (to_y - y) * step / 20)
            at_x, at_y = await middle_of(page, "#song-handle")
            assert abs(at_x - to_x) < 2
            assert abs(at_y - to_y) < 2
            assert "Happy" in await page.text("plane-said")
            assert await page.do("painted") == 0
            await page.mouse("mouseReleased", to_x, to_y)
            await page.until("plane-said", "Kept: happy")
            assert [type(one) for one in daemon.given] == [SongMood]
            await painted(page)
            assert await page.do("painted") >= MANY - 1
            await page.until("song-why", "because you said so")

    serve(settings(root, port=free_port()), story, daemon)


def test_a_point_is_chosen_by_a_click_and_named_by_a_hover(root: Path) -> None:
    scanned(root / "state", songs(400))

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await page.look_like(1400, 900)
            await drawn(page, 400)
            song = await page.do("fetch('api/songs?count=1&after=100').then((answer) => answer.json())")
            x, y = await place_of(page, song)
            await page.mouse("mouseMoved", x, y)
            await page.until("song-tip", song["title"][0])
            await page.mouse("mousePressed", x, y)
            await page.mouse("mouseReleased", x, y)
            await page.until("song-title", song["title"][0])
            assert abs((await middle_of(page, "#song-handle"))[0] - x) < 2

    serve(settings(root, port=free_port()), story, LibraryDaemon(root / "state"))


def test_a_point_is_dragged_without_being_chosen_first(root: Path) -> None:
    scanned(root / "state", songs(200))
    daemon = LibraryDaemon(root / "state")

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await page.look_like(1400, 900)
            await drawn(page, 200)
            song = await page.do("fetch('api/songs?count=200').then((answer) => answer.json())")
            n = song["mood"].index("sad")
            x, y = await place_of(page, song, n)
            to_x, to_y = await middle_of(page, '.labels span[data-mood="happy"]')
            await page.mouse("mousePressed", x, y)
            await page.mouse("mouseMoved", (x + to_x) / 2, (y + to_y) / 2)
            await page.until("song-why", "Sad")
            await page.mouse("mouseMoved", to_x, to_y)
            await page.mouse("mouseReleased", to_x, to_y)
            await page.until("plane-said", "Kept: happy, as you say, no longer sad")
            assert len(daemon.given) == 1

    serve(settings(root, port=free_port()), story, daemon)


def test_a_finger_chooses_by_a_tap(root: Path) -> None:
    scanned(root / "state", songs(200))

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await page.look_like(360, 800)
            await page.call("Emulation.setTouchEmulationEnabled", enabled=True)
            await drawn(page, 200)
            song = await page.do("fetch('api/songs?count=1&after=100').then((answer) => answer.json())")
            x, y = await place_of(page, song)
            await page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
            assert await page.text("song-title") == ""
            await page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
            await page.until("song-title", song["title"][0])

    serve(settings(root, port=free_port()), story, LibraryDaemon(root / "state"))


def test_the_nearest_song_is_the_one_that_a_search_of_all_finds(root: Path) -> None:
    scanned(root / "state", songs(3000))

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await drawn(page, 3000)
            assert await page.do(COMPARED) == [3000, 0]

    serve(settings(root, port=free_port()), story, LibraryDaemon(root / "state"))


def test_songs_that_share_a_place_are_drawn_side_by_side(root: Path) -> None:
    scanned(root / "state", songs(200), heard=False)  # by their genres alone

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await drawn(page, 200)
            places = """import('/static/songs.js').then(async ({Songs}) => {
              const songs = await Songs.load(() => {});
              const many = (xs, ys) => new Set(xs.map((x, n) => x + ',' + ys[n])).size;
              const far = Math.max(...songs.id.map((_, n) =>
                Math.hypot(songs.x[n] - songs.valence[n], songs.y[n] - songs.arousal[n])));
              return [many(songs.valence, songs.arousal), many([...songs.x], [...songs.y]), far < 0.1];
            })"""
            shared, apart, near = await page.do(places)
            assert shared < 20
            assert (apart, near) == (200, True)

    serve(settings(root, port=free_port()), story, LibraryDaemon(root / "state"))


def test_the_keyboard_alone_corrects_a_song_and_undoes_it(root: Path) -> None:
    scanned(root / "state", songs(60))
    daemon = LibraryDaemon(root / "state")

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await drawn(page, 60)
            await page.do("document.getElementById('song-search').focus()")
            await page.call("Input.insertText", text="lantern")
            await page.until("found-count", "song")
            while "Lantern" not in await page.do("document.activeElement.innerText"):
                await page.key("Tab")
            await page.key("Enter")
            await focused(page, "song-handle")
            title, before = await page.text("song-title"), await page.text("song-why")
            for _ in range(40):
                await page.key("ArrowRight")
            for _ in range(40):
                await page.key("ArrowDown")
            await page.key("Escape")
            await page.until("plane-said", "back where it was")
            assert daemon.given == []
            for key in ("ArrowLeft", "ArrowUp"):
                for _ in range(40):
                    await page.key(key)
            await page.key("Enter")
            await page.until("plane-said", "Kept: fear")
            [given] = daemon.given
            assert isinstance(given, SongMood)
            assert given.mood is Emotion.FEAR
            await page.key("Escape")
            assert title in await page.do("document.activeElement.innerText")
            assert "yours" in await page.do("document.activeElement.innerText")
            await page.do("document.getElementById('song-undo').focus()")
            await page.key("Enter")
            await page.until("plane-said", "Undone")
            assert await page.text("song-why") == before
            assert daemon.given[1:] == [SongMood(given.uri, None)]

    serve(settings(root, port=free_port()), story, daemon)


def test_a_correction_that_cannot_be_kept_is_told_and_the_point_goes_back(root: Path) -> None:
    scanned(root / "state", songs(60))
    daemon = LibraryDaemon(root / "state")

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await drawn(page, 60)
            await choose_first(page, "Lantern")
            place, why = await middle_of(page, "#song-handle"), await page.text("song-why")
            daemon.refusal = StoreError("the disk is full: free some space")
            mood = "surprise" if "Surprise" not in why else "sad"
            await page.do(f"document.querySelector('#song-moods [data-value={mood}]').click()")
            await page.until("said", "the disk is full: free some space")
            assert await page.text("song-why") == why
            assert await middle_of(page, "#song-handle") == place

    serve(settings(root, port=free_port()), story, daemon)


def test_songs_are_found_by_words_and_by_mood(root: Path) -> None:
    scanned(root / "state", songs(300))

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await drawn(page, 300)
            await page.until("found-count", "300 songs")
            await choose_first(page, "Río")
            await page.do("document.querySelector('.song-list [data-value=sad]').click()")
            words = "[...document.querySelectorAll('#song-list .mood-word')].map((n) => n.innerText)"
            await page.holds(f"[...new Set({words})].join() === 'sad'")
            await page.do("document.querySelector('.song-list [data-value=yours]').click()")
            await page.until("found-count", "No song is found")

    serve(settings(root, port=free_port()), story, LibraryDaemon(root / "state"))


def test_what_is_not_there_says_how_to_get_it(root: Path) -> None:
    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await page.until("songs-state", "moodspeaker index scan")
            await page.until("scan-head", "never scanned")
            assert await page.text("song-plane") == ""
            assert await page.text("song-search") == ""
            with only_one(root / "state"):
                await page.do("location.hash = '#now'")
                await page.holds("document.getElementById('view-now')?.checkVisibility()")
                await page.do("location.hash = '#library'")
                await page.until("scan-head", "The scan has begun")
            scanned(root / "state", songs(30))
            await page.until("songs-state", "30 songs")
            await page.until("scan-head", "30 songs")

    serve(settings(root, port=free_port()), story, LibraryDaemon(root / "state"))


def test_a_library_that_cannot_be_read_says_why(root: Path) -> None:
    (root / "state").mkdir()
    (root / "state" / FILE).write_bytes(b"this is no database" * 100)

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await page.until("songs-state", "check the disk")
            await page.until("scan-fault", "check the disk")

    serve(settings(root, port=free_port()), story, LibraryDaemon(root / "state"))


def test_the_library_has_names_fits_a_phone_and_loads_nothing_from_elsewhere(root: Path) -> None:
    scanned(root / "state", songs(300))

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        async with browser(f"{api.address}#library") as page:
            await drawn(page, 300)
            await choose_first(page, "Lantern")
            for width, dark in ((360, False), (1400, True)):
                await page.look_like(width, 900, dark=dark)
                await page.do(
                    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
                )
                assert await page.do("document.documentElement.scrollWidth") <= width
                assert await page.nameless() == []
                small = (
                    "[...document.querySelectorAll('button')].filter((n) => n.checkVisibility() && "
                    "!n.matches('.plain') && n.getBoundingClientRect().height < 36).map((n) => n.outerHTML)"
                )
                assert await page.do(small) == []
            asked = await page.do("performance.getEntriesByType('resource').map((entry) => entry.name)")
            assert [one for one in asked if not one.startswith(api.address)] == []
            assert await page.console() == []

    serve(settings(root, port=free_port()), story, LibraryDaemon(root / "state"))


def test_a_mood_s_name_steps_aside_for_a_song(root: Path) -> None:
    listed = songs(7)
    scanned(root / "state", listed)
    daemon = LibraryDaemon(root / "state")

    async def story(api: Api, _daemon: FakeDaemon) -> None:
        for song, mood in zip(listed, EMOTIONS, strict=True):
            await daemon.command(SongMood(song.uri, mood))
        async with browser(f"{api.address}#library") as page:
            await drawn(page, 7)
            hidden = """import('/static/songs.js').then(async ({Songs}) => {
              const {x, y} = await Songs.load(() => {});
              const box = document.getElementById('song-points').getBoundingClientRect();
              const names = [...document.querySelectorAll('.labels [data-mood]')];
              return names.filter((name) => {
                const {left, right, top, bottom} = name.getBoundingClientRect();
                return x.some((_, n) => {
                  const at = box.left + (x[n] + 1) / 2 * box.width;
                  const high = box.top + (1 - y[n]) / 2 * box.height;
                  return at > left && at < right && high > top && high < bottom;
                });
              }).map((name) => name.textContent).join();
            })"""
            over = """(() => {
              const names = [...document.querySelectorAll('.labels [data-mood]')];
              const boxes = names.map((n) => n.getBoundingClientRect());
              return boxes.some((a, n) => boxes.some((b, m) => m > n &&
                a.left < b.right && b.left < a.right && a.top + 4 < b.bottom && b.top + 4 < a.bottom));
            })()"""
            for width in (1400, 360):
                await page.look_like(width, 900)
                await painted(page)
                await page.holds(f"{hidden}.then((names) => names === '')")
                assert await page.do(over) is False, width

    serve(settings(root, port=free_port()), story, daemon)
