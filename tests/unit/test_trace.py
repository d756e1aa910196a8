"""A trace is read strictly, into one typed line each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support.nobody import as_nobody

from moodspeaker.domain.commands import Sensing
from moodspeaker.domain.emotion import EMOTIONS, Probabilities
from moodspeaker.domain.observation import CameraState
from moodspeaker.errors import ImageError
from moodspeaker.vision import trace
from moodspeaker.vision.trace import CameraLine, CommandLine, ExpressionsLine, FrameLine

if TYPE_CHECKING:
    from pathlib import Path

HAPPY = Probabilities(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
LINES = [
    '{"crop": true}',
    '{"t": 0, "frame": 3}',
    '{"t": 1.5, "frame": null, "truth": "happy"}',
    '{"t": 1.5, "camera": "lost"}',
    json.dumps({"t": 2, "expressions": [{"probabilities": dict(zip(EMOTIONS, HAPPY, strict=True))}]}),
    '{"t": 3, "command": {"sensing": "off"}, "note": "a\u2028b"}',
]
READ = (
    FrameLine(2, 0.0, 3),
    FrameLine(3, 1.5, None),
    CameraLine(4, 1.5, CameraState.LOST),
    ExpressionsLine(5, 2.0, (HAPPY,)),
    CommandLine(6, 3.0, Sensing(on=False)),
)


def written(folder: Path, content: bytes) -> Path:
    (folder / "trace.jsonl").write_bytes(content)
    return folder


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_each_kind_of_line_is_read(tmp_path: Path, mark: str, end: str) -> None:
    read = trace.read(written(tmp_path, (mark + end.join(LINES) + end).encode()))
    assert read.crop
    assert read.lines == READ


def test_empty_lines_count_and_are_left_out(tmp_path: Path) -> None:
    read = trace.read(written(tmp_path, b'{"crop": false}\n\n  \n{"t": 1, "frame": 0}\n\n'))
    assert (read.crop, read.lines) == (False, (FrameLine(4, 1.0, 0),))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 1: empty"),
        (b"\n\n", "line 1: empty"),
        (b'{"crop": 1}\n', 'line 1: write {"crop": true}'),
        (b'{"t": 0, "frame": 0}\n', 'line 1: write {"crop": true}'),
        (b'{"crop": true}\n[]\n', "line 2: not a JSON object"),
        (b'{"crop": true}\n{"t": true, "frame": 0}\n', 'line 2: "t" is a number'),
        (b'{"crop": true}\n{"t": 2, "frame": 0}\n{"t": 1, "frame": 0}\n', "line 3: .* never falls"),
        (b'{"crop": true}\n{"t": 0, "frame": "0"}\n', "line 2: frame '0': an index"),
        (b'{"crop": true}\n{"t": 0, "frames": 0}\n', "line 2: one of frame, camera"),
        (b'{"crop": true}\n{"t": 0, "camera": ["lost"]}\n', "line 2: camera .*: one of ok, dark"),
        (b'{"crop": true}\n{"t": 0, "expressions": [7]}\n', "line 2: an expression is"),
        (b'{"crop": true}\n{"t": 0, "command": "next"}\n', "line 2: "),
        (b'{"crop": true}\n\xe9\n', "not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=rf"trace\.jsonl: {reason}") as caught:
        trace.read(written(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_frame_that_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    read = trace.read(written(tmp_path, "\n".join(LINES).encode()))
    read.check_frames(4)
    with pytest.raises(ImageError, match=r"trace\.jsonl: line 2: frame 3: frames\.npz has 3 frames"):
        read.check_frames(3)


def test_a_trace_that_is_not_there_or_closed_is_named(root: Path) -> None:
    with pytest.raises(ImageError, match=r"trace\.jsonl: No such file.*holds trace\.jsonl and frames\.npz"):
        trace.read(root)
    root.chmod(0o755)
    (written(root, b"") / "trace.jsonl").chmod(0)
    with as_nobody(), pytest.raises(ImageError, match=r"sudo chmod a\+rX .*trace\.jsonl"):
        trace.read(root)
