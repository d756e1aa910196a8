"""Pictures that a browser sent: what is in them is known before a codec sees them.

Design notes
============
1. They come from a network.  The header is read here, in a few lines that allocate nothing: only baseline
   JPEG (ITU-T T.81), grey or of three colours, of 8 bits and a camera's size goes on to OpenCV.
2. Progressive and arithmetic coding are refused although libjpeg could read them: they make a small file cost
   much time and memory.  So do many scans; each component has one.
3. What the codec calls damaged is refused, too: it would fill what is missing with grey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.errors import PictureError, PictureFault
from moodspeaker.vision import images

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SMALLEST_SIDE: Final = 64
LARGEST_SIDE: Final = 2048
"""Pixels of a side."""
LARGEST: Final = 1920 * 1440
"""Pixels of a picture."""
START: Final = b"\xff\xd8"
END: Final = b"\xff\xd9"
SCAN: Final = b"\xff\xda"
"""Marks the start of a scan; in coded pixels 0xff is always followed by 0 or a restart mark."""
BASELINE: Final = frozenset({0xC0, 0xC1})
"""Frames of sequential Huffman coding."""
PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""All marks of a frame: between them stand those of tables."""
COLOURS: Final = (1, 3)
"""Components of a grey picture, and of one with colours."""
CMYK: Final = 4
BITS: Final = 8
MARK: Final = 0xFF
"""What every mark begins with."""
LENGTH: Final = 2
"""Bytes of a segment's length, which counts itself."""


def decoded(jpeg: bytes) -> NDArray[np.uint8]:
    """Return the luma of a JPEG, uint8 [height, width], as it lies in the file; raise PictureError."""
    width, height = checked_size(jpeg)
    luma, damaged = images.decode(jpeg, as_it_lies=True)
    if luma is None or damaged or luma.shape != (height, width):
        raise PictureError(
            PictureFault.BROKEN, "the picture is damaged: send it whole, as the browser's canvas gives it"
        )
    return luma


def checked_size(jpeg: bytes) -> tuple[int, int]:
    """Return the width and height that the header tells; raise PictureError where we do not read it."""
    mark, frame, scans = _header(jpeg)
    components = frame[5]
    if mark in PROGRESSIVE:
        raise PictureError(PictureFault.PROGRESSIVE, "a progressive JPEG is not read: send a baseline JPEG")
    if mark not in BASELINE:
        raise PictureError(
            PictureFault.CODING, f"a JPEG of coding {mark:#x} is not read: send a baseline JPEG"
        )
    if components == CMYK:
        raise PictureError(
            PictureFault.CMYK, "a JPEG of four inks (CMYK) is not read: send one of grey or YCbCr"
        )
    if components not in COLOURS or frame[0] != BITS:
        message = (
            f"a JPEG of {components} components of {frame[0]} bits is not read: send 8 bits, grey or YCbCr"
        )
        raise PictureError(PictureFault.CODING, message)
    height, width = int.from_bytes(frame[1:3]), int.from_bytes(frame[3:5])
    if max(width, height) > LARGEST_SIDE or width * height > LARGEST:
        message = (
            f"{width}x{height} is too big: send {LARGEST_SIDE} pixels a side and {LARGEST} in all at most"
        )
        raise PictureError(PictureFault.TOO_BIG, message)
    if min(width, height) < SMALLEST_SIDE:
        message = f"{width}x{height} is too small: send {SMALLEST_SIDE} pixels a side at least"
        raise PictureError(PictureFault.TOO_SMALL, message)
    if scans > components or END not in jpeg[-len(END) :]:
        raise PictureError(
            PictureFault.BROKEN, "the picture is cut short, or more than one: send one whole JPEG"
        )
    return width, height


def _header(jpeg: bytes) -> tuple[int, bytes, int]:
    """Return the mark of the frame, its first six bytes (bits, height, width, components), and the scans."""
    if not jpeg.startswith(START):
        raise PictureError(PictureFault.NOT_JPEG, "this is no JPEG: send pictures as image/jpeg")
    at, frame = len(START), b""
    kind = 0
    while at + 10 <= len(jpeg) and jpeg[at] == MARK:
        mark, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if mark == SCAN[1] and frame:
            return kind, frame, jpeg.count(SCAN, at)
        if mark in FRAMES and not frame:
            kind, frame = mark, jpeg[at + 4 : at + 10]
        elif mark in FRAMES or length < LENGTH:
            break
        at += 2 + length
    raise PictureError(PictureFault.BROKEN, "the header of the picture is damaged: send a whole JPEG")
