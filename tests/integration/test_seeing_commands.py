"""`moodspeaker look` and `moodspeaker models`, as a person and a script call them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from support.drawn import STANDINS, half_lit, white_square
from support.vision_process import CHECKOUT

from moodspeaker.cli import main
from moodspeaker.cli.doctor import songs
from moodspeaker.config.load import load
from moodspeaker.resources import models_folder

if TYPE_CHECKING:
    from pathlib import Path


def moodspeaker(
    *words: str | Path, models: Path = STANDINS, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "moodspeaker", *map(str, words), "--set", f"models.path={models}"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        argv, capture_output=True, text=True, env=environment, cwd=cwd, timeout=60, check=False
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), white_square())
    cv2.imwrite(str(folder / "c.png"), np.full((240, 320), 40, np.uint8))
    return folder


def test_look_prints_one_object_a_picture(album: Path) -> None:
    done = moodspeaker("look", "--json", "a.png", "c.png", cwd=album)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = lines(done)
    assert (first["image"], first["width"], first["height"]) == ("a.png", 320, 240)
    (face,) = first["faces"]
    assert face["box"] == [112, 72, 64, 64]
    assert 0.9 < face["score"] <= 1
    assert list(face["probabilities"]) == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert second["faces"] == []


def test_look_goes_on_after_a_corrupt_picture_and_ends_with_two(album: Path) -> None:
    (album / "b.png").write_bytes((album / "a.png").read_bytes()[:80])
    done = moodspeaker("look", "--json", album)
    assert done.returncode == 2
    assert [line["image"] for line in lines(done)] == [str(album / "a.png"), str(album / "c.png")]
    (complaint,) = done.stderr.splitlines()
    assert "b.png" in complaint


def test_look_reads_crops_of_an_array_by_number_and_by_either_head(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", images=np.stack([half_lit(below=True), half_lit(below=False)]))
    for head, expected in (("ferplus", ["happy", "sad"]), ("fer2013", ["sad", "happy"])):
        found = lines(moodspeaker("look", "--crop", "--json", "--labels", head, "f.npz", cwd=tmp_path))
        assert [line["image"] for line in found] == ["f.npz#0", "f.npz#1"]
        assert [line["faces"][0]["box"] for line in found] == [[0, 0, 48, 48]] * 2
        best = [max(line["faces"][0]["probabilities"].items(), key=lambda item: item[1])[0] for line in found]
        assert best == expected


def test_look_at_one_scale_gives_boxes_in_pixels_of_the_picture(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "big.png"), np.kron(white_square(), np.ones((4, 4), np.uint8)))
    (line,) = lines(moodspeaker("look", "--json", "--frame", "320", tmp_path / "big.png"))
    assert [face["box"] for face in line["faces"]] == [[448, 288, 256, 256]]


def test_a_threshold_of_zero_lists_every_candidate(album: Path) -> None:
    (line,) = lines(moodspeaker("look", "--json", "--min-score", "0", album / "a.png"))
    assert len(line["faces"]) > 50


def test_without_json_it_is_a_table_for_people(album: Path) -> None:
    done = moodspeaker("look", album)
    assert done.returncode == 0
    assert "a.png  320x240  1 face\n" in done.stdout
    assert "c.png  320x240  no faces\n" in done.stdout
    assert "neutral" in done.stdout


@pytest.mark.parametrize(
    ("option", "word"), [("--frame", "0"), ("--frame", "big"), ("--min-score", "2"), ("--labels", "other")]
)
def test_a_bad_option_is_bad_usage(album: Path, option: str, word: str) -> None:
    done = moodspeaker("look", option, word, album)
    assert done.returncode == 2
    assert option in done.stderr


def test_a_folder_as_documented_is_enough_for_every_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for task in ("face", "emotion"):
        shutil.copytree(STANDINS / task, tmp_path / task)
    sets = ["--set", f"models.path={tmp_path}"]
    for action in ("verify", "show"):
        assert main(["models", action, *sets]) == 0
        told = capsys.readouterr()
        [music] = [line for line in told.out.splitlines() if line.startswith("music: ")]
        assert music.endswith(f"(it came with the program: {tmp_path} has no music/)")
        assert str(models_folder() / "music") in music
        assert f"{tmp_path}/face/" in told.out
    found = songs.model(load(sets=[f"models.path={tmp_path}"]))
    assert found.verdict == "ok"
    assert found.message.endswith(f"(it came with the program: {tmp_path} has no music/)")
    (tmp_path / "music").mkdir()
    assert main(["models", "verify", *sets]) == 1, "a folder that is there counts, even an empty one"


def test_a_flipped_byte_is_found_by_verify_and_refused_by_look(tmp_path: Path, album: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(STANDINS, models)
    assert moodspeaker("models", "verify", models=models).returncode == 0
    file = models / "emotion" / "emotion.tflite"
    content = bytearray(file.read_bytes())
    content[100] ^= 0x80
    file.write_bytes(content)
    verified = moodspeaker("models", "verify", models=models)
    assert verified.returncode == 1
    assert "emotion.tflite" in verified.stderr
    assert "face: stand-in-face" in verified.stdout
    looked = moodspeaker("look", "--json", album, models=models)
    assert (looked.returncode, looked.stdout) == (2, "")
    (complaint,) = looked.stderr.splitlines()
    assert "emotion.tflite" in complaint


def test_a_flipped_byte_of_the_model_of_songs_is_found(tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(STANDINS, models)
    assert moodspeaker("models", "verify", models=models).returncode == 0
    file = models / "music" / "music.npz"
    content = bytearray(file.read_bytes())
    content[-10] ^= 1
    file.write_bytes(content)
    verified = moodspeaker("models", "verify", models=models)
    assert verified.returncode == 1
    assert "music.npz" in verified.stderr


def test_models_are_shown_whole_as_json_and_briefly_to_people() -> None:
    shown = json.loads(moodspeaker("models", "show", "--json").stdout)
    assert [shown[task]["version"] for task in ("face", "emotion", "music")] == ["0.0.1"] * 3
    brief = moodspeaker("models", "show").stdout
    assert "emotion: stand-in-emotion 0.0.1" in brief
    assert "sha256" in brief
