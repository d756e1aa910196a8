"""The messages on the vision socket."""

from __future__ import annotations

import json

import pytest

from moodspeaker import wire
from moodspeaker.domain.emotion import Probabilities
from moodspeaker.domain.observation import Box, CameraState, CameraStatus, Face, ModelVersions, Observation
from moodspeaker.errors import CameraError, ModelError, PictureFault, WireError
from moodspeaker.wire import Calibrate, Hello, Look, Reload, Sense, Status
from moodspeaker.wire.pictures import LONGEST_PICTURE, Picture, PictureRefused, Preview, PreviewPicture

EVEN = Probabilities.of([1 / 7] * 7)
FACE = Face(Box(1.5, 2.0, 30.0, 40.0), 0.9, EVEN)
FROM_VISION = [
    Hello(ModelVersions("1.0.0", "2.0.0")),
    Look(Observation(12.5, (FACE,), "replay")),
    Look(Observation(12.5, ())),
    PictureRefused(7, PictureFault.BROKEN, "send a whole one"),
    Status(
        CameraStatus(CameraState.LOST, open=False, source="v4l2:/dev/video0", reason="gone"), ModelVersions()
    ),
]


@pytest.mark.parametrize("message", FROM_VISION, ids=lambda message: message.kind)
def test_what_vision_sends_arrives_as_it_was(message: wire.FromVision) -> None:
    line = wire.encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert wire.decode_from_vision(line) == message


@pytest.mark.parametrize(
    "message", [Sense(on=True), Sense(on=False), Calibrate(10.0), Reload(), Picture(3, 900), Preview(on=True)]
)
def test_what_the_speaker_sends_arrives_as_it_was(message: wire.ToVision) -> None:
    assert wire.decode_to_vision(wire.encode(message)) == message


def test_a_picture_is_followed_by_its_bytes_and_nothing_else_is() -> None:
    assert wire.payload_size(wire.decode_to_vision(wire.encode(Picture(3, 900)))) == 900
    assert wire.payload_size(wire.decode_from_vision(wire.encode(PreviewPicture(800)))) == 800
    assert {wire.payload_size(message) for message in (*FROM_VISION, Sense(on=True), Reload())} == {0}


@pytest.mark.parametrize("size", [-1, 0, LONGEST_PICTURE + 1, 10**12])
def test_a_picture_of_another_size_is_refused_by_its_line(size: int) -> None:
    with pytest.raises(WireError, match=r"picture\.size"):
        wire.decode_to_vision(wire.encode(Picture(1, size)))


def test_a_look_says_who_looked() -> None:
    line = wire.encode(Look(Observation(1.0, (), "v4l2")))
    assert json.loads(line)["observation"]["source"] == "v4l2"


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"on": true}', b'{"kind": "look"}', b'{"kind": "sense", "on": "maybe"}', b"\xff"]
)
def test_a_line_that_is_no_message_is_refused_in_one_line(line: bytes) -> None:
    with pytest.raises(WireError, match="a line on the vision socket is refused") as caught:
        wire.decode_to_vision(line)
    assert "\n" not in str(caught.value)


def test_another_protocol_is_refused_with_the_cure() -> None:
    line = wire.encode(Hello(ModelVersions(), protocol=wire.PROTOCOL + 1))
    with pytest.raises(WireError, match="restart both"):
        wire.decode_from_vision(line)


def test_a_name_that_is_not_utf_8_in_a_reason_can_be_sent() -> None:
    reason, refused = str(CameraError("camera file:/a\udce9: gone")), str(ModelError("/m\udce9/face: gone"))
    status = Status(CameraStatus(CameraState.LOST, open=False, reason=reason), ModelVersions(refused=refused))
    arrived = wire.decode_from_vision(wire.encode(status))
    assert isinstance(arrived, Status)
    assert arrived.camera.reason == r"camera file:/a\udce9: gone"
    assert arrived.models.refused == r"/m\udce9/face: gone"
