"""Settings that were changed on the page, above those of the files; what each setting is."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from moodspeaker.config import overlay
from moodspeaker.config.describe import describe, sections
from moodspeaker.config.explain import as_table
from moodspeaker.config.layers import changeable, flat, load_layers, with_changes
from moodspeaker.config.load import load
from moodspeaker.config.overlay import MOST_UNDONE, Overlay
from moodspeaker.config.schema import Config
from moodspeaker.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from moodspeaker.config.layers import Layers


def layers(
    root: Path, values: object, *sets: str, text: str = "[mood]\ndwell = 30\n", **environ: str
) -> Layers:
    """Return the settings of a file with this text, these values changed on the page, and these words."""
    file = root / "config.toml"
    file.write_text(text, encoding="utf-8")
    (root / overlay.FILE).write_text(json.dumps({"settings": values, "undo": []}), encoding="utf-8")
    return load_layers(file, [f"paths.state={root}", *sets], {"HOME": "/nowhere", **environ})


def test_the_page_is_above_the_file_and_below_the_environment_and_the_command_line(tmp_path: Path) -> None:
    values = {"mood.dwell": 40, "mood.gap": 5, "hold.minutes": 12, "music.switch": "now"}
    found = layers(tmp_path, values, "mood.gap=6", MOODSPEAKER_HOLD__MINUTES="13")
    now = flat(found.config)
    assert [now[key] for key in values] == [40.0, 6.0, 13.0, "now"]
    assert flat(found.written)["mood.dwell"] == 30.0
    assert found.changed == {"mood.dwell": 40.0, "music.switch": "now"}
    assert {"mood.gap", "hold.minutes"} <= found.fixed
    assert found.origin["mood.dwell"] == str(tmp_path / "config.toml")
    assert (found.origin["mood.gap"], found.origin["hold.minutes"]) == (
        "--set mood.gap=6",
        "MOODSPEAKER_HOLD__MINUTES",
    )
    assert found.left_out == {}


def test_what_does_not_fit_any_more_is_left_out_by_name_and_the_rest_is_in_force(tmp_path: Path) -> None:
    values = {"mood.dwel": 1, "mood.dwell": 9999, "mood.gap": 5, "camera.source": "none", "mood.merge": {}}
    found = layers(tmp_path, values)
    assert found.config.mood.gap == 5
    assert (found.config.mood.dwell, found.config.camera.source) == (30, "auto")
    assert list(found.left_out) == ["mood.dwel", "mood.dwell", "camera.source", "mood.merge"]
    file = tmp_path / overlay.FILE
    assert found.left_out["mood.dwell"] == (
        f"{file}: mood.dwell = 9999: it should be less than or equal to 3600; "
        "it is left out: change it on the page"
    )
    assert "did you mean mood.dwell?" in found.left_out["mood.dwel"]
    assert "camera.source is not for the page: change it in config.toml" in found.left_out["camera.source"]


def test_values_that_do_not_go_together_are_left_out_one_by_one(tmp_path: Path) -> None:
    found = layers(tmp_path, {"mood.shown": 0.7, "mood.resting": 0.5})
    assert (found.config.mood.shown, found.config.mood.resting) == (0.7, 0.28)
    assert "keep them below 1" in found.left_out["mood.resting"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"settings": 5, "undo": []}',
        '{"settings": [[5, 2]], "undo": []}',
        '{"settings": {}, "undo": [[[5, 2]]]}',
        "[" * 100_000,
        "\xff",
    ],
)
def test_a_damaged_file_keeps_nobody_from_starting(tmp_path: Path, content: str) -> None:
    (tmp_path / overlay.FILE).write_bytes(content.encode("latin-1"))
    found = load_layers(None, [f"paths.state={tmp_path}"], {"HOME": "/nowhere"})
    assert found.config == found.written
    assert found.left_out == {
        str(tmp_path / overlay.FILE): (
            f"{tmp_path / overlay.FILE}: damaged: what was changed on the page is lost: "
            "change it there again, or delete the file"
        )
    }


def test_without_a_file_nothing_is_changed_and_nothing_said(tmp_path: Path) -> None:
    found = load_layers(None, [f"paths.state={tmp_path / 'none'}"], {"HOME": "/nowhere"})
    assert (found.config, found.changed, found.left_out) == (found.written, {}, {})


def test_what_vision_loads_knows_nothing_of_the_page(tmp_path: Path) -> None:
    found = layers(tmp_path, {"mood.dwell": 40, "vision.interval": 9})
    of_vision = load(tmp_path / "config.toml", [f"paths.state={tmp_path}"], {"HOME": "/nowhere"})
    assert of_vision == found.written
    assert of_vision.mood.dwell == 30


def test_the_page_may_change_no_path_no_host_no_secret_and_nothing_that_vision_reads() -> None:
    keys = changeable()
    assert {key.partition(".")[0] for key in keys} == {"mood", "listen", "hold", "music", "target"}
    words = ("file", "path", "dir", "host", "port", "token", "password", "username")
    assert [key for key in keys if any(word in key for word in words)] == []
    odd = {key: f"{key}.odd" for key in keys if describe()[key].kind == "text"}
    for key, text in odd.items():  # no text that is taken as it is: it could be a path
        with pytest.raises(ConfigError, match=key.rpartition(".")[2]):
            with_changes(Config(), {key: text})


def test_a_change_is_refused_with_the_schema_s_own_words() -> None:
    with pytest.raises(ConfigError) as refused:
        with_changes(Config(), {"mood.dwell": -1, "music.switch": "soon"})
    assert refused.value.reasons == (
        "mood.dwell = -1: it should be greater than or equal to 0",
        "music.switch = 'soon': it should be 'song_end', 'now' or 'fade'",
    )
    with pytest.raises(ConfigError, match=r"web\.token_file is not for the page"):
        with_changes(Config(), {"web.token_file": "/etc/passwd"})


def test_every_change_can_be_taken_back_the_newest_first() -> None:
    first = Overlay().changed({"mood.dwell": 40, "mood.gap": 1})
    second = first.changed({"mood.dwell": 50, "mood.gap": None})
    assert second.values == {"mood.dwell": 50}
    assert second.undone() == first
    assert second.undone().undone() == Overlay()
    assert Overlay().undone() == Overlay()
    assert first.changed({"mood.dwell": 40}) == first
    page = Overlay()
    for value in range(50):
        page = page.changed({"mood.dwell": value})
    assert len(page.undo) == MOST_UNDONE


def test_what_is_written_is_read_again_and_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    page = Overlay().changed({"mood.dwell": 40.0, "listen.start": "arrival"})
    file = tmp_path / overlay.FILE
    overlay.write(file, page)
    assert overlay.read(file) == page
    with pytest.raises(StoreError, match=r"cannot be written.*: the old settings stay"):
        overlay.write(tmp_path / "none" / overlay.FILE, page)


def test_every_setting_has_its_words_its_limits_and_its_default() -> None:
    described = describe()
    assert list(described) == list(flat(Config()))
    assert [key for key, one in described.items() if not one.doc.endswith((".", "?"))] == []
    dwell = described["mood.dwell"]
    assert dwell.doc == "Seconds between two changes of mood that faces cause, at least."
    assert (dwell.kind, dwell.default, dwell.least, dwell.most) == ("number", 20.0, 0, 3600)
    margin = described["mood.margin"]
    assert (margin.least, margin.least_excluded, margin.most, margin.most_excluded) == (0.5, True, 1, True)
    assert described["listen.start"].choices == ("person", "arrival")
    assert described["index.stickers"].kind == "switch"
    assert list(sections()) == list(as_table(Config()))


@pytest.mark.parametrize("key", changeable())
def test_limits_that_are_told_are_those_that_hold(key: str) -> None:
    one = describe()[key]
    values: list[tuple[Any, bool]] = [(choice, True) for choice in one.choices]
    if one.least is not None:
        values += [(one.least, not one.least_excluded), (one.least - 1, False)]
    if one.most is not None:
        values += [(one.most, not one.most_excluded), (one.most + 1, False)]
    for value, taken in values:
        beside = {"mood.shown": {"mood.resting": 0.0}, "mood.resting": {"mood.shown": 0.21}}.get(key, {})
        with contextlib.nullcontext() if taken else pytest.raises(ConfigError):
            with_changes(Config(), {key: value, **beside})
