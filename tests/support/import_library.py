"""A small library whose tags differ from what exports say of it; every song and artist is invented.

Two songs are called Harvest, Tide Table is there on two albums and once live; one file's name and tags are in
decomposed Unicode, one has two artists, one an artist with commas, one no tags, one no album.
"""

from __future__ import annotations

import struct
import unicodedata
from typing import TYPE_CHECKING

from moodspeaker.domain.song import CatalogueSong

if TYPE_CHECKING:
    from pathlib import Path


def decomposed(text: str) -> str:
    """Return text with its accents as letters of their own."""
    return unicodedata.normalize("NFD", text)


HORSE = decomposed("salt/Bílý kůň.flac")
WAIT = "tin/Don\u2019t Wait.flac"
SONGS = (
    CatalogueSong(
        "brook/lanterns.flac",
        "Paper Lanterns",
        ("Mira Holt",),
        "Low Water",
        200.0,
        recording="b1a9c0e9-d987-4042-ae91-78d6a3267d69",
    ),
    CatalogueSong("brook/tide.flac", "Tide Table", ("Mira Holt",), "Low Water", 240.0),
    CatalogueSong("brook/best/tide.flac", "Tide Table", ("Mira Holt",), "The Best of Mira Holt", 240.0),
    CatalogueSong("brook/live/tide.flac", "Tide Table (Live)", ("Mira Holt",), "Live in Kiel", 260.0),
    CatalogueSong(HORSE, decomposed("Bílý kůň"), (decomposed("Eva Řezáčová"),), "Cesty", 180.0),
    CatalogueSong("salt/gravel.flac", "Gravel Road", ("Salt, Smoke and Pine",), "Embers", 210.0),
    CatalogueSong("salt/rivers.flac", "Two Rivers", ("Nils Berg", "Ona Field"), "Confluence", 190.0),
    CatalogueSong(
        "salt/harbour.flac", "Harbour Lights (feat. Ona Field)", ("Nils Berg",), "Confluence", 230.0
    ),
    CatalogueSong("tin/harvest.flac", "Harvest", ("The Tin Cups",), "Barn", 150.0),
    CatalogueSong("reed/harvest.flac", "Harvest", ("Reed Choir",), "Stubble", 170.0),
    CatalogueSong("tin/#9 Polka.flac", "#9 Polka", ("Fern & Fox",), "Steps", 90.0),
    CatalogueSong("tin/50% Slower.flac", "50% Slower", ("Fern & Fox",), "Steps", 95.0),
    CatalogueSong(
        "tin/Don\u2019t Wait.flac", "Don\u2019t Wait, Little One", ("The Tin Cups",), "Barn", 140.0
    ),
    CatalogueSong("far/雨のうた.flac", "雨のうた", ("Ona Field",), "Far Off", 160.0),
    CatalogueSong("far/canon.flac", "Canon, in D", ("Amsel, Johann",), "Chamber", 300.0),
    CatalogueSong("reed/Reed Choir - Loose Sheet.flac", seconds=2.0),
    CatalogueSong("far/hush.flac", "Hush", ("Ana Aubry-Stone",), "", 5.0),
)


def write_flac(path: Path, song: CatalogueSong) -> None:
    """Write a FLAC file with a song's tags and length and without any sound: enough for MPD's database."""
    tags = [("TITLE", song.title), *(("ARTIST", name) for name in song.artists), ("ALBUM", song.album)]
    tags.append(("MUSICBRAINZ_TRACKID", song.recording.upper()))
    texts = [f"{name}={text}".encode() for name, text in tags if text]
    comment = b"".join([struct.pack("<II", 0, len(texts)), *(struct.pack("<I", len(t)) + t for t in texts)])
    samples = round((song.seconds or 0) * 8000)
    format_ = (8000 << 44) | (0 << 41) | (15 << 36) | samples  # 8 kHz, one channel, 16 bit
    stream = struct.pack(">HH", 4096, 4096) + bytes(6) + format_.to_bytes(8, "big") + bytes(16)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"fLaC" + _block(0, stream) + _block(0x84, comment))


def _block(kind: int, content: bytes) -> bytes:
    return bytes((kind,)) + len(content).to_bytes(3, "big") + content
