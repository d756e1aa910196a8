"""The model that ships, and refused models."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.servers import require
from support.sounds import noise, piece, write

from moodspeaker import resources
from moodspeaker.analysis.affect_model import AffectModel, Judgement
from moodspeaker.analysis.decode import decode
from moodspeaker.analysis.descriptors import describe
from moodspeaker.analysis.listen import listen
from moodspeaker.analysis.sound import RATE
from moodspeaker.demo.music import PIECES
from moodspeaker.domain.timbre import NUMBERS, UNIT, apart
from moodspeaker.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = resources.models_folder() / "music"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the model to spoil."""
    shutil.copytree(SHIPPED, tmp_path / "music")
    return tmp_path / "music"


def rewrite(folder: Path, **changes: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_lively_pieces_are_more_aroused_than_quiet_ones() -> None:
    model = AffectModel(SHIPPED)
    arousal = {one.title: model(describe(piece(number, 30))).arousal for number, one in enumerate(PIECES)}
    lively = [arousal[title] for title in ("Sunny Side Up", "Slammed Doors", "Jack in the Box")]
    quiet = [arousal[title] for title in ("Rain on the Sill", "The Last Train", "Kitchen Light")]
    assert min(lively) > max(quiet)


@pytest.mark.parametrize("number", [0, 2, 4, 7])
def test_a_quieter_copy_and_one_of_40_kbit_land_near_the_song(tmp_path: Path, number: int) -> None:
    require("ffmpeg")
    model, sound = AffectModel(SHIPPED), piece(number, 20)
    song = model(describe(decode(write(tmp_path / "song.flac", sound)).sound))
    for name, words in (("quiet.wav", ("-af", "volume=-12dB")), ("small.mp3", ("-b:a", "40k"))):
        copy = model(describe(decode(write(tmp_path / name, sound, *words)).sound))
        assert copy.valence == pytest.approx(song.valence, abs=0.15), name
        assert copy.arousal == pytest.approx(song.arousal, abs=0.15), name


def test_a_copy_sounds_like_the_song_and_another_song_does_not(tmp_path: Path) -> None:
    require("ffmpeg")
    model, sounds = AffectModel(SHIPPED), [piece(number, 20) for number in (0, 2)]
    song, other = (model(describe(sound)).timbre for sound in sounds)
    copy = decode(write(tmp_path / "small.mp3", sounds[0], "-b:a", "40k", "-af", "volume=-12dB"))
    assert len(song) == NUMBERS
    assert apart(song, model(describe(copy.sound)).timbre) < 0.2 * UNIT < apart(song, other)


def test_what_is_unlike_all_music_is_trusted_less() -> None:
    model = AffectModel(SHIPPED)
    music = model(describe(piece(4, 20))).confidence
    beep = model(describe((0.5 * np.sin(np.arange(10 * RATE) * 0.2)).astype(np.float32))).confidence
    assert 0 <= beep < music < 1


def test_a_song_is_listened_to(tmp_path: Path) -> None:
    require("ffmpeg")
    heard = listen(write(tmp_path / "a.ogg", piece(0, 15)), AffectModel(SHIPPED))
    assert heard.seconds == pytest.approx(15, abs=0.1)
    assert heard.judgement is not None
    assert len(heard.fingerprint) == 30
    assert (heard.reason, heard.damaged) == ("", False)


@pytest.mark.parametrize(("seconds", "level", "reason"), [(5.0, 0.0, "silent"), (1.0, 0.1, "too short")])
def test_a_song_without_a_mood_has_a_reason(
    tmp_path: Path, seconds: float, level: float, reason: str
) -> None:
    require("ffmpeg")
    heard = listen(write(tmp_path / "a.flac", noise(seconds, level)), AffectModel(SHIPPED))
    assert (heard.judgement, heard.reason) == (None, reason)
    assert heard.seconds == pytest.approx(seconds, abs=0.1)


def test_a_file_that_cannot_be_decoded_has_a_reason(tmp_path: Path) -> None:
    require("ffmpeg")
    (tmp_path / "a.mp3").write_bytes(b"")
    heard = listen(tmp_path / "a.mp3", AffectModel(SHIPPED))
    assert (heard.seconds, heard.judgement, heard.reason) == (None, None, "empty file")


def test_a_changed_file_is_refused(folder: Path) -> None:
    with (folder / "affect.npz").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\0\0\0\0\0\0\0")
    with pytest.raises(ModelError, match="the file is damaged, reinstall it"):
        AffectModel(folder)


def test_a_model_of_other_descriptors_is_refused(folder: Path) -> None:
    rewrite(folder, features=0)
    with pytest.raises(ModelError, match="made for descriptors of version 0"):
        AffectModel(folder)


def test_a_manifest_without_its_fields_is_refused(folder: Path) -> None:
    rewrite(folder, reliability=[0.5])
    with pytest.raises(ModelError, match="reliability"):
        AffectModel(folder)


def test_a_missing_model_is_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"models\.path"):
        AffectModel(tmp_path)


def test_arrays_that_do_not_fit_are_refused(folder: Path) -> None:
    import hashlib  # noqa: PLC0415 - here only

    with np.load(folder / "affect.npz") as stored:
        arrays = dict(stored)
    arrays["coefficients"] = arrays["coefficients"][:-1]
    np.savez(folder / "affect.npz", **arrays)
    rewrite(folder, sha256=hashlib.sha256((folder / "affect.npz").read_bytes()).hexdigest())
    with pytest.raises(ModelError, match="coefficients is"):
        AffectModel(folder)


def test_samples_that_no_sound_has_are_silence(tmp_path: Path) -> None:
    require("ffmpeg")
    sound = piece(0, 12).copy()
    model = AffectModel(SHIPPED)
    song = listen(write(tmp_path / "a.wav", sound, "-c:a", "pcm_f32le"), model)
    sound[1000:1100] = (np.nan, np.inf, -np.inf, 1e30, -1e30) * 20
    odd = listen(write(tmp_path / "b.wav", sound, "-c:a", "pcm_f32le"), model)
    assert song.judgement is not None
    assert odd.judgement is not None
    assert odd.judgement.valence == pytest.approx(song.judgement.valence, abs=0.1)
    assert odd.judgement.arousal == pytest.approx(song.judgement.arousal, abs=0.1)
    for value in (1e30, 1e-30, np.nan):
        everywhere = write(tmp_path / "c.wav", np.full(12 * RATE, value, np.float32), "-c:a", "pcm_f32le")
        heard = listen(everywhere, model)
        assert (heard.judgement, heard.fingerprint, heard.reason) == (None, b"", "silent")


def test_what_analysis_did_not_foresee_is_a_reason(tmp_path: Path) -> None:
    require("ffmpeg")

    def fails(_: object) -> Judgement:
        message = "nobody thought of this"
        raise IndexError(message)

    heard = listen(write(tmp_path / "a.flac", piece(0, 12)), fails)  # type: ignore[arg-type]
    assert heard.judgement is None
    assert heard.seconds == pytest.approx(12, abs=0.1)
    assert heard.reason == "its sound cannot be analysed (IndexError: nobody thought of this)"
