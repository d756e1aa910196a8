"""The demo's pieces: sound, well-formed files, and clearly different."""

import struct

import numpy as np
import pytest

from moodspeaker.demo.music import (
    ARTIST,
    BEATS_A_BAR,
    PIECES,
    RATE,
    Piece,
    _chord,
    _melody,
    _pitch,
    play,
    wave_file,
)
from moodspeaker.domain.emotion import Emotion

each_piece = pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.title)


def chunks(content: bytes) -> dict[bytes, bytes]:
    found, at = {}, 0
    while at < len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        found[name] = content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(content)
    return found


def brightness(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound))
    return float((spectrum * np.fft.rfftfreq(sound.size, 1 / RATE)).sum() / spectrum.sum())


def test_there_are_two_pieces_for_the_moods_that_come_most() -> None:
    moods = [piece.mood for piece in PIECES]
    assert {mood for mood in moods if moods.count(mood) >= 2} >= {Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL}


@each_piece
def test_it_lasts_twenty_to_forty_seconds_without_clipping_or_silence(piece: Piece) -> None:
    sound = play(piece)
    assert 20 <= sound.size / RATE <= 40
    assert 0.5 < float(np.abs(sound).max()) < 0.9
    seconds = sound[: sound.size // RATE * RATE].reshape(-1, RATE)[:-1]
    assert float(seconds.std(1).min()) > 0.005


@each_piece
def test_it_ends_quietly(piece: Piece) -> None:
    assert float(np.abs(play(piece)[-RATE // 50 :]).max()) < 0.1


@each_piece
def test_melody_and_chords_are_of_one_length(piece: Piece) -> None:
    beats = sum(float(word.partition(":")[2]) for word in piece.melody.split())
    total = len(piece.chords.split()) * BEATS_A_BAR * piece.rounds
    assert total % beats == 0


@each_piece
def test_the_file_is_wave_with_title_artist_and_genre(piece: Piece) -> None:
    outer = chunks(wave_file(piece, play(piece)[:1001]))
    assert list(outer) == [b"RIFF"]
    assert outer[b"RIFF"][:4] == b"WAVE"
    inner = chunks(outer[b"RIFF"][4:])
    assert struct.unpack("<HHIIHH", inner[b"fmt "]) == (1, 1, RATE, 2 * RATE, 2, 16)
    assert len(inner[b"data"]) == 2002
    tags = {name: text.rstrip(b"\0").decode() for name, text in chunks(inner[b"LIST"][4:]).items()}
    assert (tags[b"INAM"], tags[b"IART"], tags[b"IGNR"]) == (
        piece.title,
        ARTIST,
        piece.genre or str(piece.mood),
    )


def test_happy_is_faster_and_brighter_than_sad() -> None:
    happy = [piece for piece in PIECES if piece.mood is Emotion.HAPPY]
    sad = [piece for piece in PIECES if piece.mood is Emotion.SAD]
    assert min(piece.tempo for piece in happy) > 1.5 * max(piece.tempo for piece in sad)
    assert min(brightness(play(piece)) for piece in happy) > 1.5 * max(
        brightness(play(piece)) for piece in sad
    )


def test_the_notation() -> None:
    assert [_pitch("A4"), _pitch("C#4"), _pitch("C5")] == [69, 61, 72]
    assert _chord("Am7") == (45, (0, 3, 7, 10))
    assert list(_melody("A4:1 -:1 C5:2", 6)) == [(0.0, 69, 1.0), (2.0, 72, 2.0), (4.0, 69, 1.0)]
    with pytest.raises(ValueError, match="no chord: H"):
        _chord("H")
