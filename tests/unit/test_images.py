"""Pictures from files."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.nobody import as_nobody

from moodspeaker.errors import ImageError
from moodspeaker.vision import images
from moodspeaker.vision.images import Picture


def picture() -> np.ndarray:
    y, x = np.mgrid[0:60, 0:80]
    return ((x * 2 + y) % 256).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".pgm", ".tiff"])
def test_a_picture_is_read_as_luma(tmp_path: Path, suffix: str) -> None:
    cv2.imwrite(str(tmp_path / f"a{suffix}"), picture())
    assert (images.read(tmp_path / f"a{suffix}") == picture()).all()


def test_a_coloured_picture_is_its_luma(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((10, 10, 3), (0, 255, 0), np.uint8))
    assert (abs(images.read(tmp_path / "a.png").astype(int) - 150) <= 1).all()


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_picture_that_is_cut_short_is_refused(tmp_path: Path, suffix: str, share: float) -> None:
    rng = np.random.default_rng(1)
    whole = cv2.imencode(suffix, rng.integers(0, 255, (200, 200), np.uint8))[1].tobytes()
    (tmp_path / f"a{suffix}").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ImageError, match=rf"a\{suffix}: the picture is cut short"):
        images.read(tmp_path / f"a{suffix}")


def test_a_jpeg_with_a_film_behind_it_is_read(tmp_path: Path) -> None:
    picture = cv2.imencode(".jpg", np.full((40, 40), 90, np.uint8))[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(picture + b"ftypmp42" * 1000)
    assert images.read(tmp_path / "a.jpg").shape == (40, 40)


def test_a_jpeg_that_is_cut_short_behind_its_thumbnail_is_refused(tmp_path: Path) -> None:
    thumbnail = cv2.imencode(".jpg", np.full((8, 8), 90, np.uint8))[1].tobytes()
    exif = b"Exif\0\0" + thumbnail
    noise = np.random.default_rng(1).integers(0, 255, (200, 200), np.uint8)
    whole = cv2.imencode(".jpg", noise)[1].tobytes()
    whole = whole[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + whole[2:]
    (tmp_path / "a.jpg").write_bytes(whole)
    assert images.read(tmp_path / "a.jpg").shape == (200, 200)
    (tmp_path / "a.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ImageError, match=r"a\.jpg"):
        images.read(tmp_path / "a.jpg")


def test_a_damaged_jpeg_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    content = bytearray(cv2.imencode(".jpg", rng.integers(0, 255, (200, 200), np.uint8))[1].tobytes())
    content[len(content) // 3 : len(content) // 3 + 600] = b"\xff\xd9" * 300
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=r"a\.jpg: the picture is damaged"):
        images.read(tmp_path / "a.jpg")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xd9"])
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ImageError, match=r"a\.jpg"):
        images.read(tmp_path / "a.jpg")


def test_an_array_is_read_and_numbered(tmp_path: Path) -> None:
    stack = np.stack([picture(), picture()[::-1]])
    np.savez(tmp_path / "f.npz", images=stack)
    found = list(images.pictures([tmp_path / "f.npz"]))
    assert [found.name for found in found if isinstance(found, Picture)] == [
        f"{tmp_path}/f.npz#0",
        f"{tmp_path}/f.npz#1",
    ]
    assert (images.read_array(tmp_path / "f.npz") == stack).all()


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"pictures": np.zeros((1, 4, 4), np.uint8)}, "no array named images"),
        ({"images": np.zeros((1, 4, 4), np.float32)}, "float32"),
        ({"images": np.zeros((4, 4), np.uint8)}, r"\[4, 4\]"),
        ({"images": np.zeros((2, 0, 4), np.uint8)}, r"\[2, 0, 4\]"),
    ],
)
def test_an_array_of_another_kind_is_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], reason: str
) -> None:
    np.savez(tmp_path / "f.npz", **arrays)  # type: ignore[arg-type] - the stubs' keyword allow_pickle
    with pytest.raises(ImageError, match=reason):
        images.read_array(tmp_path / "f.npz")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 nearly"])
def test_a_broken_npz_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.npz").write_bytes(content)
    with pytest.raises(ImageError, match=r"f\.npz"):
        images.read_array(tmp_path / "f.npz")


def test_no_damage_of_an_npz_is_more_than_a_refused_file(tmp_path: Path) -> None:
    file, chance = tmp_path / "f.npz", np.random.default_rng(3)
    np.savez_compressed(file, images=np.stack([picture()] * 3))
    whole, refused = file.read_bytes(), list[str]()
    for _ in range(400):
        damaged = bytearray(whole)
        for place in chance.integers(0, len(whole), 2):
            damaged[place] = int(chance.integers(256))
        file.write_bytes(damaged)
        try:
            images.read_array(file)
        except ImageError as error:
            refused.append(str(error))
    assert len(refused) > 200
    assert all(reason.startswith(f"{file}: ") for reason in refused)


def test_an_npz_that_claims_more_than_memory_holds_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    shape = {"descr": "|u1", "fortran_order": False, "shape": (10**9, 10**4, 10**4)}
    np.lib.format.write_array_header_1_0(header, shape)
    with zipfile.ZipFile(tmp_path / "f.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue())
    with pytest.raises(ImageError, match=r"f\.npz: not an \.npz that can be read"):
        images.read_array(tmp_path / "f.npz")


def test_a_pickled_npz_is_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", images=np.array([object()]))
    with pytest.raises(ImageError, match=r"f\.npz"):
        images.read_array(tmp_path / "f.npz")


def test_good_pictures_among_bad_ones_are_all_read_in_order(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), picture())
    (tmp_path / "b.png").write_bytes(b"broken")
    cv2.imwrite(str(tmp_path / "c.JPG.png"), picture())
    (tmp_path / "notes.txt").write_text("left alone")
    found = [
        str(one) if isinstance(one, ImageError) else one.name
        for one in images.pictures([tmp_path, tmp_path / "gone.png"])
    ]
    assert found[0] == f"{tmp_path}/a.png"
    assert found[1].startswith(f"{tmp_path}/b.png: not a picture")
    assert found[2] == f"{tmp_path}/c.JPG.png"
    assert found[3].startswith(f"{tmp_path}/gone.png: No such file")


def test_a_name_that_is_too_long_is_an_error_among_others(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((9, 9), np.uint8))
    bad, good = images.pictures([tmp_path / ("x" * 300), tmp_path / "a.png"])
    assert isinstance(bad, ImageError)
    assert isinstance(good, images.Picture)


@pytest.mark.parametrize("suffix", ["png", "npz"])
def test_a_name_that_is_not_utf_8_is_left_out_and_named(tmp_path: Path, suffix: str) -> None:
    cv2.imwrite(str(tmp_path / "z.png"), picture())
    Path(os.fsdecode(bytes(tmp_path) + b"/a\xe9." + suffix.encode())).write_bytes(b"whatever")
    bad, good = images.pictures([tmp_path])
    assert isinstance(bad, ImageError)
    assert str(bad) == rf"{tmp_path}/a\udce9.{suffix}: its name is not UTF-8: rename it"
    assert str(bad).encode()
    assert isinstance(good, images.Picture)


@pytest.mark.parametrize("name", ["a.png", "a.npz", ""])
def test_what_is_closed_to_us_is_named_with_its_cure(root: Path, name: str) -> None:
    root.chmod(0o755)
    (root / "inner").mkdir()
    (root / "inner" / "a.png").touch()
    (root / "inner" / "a.npz").touch()
    (root / "inner").chmod(0o700)
    with as_nobody():
        (found,) = images.pictures([root / "inner" / name])
    assert "closed to user" in str(found)
    assert f"sudo chmod a+rX {root}/inner" in str(found)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    (found,) = images.pictures([tmp_path])
    assert isinstance(found, ImageError)
    assert "no pictures in this folder" in str(found)
