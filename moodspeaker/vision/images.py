"""Pictures from files, as luma.

A picture that is cut short or damaged is refused: cv2 by itself fills what is missing with grey and says so
only on standard error.
"""

from __future__ import annotations

import os
import re
import zlib
from tokenize import TokenError
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import BadZipFile

import numpy as np

from moodspeaker import access
from moodspeaker.errors import ImageError
from moodspeaker.vision import stderr
from moodspeaker.vision.opencv import cv2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

SUFFIXES: Final = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})
"""Files of a folder that count as pictures."""
DAMAGE: Final = re.compile(
    "premature end|bad huffman|invalid jpeg|corrupt data|crc error|not enough data|read error", re.IGNORECASE
)
"""What codecs say of a damaged picture that they decode nevertheless."""
JPEG: Final = b"\xff\xd8"
JPEG_END: Final = b"\xff\xd9"
PNG: Final = b"\x89PNG"
PNG_END: Final = b"IEND"
AXES: Final = 3
DAMAGED_ARRAYS: Final = (
    OSError, ValueError, EOFError, BadZipFile, zlib.error, RuntimeError, SyntaxError, TokenError, MemoryError
)  # fmt: skip
"""What `numpy.load` and the zip within raise for a damaged .npz: of its data, its packing, its headers."""


class Picture(NamedTuple):
    """A picture and the name it goes by."""

    name: str
    """Its path as given, for an array of an .npz `file.npz#17`."""
    luma: NDArray[np.uint8]
    """Pixels, uint8 [height, width]."""


def read(path: Path) -> NDArray[np.uint8]:
    """Return the picture of a file, uint8 [height, width], upright by its EXIF tag; raise ImageError."""
    content = _content(path)
    if not content or _cut_short(content):
        message = f"{path}: the picture is {'cut short' if content else 'empty'}: copy it again"
        raise ImageError(message)
    luma, damaged = decode(content)
    if luma is None:
        message = f"{path}: not a picture that can be read: give JPEG, PNG, BMP, TIFF, WebP or PGM"
        raise ImageError(message)
    if damaged:
        message = f"{path}: the picture is damaged: copy it again"
        raise ImageError(message)
    return luma


def decode(content: bytes, *, as_it_lies: bool = False) -> tuple[NDArray[np.uint8] | None, bool]:
    """Return the picture of a file's bytes, uint8 [height, width], and whether its codec calls it damaged.

    None where no codec knows it.  It is turned as its EXIF says, unless it is wanted `as_it_lies`.
    """
    flags = cv2.IMREAD_GRAYSCALE | (cv2.IMREAD_IGNORE_ORIENTATION if as_it_lies else 0)
    with stderr.caught() as said:
        try:
            luma: NDArray[np.uint8] | None = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
        except cv2.error:
            luma = None
        return luma, bool(DAMAGE.search(said()))


def is_picture(path: Path) -> bool:
    """Tell whether a file is a picture rather than a video, by its first bytes."""
    return path.is_file() and bool(cv2.haveImageReader(str(path)))


def _content(path: Path) -> bytes:
    """Return the bytes of a picture's file; raise ImageError."""
    _require_text(path)
    try:
        return path.read_bytes()
    except PermissionError:
        message = f"{path}: {access.denied(path)}"
        raise ImageError(message) from None
    except OSError as error:
        message = f"{path}: {error.strerror}: give a picture, a folder of pictures or an .npz"
        raise ImageError(message) from None


def _require_text(path: Path) -> None:
    """Raise ImageError for a path that is not UTF-8: no message could carry it."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        message = f"{path}: its name is not UTF-8: rename it"
        raise ImageError(message) from None


def _cut_short(content: bytes) -> bool:
    """Tell whether a JPEG or PNG lacks its end."""
    if content.startswith(JPEG):
        return JPEG_END not in content  # phones append a film; what else is missing the codec tells
    return content.startswith(PNG) and PNG_END not in content[-4096:]


def read_array(path: Path) -> NDArray[np.uint8]:
    """Return `images` of an .npz, uint8 [count, height, width]; raise ImageError."""
    _require_text(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            images: NDArray[np.uint8] = arrays["images"]
    except PermissionError:
        message = f"{path}: {access.denied(path)}"
        raise ImageError(message) from None
    except DAMAGED_ARRAYS as error:
        message = f"{path}: not an .npz that can be read: {' '.join(str(error).split())}: copy it again"
        raise ImageError(message) from None
    except (KeyError, IndexError, TypeError):
        message = f"{path}: holds no array named images: save it with numpy.savez(file, images=...)"
        raise ImageError(message) from None
    if images.dtype != np.uint8 or images.ndim != AXES or 0 in images.shape[1:]:
        message = (
            f"{path}: images is {images.dtype} {list(images.shape)}: "
            "it should be uint8 [count, height, width]"
        )
        raise ImageError(message)
    return images


def files_of(folder: Path) -> tuple[Path, ...]:
    """Return the pictures and .npz files of a folder by name; raise ImageError where there are none."""
    _require_text(folder)
    try:
        files = tuple(
            sorted(
                file
                for file in folder.iterdir()
                if file.suffix.lower() in SUFFIXES | {".npz"} and file.is_file()
            )
        )
    except PermissionError:
        message = f"{folder}: {access.denied(folder)}"
        raise ImageError(message) from None
    except OSError as error:
        message = f"{folder}: {error.strerror}: give a folder of pictures"
        raise ImageError(message) from None
    if not files:
        message = (
            f"{folder}: no pictures in this folder: give one with {', '.join(sorted(SUFFIXES))} or .npz files"
        )
        raise ImageError(message)
    return files


def pictures(paths: Iterable[Path]) -> Iterator[Picture | ImageError]:
    """Yield every picture of these files, folders and .npz files in order.

    One that cannot be read yields its error.
    """
    for path in paths:
        try:
            files = files_of(path) if os.path.isdir(path) else (path,)  # noqa: PTH112 - where there is no access, reading says so
        except ImageError as error:
            yield error
            continue
        for file in files:
            try:
                if file.suffix.lower() == ".npz":
                    array = read_array(file)
                    yield from (Picture(f"{file}#{index}", luma) for index, luma in enumerate(array))
                else:
                    yield Picture(str(file), read(file))
            except ImageError as error:
                yield error
