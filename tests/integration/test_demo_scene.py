"""The replay made of the drawn face, as it is written to disk."""

import json
from pathlib import Path

import numpy as np

from moodspeaker.demo.faces import HEIGHT, WIDTH
from moodspeaker.demo.scene import ARRIVAL, EVENING, STEP, write_replay


def test_the_replay_is_a_room_where_every_scene_is_shown_for_its_time(tmp_path: Path) -> None:
    seconds = 150.0
    write_replay(tmp_path, seconds)
    images = np.load(tmp_path / "frames.npz")["images"]
    head, *lines = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert head == {"crop": False}
    assert images.shape[1:] == (HEIGHT, WIDTH)
    assert [line["t"] for line in lines] == [step * STEP for step in range(int(seconds / STEP) + 1)]
    assert {line["frame"] for line in lines} == set(range(len(images)))
    first = [line["frame"] for line in lines if line["t"] < ARRIVAL.seconds]
    later = [
        line["frame"] for line in lines if ARRIVAL.seconds <= line["t"] < ARRIVAL.seconds + EVENING[0].seconds
    ]
    assert not set(first) & set(later)
