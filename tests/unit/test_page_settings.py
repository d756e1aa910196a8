"""The settings of a running speaker, changed on the page."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from support.fake_daemon import page_settings

from moodspeaker.config import overlay
from moodspeaker.domain.commands import ChangeSetting
from moodspeaker.errors import ConfigError, SettingsConflict, StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.speaker.settings import Settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a configuration and a state folder."""
    (tmp_path / "state").mkdir()
    (tmp_path / "config.toml").write_text("[mood]\ndwell = 30\n", encoding="utf-8")
    return tmp_path


def change(settings: Settings, **changes: object) -> None:
    asyncio.run(settings.change({key.replace("__", "."): value for key, value in changes.items()}))


def row(settings: Settings, key: str) -> Any:  # noqa: ANN401 - JSON
    return next(one for one in settings.shown()["settings"] if one["key"] == key)


def test_a_change_is_in_force_on_the_disk_and_shown_with_what_it_stands_above(root: Path) -> None:
    settings = page_settings(root)
    change(settings, mood__dwell=40, listen__start="arrival")
    assert settings.in_force.config.mood.dwell == 40
    dwell = row(settings, "mood.dwell")
    assert (dwell["value"], dwell["written"], dwell["default"], dwell["changed"]) == (40.0, 30.0, 20.0, True)
    assert (dwell["origin"], dwell["fixed"]) == (str(root / "config.toml"), False)
    assert row(settings, "mood.gap")["changed"] is False
    assert page_settings(root).in_force.config.listen.start == "arrival"  # the next start
    assert settings.shown()["undo"] == {"mood.dwell": 30.0, "listen.start": "person"}


def test_two_changes_at_once_are_both_in_force(root: Path) -> None:
    settings = page_settings(root)
    adopted: list[tuple[float, float]] = []
    settings._adopt = lambda config: adopted.append((config.mood.dwell, config.hold.minutes))

    async def both() -> None:
        await asyncio.gather(settings.change({"mood.dwell": 40}), settings.change({"hold.minutes": 5}))

    asyncio.run(both())
    assert adopted == [(40, 30), (40, 5)]


def test_whoever_waits_for_no_answer_is_heard_and_the_last_value_counts(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings, adopted = page_settings(root, ["hold.minutes=7"]), asyncio.Event()
    settings._adopt = lambda _: adopted.set()
    written: list[dict[str, Any]] = []
    write = overlay.write
    monkeypatch.setattr(overlay, "write", lambda file, page: (written.append(page.values), write(file, page)))

    async def story() -> None:
        for seconds in range(40, 60):
            settings.want(ChangeSetting("mood.dwell", float(seconds)))
        settings.want(ChangeSetting("hold.minutes", 9.0))
        running = asyncio.create_task(settings.run())
        await asyncio.wait_for(adopted.wait(), 5)
        async with asyncio.timeout(5):
            while not caplog.messages:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0)
        running.cancel()

    asyncio.run(story())
    assert settings.in_force.config.mood.dwell == 59
    assert written == [{"mood.dwell": 59.0}]
    assert "hold.minutes is given by --set hold.minutes=7" in caplog.text


def test_a_change_back_leaves_nothing_behind(root: Path) -> None:
    settings = page_settings(root)
    change(settings, mood__dwell=40, mood__gap=5)
    change(settings, mood__dwell=None)
    change(settings, mood__gap=4)  # what it is without the page
    assert settings.in_force.layers.page.values == {}
    assert settings.in_force.config.mood.dwell == 30
    asyncio.run(settings.undo())
    asyncio.run(settings.undo())
    asyncio.run(settings.undo())
    assert settings.in_force.config.mood.dwell == 30
    with pytest.raises(SettingsConflict, match="nothing was changed on the page"):
        asyncio.run(settings.undo())


def test_all_of_a_change_or_none_of_it(root: Path) -> None:
    settings = page_settings(root)
    with pytest.raises(ConfigError, match=r"mood\.gap = 99: it should be less than or equal to 60"):
        change(settings, mood__dwell=40, mood__gap=99)
    with pytest.raises(ConfigError, match=r"did you mean mood\.dwell"):
        change(settings, mood__dwel=40)
    assert settings.in_force.config.mood.dwell == 30
    assert not (root / "state" / overlay.FILE).exists()


def test_what_is_given_to_this_start_wins_and_says_so(root: Path) -> None:
    settings = page_settings(root, ["mood.dwell=7"])
    with pytest.raises(SettingsConflict, match=r"is given by --set mood\.dwell=7, which wins over the page"):
        change(settings, mood__dwell=40)
    assert row(settings, "mood.dwell")["fixed"] is True


def test_nothing_is_changed_while_the_configuration_would_be_refused(root: Path) -> None:
    settings = page_settings(root)
    (root / "config.toml").write_text("[mood]\ndwel = 30\n", encoding="utf-8")
    with pytest.raises(SettingsConflict, match=r"nothing was changed.*unknown key mood\.dwel"):
        change(settings, mood__gap=5)
    assert not (root / "state" / overlay.FILE).exists()


def test_a_disk_that_refuses_changes_nothing(root: Path) -> None:
    settings = page_settings(root)
    (root / "state").rmdir()
    with pytest.raises(StoreError, match="cannot be written"):
        change(settings, mood__dwell=40)
    assert settings.in_force.config.mood.dwell == 30


def test_what_does_not_fit_is_shown_and_goes_when_it_is_sent_back(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = {"settings": {"mood.old": 5, "mood.dwell": 9999}, "undo": []}
    (root / "state" / overlay.FILE).write_text(json.dumps(kept), encoding="utf-8")
    settings = page_settings(root)
    assert len(caplog.messages) == 2
    assert list(settings.shown()["left_out"]) == ["mood.old", "mood.dwell"]
    settings.reload()
    assert len([said for said in caplog.messages if "left out" in said]) == 2  # once
    asyncio.run(settings.change({"mood.old": None, "mood.dwell": None}))
    assert settings.shown()["left_out"] == {}


def test_a_file_that_changed_is_taken_with_the_change(root: Path) -> None:
    settings = page_settings(root)
    (root / "config.toml").write_text("[mood]\ngap = 9\n", encoding="utf-8")
    change(settings, mood__dwell=40)
    assert (settings.in_force.config.mood.gap, row(settings, "mood.dwell")["written"]) == (9, 20.0)


def test_what_changed_is_logged_and_nothing_where_nothing_did(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    settings = page_settings(root)
    asyncio.run(settings.obey(ChangeSetting("mood.dwell", 30.0)))  # what it is
    assert caplog.messages == []
    asyncio.run(settings.obey(ChangeSetting("mood.dwell", 41.0)))
    asyncio.run(settings.obey(ChangeSetting("mood.dwell", 41.0)))
    assert caplog.messages == ["settings changed: mood.dwell = 41.0"]


def test_vision_hears_of_its_own_settings_alone(root: Path) -> None:
    told: list[str] = []
    settings = page_settings(root)
    settings._reload_vision = lambda: told.append("reload")
    change(settings, mood__dwell=40)
    assert told == []
    (root / "config.toml").write_text("[vision]\ninterval = 2\n", encoding="utf-8")
    change(settings, mood__dwell=41)
    assert told == ["reload"]
    settings.reload()
    assert told == ["reload", "reload"]


def test_what_makes_another_day_can_be_tried(root: Path) -> None:
    settings = page_settings(root)
    now, then = settings.tried({"mood.dwell": 90, "mood.gap": None, "music.switch": "now"})
    assert (now.mood.dwell, then.mood.dwell, then.mood.gap) == (30, 90, 4)
    assert (now.music.switch, then.music.switch) == ("song_end", "now")
    assert settings.in_force.config.mood.dwell == 30
    with pytest.raises(ConfigError, match=r"hold\.minutes cannot be tried on the day: keys of \[mood\]"):
        settings.tried({"hold.minutes": 5})
