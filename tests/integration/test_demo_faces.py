"""The drawn face."""

import numpy as np
import pytest

from moodspeaker.demo.faces import HAPPY, HEIGHT, NEUTRAL, SAD, SURPRISE, WIDTH, Expression, Pose, frame

FACES = {"neutral": NEUTRAL, "happy": HAPPY, "sad": SAD, "surprise": SURPRISE}


def part(image: np.ndarray, pose: Pose) -> np.ndarray:
    """Return the face of a frame."""
    x, y, size = round(pose.x), round(pose.y), round(pose.size)
    return image[y - size : y + round(1.5 * size), x - size : x + size].astype(float)


@pytest.mark.parametrize("expression", [None, *FACES.values()], ids=["nobody", *FACES])
def test_a_frame_is_luma_of_the_camera_s_size_and_well_lit(expression: Expression | None) -> None:
    image = frame(expression, Pose(), 1)
    assert (image.dtype, image.shape) == (np.uint8, (HEIGHT, WIDTH))
    assert 60 < image.mean() < 190
    assert image.std() > 20


def test_the_same_seed_gives_the_same_frame_and_another_one_other_grain() -> None:
    first, again, other = (frame(SAD, Pose(), seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert 0 < np.abs(first.astype(int) - other).mean() < 5


def test_each_expression_changes_the_face_and_nothing_else() -> None:
    pose = Pose()
    images = [frame(expression, pose, 1) for expression in FACES.values()]
    for i, one in enumerate(images):
        assert np.array_equal(one[:, :100], images[0][:, :100])
        for other in images[:i]:
            assert np.abs(part(one, pose) - part(other, pose)).mean() > 2


def test_a_face_stands_at_its_pose_and_its_halves_are_alike() -> None:
    pose = Pose(x=300, y=220, size=60)
    empty, image = frame(None, pose, 1), frame(NEUTRAL, pose, 1)
    changed = np.flatnonzero((np.abs(image.astype(int) - empty) > 12).any(1))
    assert changed[0] > pose.y - 2 * pose.size
    face = part(image, pose)
    mirrored = np.corrcoef(face.ravel(), face[:, ::-1].ravel())[0, 1]
    assert mirrored > 0.8


def test_a_person_may_sit_at_the_edge_of_the_frame() -> None:
    assert frame(HAPPY, Pose(x=20), 1).shape == frame(HAPPY, Pose(x=630), 1).shape == (HEIGHT, WIDTH)
