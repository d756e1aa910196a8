"""What the weight of the mood on a journey is worth: how near its songs lie, and how they are liked.

    python music-index/evaluation/journeys.py SITUNES [--listeners 12]

SITUNES is the folder of the data set.  Each simulated listener (`listener.py`) lives a week with the shipped
choice (`week.py`), then is led from an angry, an anxious and a sad room, three songs a step, once with each
weight (`music.hybrid.MOOD_ON_THE_WAY`).  A line a weight, means over all songs and the 95 % interval over
listeners: the distance of a song's place to its step's point; by how much of the way that was meant the songs
of the last step lie farther along it than those of the first; the share that is heard to the end.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from listener import Listener, fit, read_ratings, read_songs
from week import DAYS, SESSIONS, Indexed, interval, week

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.emotion import Affect, Emotion, distance
from moodspeaker.mood.affect import POINTS
from moodspeaker.music import hybrid
from moodspeaker.music.choice import Wanted
from moodspeaker.music.journey import set_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from listener import Song

WEIGHTS: Final = (0.0, 0.4, 1.0, 1.5, 2.0, 3.0, 5.0)
WAYS: Final = ((Emotion.ANGRY, Aim.CALM), (Emotion.FEAR, Aim.CALM), (Emotion.SAD, Aim.LIFT))
A_STEP: Final = 3
"""Songs of a step."""
AGAIN: Final = 20
"""How often each song is heard, to tell how likely it is heard to its end."""
Way = tuple[list[float], float, list[float]]
"""Distances, progress, and the share of each song that is heard to its end."""


class Led(Indexed):
    """The shipped choice on the way."""

    def places(self) -> Mapping[str, Affect]:
        """Return where each song lies within the library."""
        rows = self.history.database.read("SELECT uri, rank_valence, rank_arousal FROM songs", {})
        return {uri: Affect(valence, arousal) for uri, valence, arousal in rows}

    def lead(self, listener: Listener, songs: Mapping[str, Song], mood: Emotion, aim: Aim) -> Way:
        """Return what a journey would play, and how that would be heard; nothing is learned of it."""
        places = self.places()
        journey = set_out(mood, aim, POINTS[mood])
        heard: list[str] = []
        steps = []
        for step in journey.steps:
            wanted = Wanted(step.affect, mood, recent=tuple(heard), aim="this step of the way")
            steps.append(
                [song.uri for song in self._chooser.suggest(wanted, A_STEP, self._chance.getrandbits(31))]
            )
            heard += steps[-1]
        apart = [
            distance(places[uri], step.affect)
            for uris, step in zip(steps, journey.steps, strict=True)
            for uri in uris
        ]
        point = (POINTS[mood].valence, POINTS[mood].arousal)
        ends = [
            statistics.fmean(listener.finishes(songs[uri], point)[0] for _ in range(AGAIN)) for uri in heard
        ]
        first, last = journey.steps[0].affect, journey.steps[-1].affect
        return apart, _along(places, steps[-1], first, last) - _along(places, steps[0], first, last), ends


def _along(places: Mapping[str, Affect], uris: Sequence[str], first: Affect, last: Affect) -> float:
    """Return how far along the way songs lie: 0 at its beginning, 1 at its end."""
    way = (last.valence - first.valence, last.arousal - first.arousal)
    length = way[0] ** 2 + way[1] ** 2
    return statistics.fmean(
        ((places[uri].valence - first.valence) * way[0] + (places[uri].arousal - first.arousal) * way[1])
        / length
        for uri in uris
    )


def main() -> None:
    """Simulate, and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="SITUNES")
    parser.add_argument("--listeners", type=int, default=12)
    given = parser.parse_args()
    songs, ratings = read_songs(given.data), read_ratings(given.data)
    shares = fit(songs, ratings)
    felt = [point for rated in ratings.values() for _, _, point in rated if point is not None]
    found: dict[float, list[Way]] = {weight: [] for weight in WEIGHTS}
    with tempfile.TemporaryDirectory() as state:
        for number in range(given.listeners):
            chance = random.Random(number)  # noqa: S311 - no secret
            listener = Listener(shares, songs, chance)
            policy = Led(songs, chance, Path(state) / str(number), learns=True)
            week(policy, listener, songs, [chance.choice(felt) for _ in range(DAYS * SESSIONS)])
            for weight in WEIGHTS:
                setattr(hybrid, "MOOD_ON_THE_WAY", weight)  # noqa: B010 - it is Final for all others
                ways = [policy.lead(listener, songs, mood, aim) for mood, aim in WAYS]
                apart = [each for way in ways for each in way[0]]
                ends = [each for way in ways for each in way[2]]
                found[weight].append((apart, statistics.fmean(way[1] for way in ways), ends))
            policy.history.close()
    print("| weight | distance to the step | progress | heard to the end |\n|---|---|---|---|")
    for weight, ways in found.items():
        columns = zip(*((statistics.fmean(a), b, statistics.fmean(c)) for a, b, c in ways), strict=True)
        print(f"| {weight:g} | {' | '.join(map(_mean, columns))} |")


def _mean(values: Sequence[float]) -> str:
    low, high = interval(values)
    return f"{statistics.fmean(values):.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
