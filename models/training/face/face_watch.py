"""The detector's figures on the `tune` side while it trains: precision and false alarms, within a minute."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from evaluate_face import Seen, alarms, found_share, precision
from face_look import of_answers
from face_net import FaceNet, fold, net_input
from face_set import NEGATIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from face_set import Photo
    from numpy.typing import NDArray

    from moodspeaker.vision.boxes import Boxes, Scores

FRAME: Final = 320
MOST: Final = 60
"""Photos of one set, at most."""
ALARMS: Final = 2.0
"""False boxes per 100 photos without a face at the threshold at which the recall is given."""


class Watch:
    """Scores a net in training."""

    def __init__(self, photos: Sequence[Photo]) -> None:
        """Keep the photos to score on."""
        counts: dict[str, int] = {}
        self.photos = []
        for photo in photos:
            counts[photo.kind] = counts.get(photo.kind, 0) + 1
            if photo.kind in {"masksweb", *NEGATIVE} or counts[photo.kind] <= MOST:
                self.photos.append(photo)

    def score(self, net: FaceNet) -> str:
        """Return a line of figures."""
        folded = fold(copy.deepcopy(net))

        def see(window: NDArray[np.uint8], threshold: float) -> tuple[Boxes, Scores]:
            with torch.inference_mode():
                raw = folded(net_input(window[None]))[0].numpy()
            return of_answers(raw, threshold)

        seen: dict[str, list[Seen]] = {}
        for photo in self.photos:
            seen.setdefault(photo.kind, []).append(Seen(see, photo, FRAME))
        empty = [one for kind in NEGATIVE for one in seen.pop(kind, [])]
        everything = [one for kind in seen.values() for one in kind]
        threshold = next((t for t in np.arange(0.1, 0.9, 0.02) if alarms(empty, t) <= ALARMS), 0.9)
        parts = [f"{kind} {precision(ones)[0]:.3f}" for kind, ones in sorted(seen.items())]
        masked = seen.get("masksweb", everything)
        bare = precision(masked, unmasked=True)[0]
        return (
            f"AP unmasked {bare:.3f} all {precision(everything)[0]:.3f} ({' '.join(parts)}); "
            f"at {threshold:.2f} "
            f"recall unmasked {found_share(masked, threshold, unmasked=True):.3f} "
            f"all {found_share(everything, threshold):.3f}"
        )
