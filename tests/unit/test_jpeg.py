"""Which JPEGs of a browser are looked at: everything else is refused by name before, or by, the codec."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.drawn import white_square

from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.vision import jpeg

GREY = bytes(cv2.imencode(".jpg", white_square())[1])
COLOUR = bytes(cv2.imencode(".jpg", cv2.cvtColor(white_square(), cv2.COLOR_GRAY2BGR))[1])
PROGRESSIVE = bytes(cv2.imencode(".jpg", white_square(), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1])
PNG = bytes(cv2.imencode(".png", white_square())[1])
FRAME = b"\xff\xc0"
EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
"""Says that the picture lies on its side."""


def framed(
    picture: bytes, *, bits: int = 8, height: int = 240, width: int = 320, components: int = 1
) -> bytes:
    """Return a JPEG whose header tells something else."""
    at = picture.index(FRAME) + 4
    told = bytes([bits]) + height.to_bytes(2) + width.to_bytes(2) + bytes([components])
    return picture[:at] + told + picture[at + 6 :]


def with_segment(picture: bytes, mark: int, content: bytes) -> bytes:
    """Return a JPEG with one more segment at its start."""
    return picture[:2] + bytes([0xFF, mark]) + (len(content) + 2).to_bytes(2) + content + picture[2:]


@pytest.mark.parametrize("picture", [GREY, COLOUR], ids=["grey", "colour"])
def test_what_a_canvas_gives_is_read_as_luma(picture: bytes) -> None:
    luma = jpeg.decoded(picture)
    assert (luma.shape, luma.dtype) == ((240, 320), np.uint8)
    assert np.abs(luma.astype(int) - white_square()).mean() < 2


def test_it_is_read_as_it_lies_in_the_file_whatever_a_tag_says() -> None:
    assert jpeg.decoded(with_segment(GREY, 0xE1, EXIF)).shape == (240, 320)


def test_a_thumbnail_in_it_is_passed_over() -> None:
    small = bytes(cv2.imencode(".jpg", white_square()[::4, ::4])[1])
    assert jpeg.decoded(with_segment(COLOUR, 0xE2, small)).shape == (240, 320)


@pytest.mark.parametrize(
    ("fault", "picture"),
    [
        (PictureFault.NOT_JPEG, b""),
        (PictureFault.NOT_JPEG, b"hello"),
        (PictureFault.NOT_JPEG, PNG),
        (PictureFault.PROGRESSIVE, PROGRESSIVE),
        (PictureFault.CODING, GREY.replace(FRAME, b"\xff\xc9", 1)),
        (PictureFault.CODING, framed(GREY, bits=12)),
        (PictureFault.CODING, framed(GREY, components=2)),
        (PictureFault.CMYK, framed(GREY, components=4)),
        (PictureFault.TOO_BIG, framed(GREY, width=65535, height=65535)),
        (PictureFault.TOO_BIG, framed(GREY, width=2048, height=2048)),
        (PictureFault.TOO_BIG, framed(GREY, width=2049, height=100)),
        (PictureFault.TOO_SMALL, framed(GREY, width=63)),
        (PictureFault.TOO_SMALL, framed(GREY, height=0)),
        (PictureFault.BROKEN, GREY[:2]),
        (PictureFault.BROKEN, GREY[:40]),
        (PictureFault.BROKEN, GREY[: len(GREY) // 2]),
        (PictureFault.BROKEN, GREY[: len(GREY) // 2] + GREY[-2:]),
        (PictureFault.BROKEN, GREY + GREY),
        (PictureFault.BROKEN, framed(GREY, height=480)),
        (PictureFault.BROKEN, with_segment(GREY, 0xC0, b"\x08\0\xf0\x01\x40\x01\x01\x11\0")),
        (PictureFault.BROKEN, b"\xff\xd8\xff\xe0\0\x00" + GREY[2:]),
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused_by_name(fault: PictureFault, picture: bytes) -> None:
    with pytest.raises(PictureError) as refused:
        jpeg.decoded(picture)
    assert refused.value.fault is fault
    assert "\n" not in str(refused.value)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([GREY, COLOUR, PROGRESSIVE]),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=6),
    st.integers(0, 6000),
)
def test_whatever_comes_is_a_picture_of_the_size_it_tells_or_is_refused(
    picture: bytes, flips: list[tuple[int, int]], length: int
) -> None:
    mangled = bytearray(picture)
    for at, value in flips:
        mangled[at % len(mangled)] = value
    mangled = mangled[:length]
    try:
        luma = jpeg.decoded(bytes(mangled))
    except PictureError:
        return
    assert luma.shape[::-1] == jpeg.checked_size(bytes(mangled))
