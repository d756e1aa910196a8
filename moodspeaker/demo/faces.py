"""A drawn face in a drawn room, in numpy alone: what the demo's replay camera shows.

Design notes
============
1. Nothing here is a photograph or anybody's likeness, and no model was trained or tuned on it: a height map
   (an egg of a head with bumps for nose, brows, cheeks, lips and chin) under two soft lamps, and painted
   masks for eyes, lips, brows and hair.
2. An expression is a handful of muscles (`Expression`), named after the action units of the Facial Action
   Coding System (Ekman & Friesen 1978) and pulled as that book describes each emotion.
3. Units of the face: x to the right and y down from the point between the eyes; the head is two units wide.
4. Edges are softened by `_step` over the width of a pixel, so nothing is drawn larger than it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from moodspeaker.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Plane: TypeAlias = NDArray[np.floating[Any]]
    """One value a pixel, floats [height, width]; luma runs from 0 to 1."""

WIDTH: Final = 640
"""Pixels of a frame."""
HEIGHT: Final = 480
"""Pixels of a frame."""
SOFT_EDGE: Final = 1.2
"""Pixels over which an edge fades."""
REACH: Final = 2.3
"""How far a person reaches to each side, in units of the face."""
GRAIN: Final = 0.008
"""Standard deviation of the camera's noise, of the full range."""


@dataclass(frozen=True, slots=True)
class Expression:
    """How strongly each muscle pulls, 0 to 1 unless said."""

    brow_inner: float = 0.0
    """Inner brows raised (AU 1)."""
    brow_outer: float = 0.0
    """Outer brows raised (AU 2)."""
    brow_knit: float = 0.0
    """Brows lowered and drawn together (AU 4)."""
    eye_open: float = 0.0
    """Upper lids raised (AU 5); negative: dropped."""
    squint: float = 0.0
    """Cheeks raised, lower lids tight (AU 6 and 7)."""
    smile: float = 0.0
    """Corners of the mouth pulled up and out (AU 12)."""
    corners_down: float = 0.0
    """Corners of the mouth pulled down (AU 15)."""
    chin_up: float = 0.0
    """Chin pushed up, lower lip out (AU 17)."""
    teeth: float = 0.0
    """Lips parted over the teeth (AU 25)."""
    jaw_drop: float = 0.0
    """Mouth open (AU 26)."""


NEUTRAL: Final = Expression(eye_open=-0.2)
HAPPY: Final = Expression(smile=1.0, squint=0.7, teeth=0.8, brow_outer=0.1)
SAD: Final = Expression(brow_inner=1.0, brow_knit=0.3, corners_down=1.0, chin_up=0.9, eye_open=-0.6)
SURPRISE: Final = Expression(brow_inner=0.8, brow_outer=1.0, eye_open=0.4, jaw_drop=0.6)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the head is and how it is held."""

    x: float = 330.0
    """Between the eyes, pixels of the frame."""
    y: float = 205.0
    """Between the eyes, pixels of the frame."""
    size: float = 66.0
    """Pixels of half a head's width."""
    roll: float = 0.0
    """Degrees by which the head leans to its right."""
    turn: float = 0.0
    """How far it looks aside, -1 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """The coordinates of every pixel, in units of the face."""

    x: Plane
    """From the middle of the head."""
    y: Plane
    """From between the eyes."""
    face_x: Plane
    """From the middle of the face, which a turned head carries aside."""
    side: Plane
    """Without its sign: a face is nearly symmetric."""
    pixel: float
    """Width of a pixel's soft edge."""


@dataclass(frozen=True, slots=True, eq=False)
class _Mouth:
    """The lines of the mouth: y by pixel."""

    half_width: float
    upper_out: Plane
    upper_in: Plane
    middle: Plane
    lower_in: Plane
    lower_out: Plane


def frame(expression: Expression | None, pose: Pose, seed: int) -> NDArray[np.uint8]:
    """Return a frame, uint8 [HEIGHT, WIDTH]: the room with this person in it, or the empty room for None."""
    luma = _room()
    if expression is not None:
        left = max(0, round(pose.x - REACH * pose.size))
        part = luma[:, left : round(pose.x + REACH * pose.size)]
        person, coverage = _person(expression, _ground(pose, left, part.shape[1]), pose.size)
        part[:] = _over(part, person, coverage)
    noise = np.random.default_rng(seed).standard_normal(luma.shape, np.float32) * np.float32(GRAIN)
    pixels: NDArray[np.uint8] = np.rint(np.clip(luma + noise, 0, 1) * 255).astype(np.uint8)
    return pixels


def _ground(pose: Pose, left: int, width: int) -> _Ground:
    """Return the coordinates of `width` columns of the frame from `left`."""
    rows, columns = np.mgrid[0:HEIGHT, left : left + width].astype(np.float32)
    across, down = (columns - pose.x) / pose.size, (rows - pose.y) / pose.size
    lean = np.deg2rad(pose.roll) * _step(1.8 - down, 0.4)  # the head leans, the shoulders stay
    x = np.cos(lean) * across + np.sin(lean) * down
    y = np.cos(lean) * down - np.sin(lean) * across
    face_x = x - np.float32(0.22 * pose.turn) * np.sqrt(np.clip(1 - x**2, 0, 1))
    return _Ground(x, y, face_x, np.abs(face_x), SOFT_EDGE / pose.size)


# --- drawing tools ----------------------------------------------------------------------------------------


def _step(value: Plane, width: float) -> Plane:
    """Return 0 where `value` is below minus `width`, 1 where it is above it, smooth between."""
    t: Plane = np.clip(value / (2 * width) + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def _line(distance: Plane, width: float) -> Plane:
    """Return a soft line: 1 where `distance` is 0."""
    height: Plane = np.exp(-0.5 * (distance / np.float32(width)) ** 2)
    return height


def _bump(x: Plane, y: Plane, at: tuple[float, float], spread: tuple[float, float]) -> Plane:
    """Return a soft round hill of height 1."""
    return _line(x - at[0], spread[0]) * _line(y - at[1], spread[1])


def _over(below: Plane, above: Plane | float, coverage: Plane) -> Plane:
    return below * (1 - coverage) + above * coverage


def _distance(x: Plane, y: Plane, ends: Sequence[tuple[float, float]]) -> Plane:
    """Return the distance to a parabola through three points."""
    (ax, ay), (bx, by), (cx, cy) = ends
    t = np.linspace(0, 1, 9)
    px = (1 - t) ** 2 * ax + t * (1 - t) * (4 * bx - ax - cx) + t**2 * cx
    py = (1 - t) ** 2 * ay + t * (1 - t) * (4 * by - ay - cy) + t**2 * cy
    nearest = np.full(x.shape, np.inf, np.float32)
    for x0, y0, x1, y1 in zip(px, py, px[1:], py[1:], strict=False):
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - x0 - along * dx, y - y0 - along * dy))
    return nearest


def _blur(plane: Plane, radius: int) -> Plane:
    """Return the means of squares of ``2 * radius + 1`` pixels, taken twice."""
    span = 2 * radius + 1
    for axis in (0, 1, 0, 1):
        margins = [(radius + 1, radius) if axis == i else (0, 0) for i in (0, 1)]
        sums = np.cumsum(np.pad(plane, margins, mode="edge"), axis=axis, dtype=np.float64)
        ahead, behind = (sums[span:], sums[:-span]) if axis == 0 else (sums[:, span:], sums[:, :-span])
        plane = ((ahead - behind) / span).astype(np.float32)
    return plane


# --- the person -------------------------------------------------------------------------------------------


def _person(e: Expression, g: _Ground, size: float) -> tuple[Plane, Plane]:
    """Return the luma of head, neck and shoulders, and where they cover the room."""
    half_width = _half_width(g.y)
    head = _step(half_width - np.abs(g.x), g.pixel) * _step(1.42 - g.y, g.pixel) * _step(g.y + 1.55, g.pixel)
    mouth = _mouth(e, g)
    face: Plane = _skin(e, g, mouth) * _light(_relief(e, g, mouth, half_width), size)
    face = _paint_mouth(face, e, g, mouth)
    face = _paint_eyes(face, e, g)
    face = _paint_brows(face, e, g)

    wide = np.abs(g.x)
    ear = _step(1 - np.hypot((wide - 1.02) / 0.11, (g.y - 0.08) / 0.26), 0.15)
    neck = _step(0.54 + 0.10 * np.clip(g.y - 1.5, 0, 1) - wide, g.pixel) * _step(g.y - 0.7, g.pixel)
    shoulders = _step(g.y - 1.72 - 0.42 * np.clip(wide - 0.5, 0, 3) ** 1.4, g.pixel) * _step(2.1 - wide, 0.02)
    collar = _step(g.y - 1.60 - 0.25 * np.clip(0.6 - wide, 0, 1), g.pixel) * _step(0.68 - wide, g.pixel)
    shirt = np.maximum(shoulders, collar)
    hair, strands = _hair(g)

    shadow = 0.28 + 0.26 * np.clip((g.y - 1.25) / 0.8, 0, 1)  # of the chin
    luma: Plane = _over(np.zeros_like(g.x), shadow * (1 - 0.4 * (wide / 0.6) ** 2), neck)
    luma = _over(luma, 0.33 - 0.08 * (wide / 2) ** 2 + 0.02 * np.sin(g.y * 40), shirt)
    luma = _over(luma, 0.48, ear)
    luma = _over(luma, face, head)
    luma = _over(luma, strands, hair)
    return luma, np.maximum.reduce([neck, shirt, ear, head, hair])


def _half_width(y: Plane) -> Plane:
    """Return half the width of the head at each height."""
    skull = 1.03 * np.sqrt(np.clip(1 - ((y + 0.25) / 1.3) ** 2, 0, 1))
    jaw = 1.03 * np.clip(1 - np.clip((y + 0.25) / 1.67, 0, 1) ** 2.5, 0, 1) ** 0.56
    widest = np.float32(-0.25)
    return np.asarray(np.where(y < widest, skull, jaw), np.float32)


def _relief(e: Expression, g: _Ground, mouth: _Mouth, half_width: Plane) -> Plane:
    """Return the height of the face above its edge."""
    x, y, side = g.face_x, g.y, g.side
    egg: Plane = np.clip(1 - (np.abs(g.x) / np.maximum(half_width, 1e-3)) ** 2.3, 0, 1) ** 0.5
    z: Plane = 0.95 * egg * np.clip(1 - np.abs((y + 0.05) / 1.6) ** 3, 0, 1) ** 0.5
    # nose: bridge, tip, wings, and the groove below it
    bridge = _line(x / (0.085 + 0.05 * np.clip(y + 0.2, 0, 1)), 1.0)
    z += 0.24 * bridge * np.clip((y + 0.25) / 0.68, 0, 1) * _step(0.47 - y, 0.14)
    z += 0.09 * _bump(x, y, (0, 0.40), (0.13, 0.11)) + 0.08 * _bump(side, y, (0.17, 0.45), (0.075, 0.075))
    z -= 0.02 * _bump(x, y, (0, 0.60), (0.035, 0.06))
    # sockets, eyeballs, the ridge of the brows
    z -= 0.17 * _bump(side, y, (0.40, -0.06), (0.22, 0.14))
    z += 0.09 * _bump(side, y, (0.40, -0.02), (0.15, 0.11)) + 0.05 * _bump(
        side, y, (0.42, -0.36), (0.3, 0.07)
    )
    # cheeks and chin
    z += (0.05 + 0.10 * max(e.smile, e.squint)) * _bump(
        side, y, (0.55, 0.36 - 0.10 * e.squint - 0.04 * e.smile), (0.20, 0.16)
    )
    z += 0.08 * _bump(x, y, (0, 1.17 - 0.05 * e.chin_up), (0.20, 0.12))
    z -= (0.03 + 0.05 * e.chin_up) * _bump(x, y, (0, 1.0 - 0.02 * e.chin_up), (0.22, 0.05))
    # folds from the nose to the mouth, under the eyes, between the brows, on the forehead
    nose_to_mouth = [
        (0.23, 0.42),
        (0.40 + 0.10 * e.smile, 0.56 - 0.02 * e.smile),
        (mouth.half_width + 0.13, 0.82),
    ]
    z -= (0.02 + 0.06 * e.smile + 0.03 * e.corners_down) * _line(_distance(side, y, nose_to_mouth), 0.045)
    z -= 0.03 * e.squint * _line(_distance(side, y, [(0.22, 0.10), (0.42, 0.16), (0.62, 0.08)]), 0.025)
    z -= 0.05 * e.brow_knit * _line(side - 0.09, 0.03) * _line(y + 0.36, 0.12)
    for height in (-0.62, -0.76):
        z -= (
            0.018
            * max(e.brow_inner, e.brow_outer)
            * _bump(x, y, (0, height), (0.2 + 0.2 * e.brow_outer, 0.022))
        )
    # lips and the corners of the mouth
    w = mouth.half_width
    z += 0.05 * _line(y - (mouth.upper_in + mouth.upper_out) / 2, 0.05) * _step(w - side, 0.1)
    z += 0.07 * _line(y - (mouth.lower_in + mouth.lower_out) / 2, 0.055) * _step(w - side, 0.12)
    dimple = (w + 0.04, 0.80 - 0.11 * e.smile + 0.09 * e.corners_down)
    return z - (0.012 + 0.03 * e.smile + 0.015 * e.corners_down) * _bump(side, y, dimple, (0.06, 0.07))


def _light(z: Plane, size: float) -> Plane:
    """Return how brightly two lamps and the room light a height map; what lies in a hollow gets less."""
    down, across = np.gradient(z, 1 / size)
    length = np.sqrt(down**2 + across**2 + 1)

    def lamp(x: float, y: float, z: float) -> Plane:
        shade: Plane = np.clip((z - across * x - down * y) / (length * np.sqrt(x * x + y * y + z * z)), 0, 1)
        return shade

    hollow = np.clip((_blur(z, int(0.12 * size)) - z) * 4, -0.25, 0.6)
    return (0.30 + 0.52 * lamp(-0.35, -0.6, 0.9) + 0.26 * lamp(0.7, -0.1, 0.7)) * (1 - 0.55 * hollow)


def _mouth(e: Expression, g: _Ground) -> _Mouth:
    w = 0.36 + 0.13 * e.smile - 0.05 * e.jaw_drop
    t = np.clip(g.side / w, 0, 1.2)
    middle = 0.80 + 0.03 * e.jaw_drop - 0.03 * e.chin_up + (0.13 * e.corners_down - 0.17 * e.smile) * t**2
    middle = middle + 0.05 * (e.smile - e.corners_down)
    arch = np.sqrt(np.clip(1 - t**2, 0, 1))
    upper_in = middle - (0.05 * e.teeth + 0.14 * e.jaw_drop) * arch
    lower_in = middle + (0.13 * e.teeth + 0.40 * e.jaw_drop) * arch
    full = 1 - 0.3 * e.smile
    bow = 1 + 0.18 * _line(g.side - 0.10, 0.06)
    upper_out = upper_in - 0.10 * full * bow * np.sqrt(np.clip(1 - t**1.7, 0, 1))
    lower_out = lower_in + (0.13 + 0.03 * e.chin_up) * full * np.clip(1 - t**2, 0, 1) ** 0.6
    return _Mouth(w, upper_out, upper_in, middle, lower_in, lower_out)


def _skin(e: Expression, g: _Ground, mouth: _Mouth) -> Plane:
    """Return how much light the skin and the lips give back."""
    skin = 0.74 - 0.05 * _bump(g.side, g.y, (0.42, 0.02), (0.24, 0.14))
    inside = np.minimum(g.y - mouth.upper_out, mouth.lower_out - g.y)
    lips = _step(inside, g.pixel * 2) * _step(mouth.half_width - g.side, g.pixel * 3)
    return _over(skin, 0.50 + 0.02 * e.chin_up, lips * 0.75)


def _paint_mouth(luma: Plane, e: Expression, g: _Ground, mouth: _Mouth) -> Plane:
    """Paint the open mouth with its teeth, the line between the lips, and the nostrils."""
    side, y, w = g.side, g.y, mouth.half_width
    hole = _step(np.minimum(y - mouth.upper_in, mouth.lower_in - y), g.pixel) * _step(
        w * 0.96 - side, g.pixel * 2
    )
    rounded = (0.9 - 0.5 * (side / w) ** 2) * (0.92 + 0.08 * np.cos(g.face_x * 2 * np.pi / 0.105))
    shown = min(1.0, 1.5 * e.teeth + 0.5 * e.jaw_drop)
    tooth = shown * rounded * _step(mouth.upper_in + 0.12 - 0.03 * e.jaw_drop - y, g.pixel * 1.5)
    luma = _over(luma, 0.10 + 0.70 * tooth, hole)
    luma = luma * (1 - 0.62 * _line(y - mouth.middle - 0.004, 0.018) * _step(w - side, 0.05) * (1 - hole))
    luma = luma * (1 - 0.65 * _bump(side, y, (0.095, 0.515), (0.045, 0.022)))
    return luma * (
        1 - 0.25 * _step(0.06 - np.abs(y - 0.545), 0.05) * _bump(g.face_x, y, (0, 0.54), (0.2, 0.05))
    )


def _paint_eyes(luma: Plane, e: Expression, g: _Ground) -> Plane:
    """Paint eyeballs, lashes and the creases of the lids."""
    side, y, soft = g.side, g.y, g.pixel * 1.5
    u = (side - 0.41) / 0.185
    almond = np.clip(1 - np.abs(u) ** 2.2, 0, 1)
    axis = -0.02 - 0.021 * u * (1 - 0.8 * e.corners_down)
    top = axis - 0.085 * (1 + 0.55 * e.eye_open - 0.25 * e.squint) * almond**0.75
    bottom = axis + 0.060 * (1 + 0.15 * e.eye_open - 0.55 * e.squint) * almond**0.9 - 0.02 * e.squint
    within = _step(1 - np.abs(u), 0.03)
    iris = np.hypot(side - 0.41, y + 0.032)
    ball: Plane = 0.80 - 0.25 * np.clip(np.abs(u), 0, 1) ** 2 - 0.35 * np.clip((top + 0.05 - y) / 0.05, 0, 1)
    ball = _over(ball, 0.22, _step(0.082 - iris, soft))
    ball = _over(ball, 0.05, _step(0.036 - iris, soft))
    glint = np.hypot(g.face_x - np.sign(g.face_x) * np.float32(0.41) + 0.025, y + 0.062)
    ball = _over(ball, 0.95, _step(0.016 - glint, soft))
    luma = _over(luma, ball, _step(np.minimum(y - top, bottom - y), g.pixel) * within)
    luma = luma * (1 - 0.75 * _line(y - top, 0.020) * _step(1.06 - np.abs(u), 0.06))
    luma = luma * (1 - 0.30 * _line(y - bottom, 0.015) * within)
    return luma * (1 - 0.22 * _line(y - top + 0.055 + 0.02 * e.eye_open, 0.015) * _step(1 - np.abs(u), 0.1))


def _paint_brows(luma: Plane, e: Expression, g: _Ground) -> Plane:
    inner = (0.17 - 0.05 * e.brow_knit, -0.27 - 0.16 * e.brow_inner + 0.11 * e.brow_knit)
    peak = (0.45, -0.36 - 0.12 * e.brow_outer - 0.02 * e.brow_inner + 0.05 * e.brow_knit)
    outer = (0.70, -0.27 - 0.13 * e.brow_outer + 0.05 * max(0.0, e.brow_inner - e.brow_outer))
    thickness = 0.052 * (1 - 0.57 * np.clip((g.side - 0.3) / 0.4, 0, 1))
    brow = _step(thickness - _distance(g.side, g.y, [inner, peak, outer]), g.pixel * 3)
    return _over(luma, 0.16, brow * 0.85)


def _hair(g: _Ground) -> tuple[Plane, Plane]:
    """Return where the hair is, and its luma."""
    hairline = -0.92 + 0.08 * np.cos(g.x * 3 + 0.5) + 2.6 * np.clip(np.abs(g.x) - 0.66, 0, 1) ** 1.3
    cap = _step(1.12 - np.hypot(g.x / 1.06, (g.y + 0.45) / 1.22), g.pixel * 3)
    waves = 0.03 * np.sin(g.x * 24 + 5 * np.sin(g.y * 3)) * np.cos(g.y * 4)
    return _step(hairline - g.y, 0.025) * cap, 0.16 + waves + 0.10 * _bump(
        g.x, g.y, (-0.3, -1.25), (0.5, 0.2)
    )


# --- the room ---------------------------------------------------------------------------------------------


def _room() -> Plane:
    """Return the luma of an evening room: a wall, a window, a picture, a shelf with books, a sofa."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)

    def block(left: float, top: float, right: float, bottom: float) -> Plane:
        return _step(np.minimum(np.minimum(x - left, right - x), np.minimum(y - top, bottom - y)), 0.8)

    luma = 0.62 + 0.10 * _bump(x, y, (90, 120), (220, 200)) - 0.08 * x / WIDTH
    luma = _over(luma, 0.42, block(30, 40, 170, 230))
    luma = _over(luma, 0.86 - 0.10 * y / HEIGHT, block(38, 48, 97, 222) + block(103, 48, 162, 222))
    luma = _over(luma, 0.28, block(470, 60, 600, 150))
    luma = _over(luma, 0.55 + 0.12 * np.sin(x / 17) * np.cos(y / 13), block(478, 68, 592, 142))
    luma = _over(luma, 0.30, block(460, 262, 640, 270))
    for i, left in enumerate(range(470, 620, 15)):
        luma = _over(luma, 0.25 + 0.09 * (i * 5 % 7), block(left, 205 + 6 * (i * 3 % 5), left + 12, 262))
    sofa = _step(y - 320 - 12 * np.cos((x - 320) / 90), 3)
    return _over(luma, 0.40 + 0.05 * _bump(x, y, (200, 340), (150, 40)) - 0.1 * (y - 320) / 160, sofa).astype(
        np.float32
    )
