"""Models and their manifests.  The models are stand-ins (tests/data/make_standins.py)."""

from __future__ import annotations

import json
import math
import shutil
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.drawn import STANDINS, half_lit, white_square
from support.nobody import as_nobody

from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.errors import ModelError
from moodspeaker.model_files import read_table
from moodspeaker.vision.interpreter import ExpressionNet, FaceDetector

if TYPE_CHECKING:
    from pathlib import Path

HAPPY, SAD, NEUTRAL = (EMOTIONS.index(name) for name in ("happy", "sad", "neutral"))  # type: ignore[arg-type] - a StrEnum


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A copy of the stand-ins to spoil."""
    shutil.copytree(STANDINS, tmp_path / "models")
    return tmp_path / "models"


def rewrite(folder: Path, **changes: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_a_face_is_found_with_box_and_score() -> None:
    found, scores = FaceDetector(STANDINS / "face")(white_square())
    assert found.tolist() == [[112, 72, 64, 64]]
    assert scores[0] > 0.95


def test_the_threshold_is_the_manifests_unless_another_is_given(models: Path) -> None:
    dim = np.full((240, 320), 40, np.uint8)
    dim[72:136, 112:176] = 200
    assert len(FaceDetector(models / "face")(dim)[0]) == 1
    assert len(FaceDetector(models / "face")(dim, 0.9)[0]) == 0
    rewrite(models / "face", threshold=0.9)
    assert len(FaceDetector(models / "face")(dim)[0]) == 0
    assert len(FaceDetector(models / "face")(dim, 0.0)[0]) > 50


def test_an_expression_is_seven_probabilities_in_order() -> None:
    net = ExpressionNet(STANDINS / "emotion")
    even = np.full((48, 48), 99, np.uint8)
    for face, expected in ((half_lit(below=True), HAPPY), (half_lit(below=False), SAD), (even, NEUTRAL)):
        shares = net(face)
        assert len(shares) == 7
        assert sum(shares) == pytest.approx(1)
        assert int(np.argmax(shares)) == expected


def test_each_head_has_its_own_answer() -> None:
    net = ExpressionNet(STANDINS / "emotion")
    assert int(np.argmax(net(half_lit(below=True), "fer2013"))) == SAD


def test_a_face_and_its_mirror_image_look_the_same() -> None:
    net = ExpressionNet(STANDINS / "emotion")
    face = np.random.default_rng(0).integers(0, 255, (48, 48), np.uint8)
    assert net(face) == pytest.approx(net(face[:, ::-1]))


def test_heat_flattens_and_a_bias_moves(models: Path) -> None:
    plain = ExpressionNet(models / "emotion")(half_lit(below=True))
    rewrite(
        models / "emotion",
        heads={name: {"temperature": 3.0, "bias": [0.0] * 7} for name in ("ferplus", "fer2013")},
    )
    hot = ExpressionNet(models / "emotion")(half_lit(below=True))
    assert 1 / 7 < hot[HAPPY] < plain[HAPPY]
    rewrite(
        models / "emotion",
        heads={name: {"temperature": 1.0, "bias": [30.0] + [0.0] * 6} for name in ("ferplus", "fer2013")},
    )
    assert ExpressionNet(models / "emotion")(half_lit(below=True))[0] > 0.99


def test_a_head_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match="only ferplus, fer2013"):
        ExpressionNet(STANDINS / "emotion")(half_lit(below=True), "affectnet")


@pytest.mark.parametrize(("task", "kind"), [("face", FaceDetector), ("emotion", ExpressionNet)])
@pytest.mark.parametrize("place", [0.0, 0.5, 0.999])
def test_one_flipped_byte_is_refused_by_name(models: Path, task: str, kind: type, place: float) -> None:
    file = models / task / f"{task}.tflite"
    content = bytearray(file.read_bytes())
    content[int(len(content) * place)] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelError, match=rf"{task}\.tflite: sha256 .* damaged"):
        kind(models / task)


@pytest.mark.parametrize(("task", "kind"), [("face", FaceDetector), ("emotion", ExpressionNet)])
def test_what_is_missing_is_named_with_the_cure(models: Path, task: str, kind: type) -> None:
    (models / task / f"{task}.tflite").unlink()
    with pytest.raises(ModelError, match=rf"{task}\.tflite: No such file.*models\.path"):
        kind(models / task)
    (models / task / "manifest.json").unlink()
    with pytest.raises(ModelError, match=r"manifest\.json: No such file.*models\.path"):
        kind(models / task)


@pytest.mark.parametrize("name", ["manifest.json", "face.tflite"])
def test_a_model_that_is_closed_to_us_names_the_cure(root: Path, name: str) -> None:
    root.chmod(0o755)
    shutil.copytree(STANDINS / "face", root / "face")
    (root / "face").chmod(0o755)
    file = root / "face" / name
    file.chmod(0)
    with as_nobody(), pytest.raises(ModelError, match=rf"{name}: permission denied: {file} is closed"):
        FaceDetector(root / "face")


@pytest.mark.parametrize(
    ("task", "changes", "reason"),
    [
        ("face", {"threshold": 2}, "threshold"),
        ("face", {"version": ""}, "version"),
        ("face", {"task": "emotion"}, "task"),
        ("face", {"strides": [16]}, "do not fit 300 anchors"),
        ("face", {"priors": [10.0, 20.0]}, "each stride have a prior"),
        ("face", {"priors": [math.inf]}, "priors"),
        ("face", {"input": {"shape": [1, 320, 240, 1]}}, "its input should be"),
        ("face", {"outputs": [{"name": "scores", "shape": [1, 80, 1]}]}, "do not fit"),
        (
            "emotion",
            {"labels": ["neutral", "angry", "disgust", "fear", "happy", "sad", "surprise"]},
            "labels are neutral, angry",
        ),
        ("emotion", {"heads": {"ferplus": {"temperature": 1.0, "bias": [0.0] * 7}}}, "a head"),
        ("emotion", {"heads": {"ferplus": {"temperature": 0.0, "bias": [0.0] * 7}}}, "temperature"),
        ("emotion", {"heads": {"ferplus": {"temperature": 1.0, "bias": [math.nan] * 7}}}, "bias"),
        ("emotion", {"input": {"shape": [1, 48, 48, 1]}}, "its input should be"),
        ("emotion", {"outputs": []}, "a head"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    models: Path, task: str, changes: dict[str, Any], reason: str
) -> None:
    rewrite(models / task, **changes)
    with pytest.raises(ModelError, match=rf"manifest\.json: .*{reason}"):
        (FaceDetector if task == "face" else ExpressionNet)(models / task)


def test_a_file_that_is_not_what_its_manifest_says_is_refused(models: Path) -> None:
    detector = json.loads((models / "face" / "manifest.json").read_text())
    shutil.copy(models / "face" / "face.tflite", models / "emotion" / "emotion.tflite")
    rewrite(models / "emotion", sha256=detector["sha256"])
    with pytest.raises(
        ModelError, match=r"emotion\.tflite: input is int8 \[1, 240, 320, 1\], its manifest says"
    ):
        ExpressionNet(models / "emotion")


def test_a_file_that_is_no_model_is_refused_in_one_line(
    models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import hashlib  # noqa: PLC0415 - here alone

    (models / "face" / "face.tflite").write_bytes(b"not a model at all")
    rewrite(models / "face", sha256=hashlib.sha256(b"not a model at all").hexdigest())
    with pytest.raises(ModelError, match=r"face\.tflite: the runtime cannot load it") as caught:
        FaceDetector(models / "face")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_manifest_that_is_not_json_is_refused(models: Path) -> None:
    (models / "face" / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match=r"manifest\.json: Invalid JSON"):
        FaceDetector(models / "face")


def test_a_file_that_no_file_can_be_named_is_refused(models: Path) -> None:
    rewrite(models / "face", file="face\0.tflite")
    with pytest.raises(ModelError, match="null byte"):
        FaceDetector(models / "face")


def test_a_manifest_is_shown_only_when_every_reader_of_json_reads_it(models: Path) -> None:
    assert read_table(models / "face")["task"] == "face"
    rewrite(models / "face", metrics={"ap": math.nan})
    with pytest.raises(ModelError, match=r"manifest\.json: not JSON: NaN is no number"):
        read_table(models / "face")


def test_without_a_runtime_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)
    with pytest.raises(ModelError, match="pip install ai-edge-litert"):
        FaceDetector(STANDINS / "face")


def test_the_second_runtime_serves_where_the_first_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pytest.importorskip("ai_edge_litert.interpreter")
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime", first)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", first)
    assert len(FaceDetector(STANDINS / "face")(white_square())[0]) == 1
