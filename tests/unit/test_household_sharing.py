"""When a speaker tells its household what, and what it makes of what it hears."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from support.clock import NOON, Clock
from support.fake_broker import FakeBroker

from moodspeaker.adapters.mqtt.no_broker import NoBroker
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import Opinion, Verdict
from moodspeaker.domain.play import Play
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.household import SqliteHousehold
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.library.verdicts import SqliteVerdicts
from moodspeaker.resources import schema_folder
from moodspeaker.speaker.sharing import (
    AT_ONCE,
    CARRY,
    LISTEN,
    NAMED,
    SELDOM,
    SOON,
    HouseholdMessage,
    Sharing,
)
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BELOW = "moodspeaker/household/home/"


class Speaker:
    """A speaker's part in a household, on a broker that others may use too."""

    def __init__(self, root: Path, speaker: str = "kitchen", broker: FakeBroker | None = None) -> None:
        self.root, self.speaker, self.clock = root / speaker, speaker, Clock()
        self.broker = broker or FakeBroker()
        self.open("home")

    def open(self, household: str) -> None:
        """Start the speaker."""
        timestamps = Timestamps(self.clock, "boot")
        self.history = SqliteHistory(self.root, schema_folder(), timestamps)
        self.verdicts = SqliteVerdicts(self.history.database, timestamps)
        self.index = SqliteMoodIndex(self.history.database)
        self.household = SqliteHousehold(self.history.database, timestamps, household, self.speaker)
        self.sharing = Sharing(household, self.speaker, self.household, self.broker, self.index.correct)
        self.sharing.start(self.sharing.take)
        for topic, payload in self.topics().items():
            self.sharing.take(HouseholdMessage(topic, payload.encode(), retained=True))

    def seconds(self, count: float) -> None:
        """Let seconds pass."""
        for _ in range(round(count)):
            self.clock.later(1)
            self.sharing.tick(self.clock.monotonic)

    def says(self, song: str = "a.mp3", opinion: Opinion = Opinion.LIKE) -> None:
        """Let somebody say something."""
        self.verdicts.add(Verdict(self.clock(), song, opinion, Emotion.SAD, None, "household"))
        self.sharing.said()

    def hears(self, song: str = "a.mp3") -> None:
        """Let a song be heard to its end."""
        end = EndReason.FINISHED
        self.history.add(Play(self.clock(), song, "", "", 60, 60, end, Emotion.SAD, None, None))
        self.history.flush()

    def told(self) -> list[str]:
        """Return all messages to the household so far."""
        return [payload for topic, payload in self.broker.heard if topic.startswith(BELOW)]

    def topics(self) -> dict[str, str]:
        """Return what stands at the broker for the household."""
        return {topic: payload for topic, payload in self.broker.topics.items() if topic.startswith(BELOW)}

    def knows(self) -> int:
        """Return how many likes are known."""
        query = "SELECT coalesce(sum(count), 0) FROM household_counts WHERE what = 'liked'"
        return int(self.history.database.read(query, {})[0][0])


@pytest.fixture
def kitchen(root: Path) -> Iterator[Speaker]:
    speaker = Speaker(root)
    speaker.broker.start()
    yield speaker
    speaker.history.close()


def test_it_listens_first_then_tells_what_was_said_before(kitchen: Speaker) -> None:
    kitchen.says()
    kitchen.seconds(LISTEN)
    assert kitchen.told() == []
    kitchen.seconds(SOON)
    [message] = kitchen.told()
    assert json.loads(message)["speaker"] == "kitchen"
    assert '"household","sad"' in message


def test_a_word_is_told_at_once_and_more_words_together_half_a_minute_later(kitchen: Speaker) -> None:
    kitchen.seconds(SELDOM)
    kitchen.says()
    kitchen.seconds(5)
    assert len(kitchen.told()) == 1
    for _ in range(5):
        kitchen.says()
    kitchen.seconds(SOON - 10)
    assert len(kitchen.told()) == 1
    kitchen.seconds(SOON)
    assert len(kitchen.told()) == 2


def test_plays_alone_wait_for_a_quarter_of_an_hour_and_nothing_new_is_nothing_to_tell(
    kitchen: Speaker,
) -> None:
    kitchen.seconds(SOON + 20)
    for _ in range(3):
        kitchen.hears()
        kitchen.seconds(SELDOM / 3 - 30)
    assert kitchen.told() == []
    kitchen.seconds(SELDOM)
    assert len(kitchen.told()) == 1
    kitchen.seconds(3 * SELDOM)
    assert len(kitchen.told()) == 1


def test_what_is_no_message_is_dropped_with_one_line(
    kitchen: Speaker, caplog: pytest.LogCaptureFixture
) -> None:
    for topic in ("0123456789abcdef/3", "0123456789abcdef/99", "x", "0123456789abcdef/³"):
        for _ in range(3):
            kitchen.broker.overwrite(BELOW + topic, b'{"version": 1}')
    assert len(caplog.messages) == 4
    assert all("is dropped" in line for line in caplog.messages)
    assert kitchen.sharing.view is not None
    assert kitchen.sharing.view.speakers == ()


def test_a_topic_of_many_digits_ends_nothing_and_many_topics_do_not_fill_the_log(
    kitchen: Speaker, caplog: pytest.LogCaptureFixture
) -> None:
    kitchen.broker.overwrite(f"{BELOW}x/{'9' * 5000}", b"{}")
    for number in range(2 * NAMED):
        kitchen.broker.overwrite(f"{BELOW}x/{number}", b"{}")
    assert len(caplog.messages) == NAMED
    assert max(map(len, caplog.messages)) < 300


def test_a_broker_that_comes_back_empty_learns_of_a_speaker_that_is_off_from_another(
    kitchen: Speaker, root: Path
) -> None:
    attic = Speaker(root, "attic", kitchen.broker)
    attic.says()
    attic.seconds(SOON)
    assert kitchen.knows() == 1
    off = attic.household.replica
    attic.history.close()
    kitchen.broker.lose()
    kitchen.seconds(2)
    kitchen.broker._wanted.clear()  # the attic is off
    kitchen.broker.come_back()
    kitchen.seconds(CARRY - 10)
    assert kitchen.topics() == {}
    kitchen.seconds(60)
    [(topic, message)] = kitchen.topics().items()
    assert off not in topic
    assert json.loads(message)["replicas"][off]["speaker"] == "attic"
    cellar = Speaker(root, "cellar", kitchen.broker)
    cellar.sharing.take(HouseholdMessage(topic, message.encode(), retained=True))
    assert cellar.knows() == 1
    cellar.history.close()


def test_who_took_back_what_it_published_is_not_told_of_by_others(kitchen: Speaker, root: Path) -> None:
    attic = Speaker(root, "attic", kitchen.broker)
    attic.says()
    attic.seconds(SOON)
    attic.sharing.forget()
    attic.history.close()
    kitchen.seconds(CARRY + 60)
    assert kitchen.topics() == {}
    assert kitchen.knows() == 1


def test_what_was_learned_is_forgotten_and_what_was_told_is_cleared_and_not_counted_twice(
    kitchen: Speaker, root: Path
) -> None:
    attic = Speaker(root, "attic", kitchen.broker)
    kitchen.says()
    attic.says()
    for speaker in (kitchen, attic):
        speaker.seconds(SOON)
    assert (kitchen.knows(), attic.knows(), len(kitchen.topics())) == (2, 2, 2)
    before = kitchen.household.replica
    kitchen.sharing.forget()
    assert kitchen.knows() == 0
    assert not any(before in topic for topic in kitchen.topics())
    kitchen.seconds(SELDOM + SOON)
    kitchen.says()
    kitchen.seconds(SOON)
    assert attic.knows() == 3
    for topic, message in attic.topics().items():
        kitchen.sharing.take(HouseholdMessage(topic, message.encode(), retained=True))
    assert kitchen.knows() == 2
    attic.history.close()


@pytest.mark.parametrize("name", ["", "another"])
def test_who_leaves_a_household_clears_what_it_told(kitchen: Speaker, name: str) -> None:
    kitchen.says()
    kitchen.seconds(SOON)
    assert kitchen.topics()
    kitchen.history.close()
    kitchen.open(name)
    assert kitchen.topics() == {}
    assert kitchen.household.published() == []


def test_a_copied_disk_counts_under_another_name(kitchen: Speaker, root: Path) -> None:
    kitchen.says()
    kitchen.seconds(SOON)
    kitchen.history.close()
    shutil.copytree(kitchen.root, root / "copy")
    kitchen.open("home")
    copy = Speaker(root, "copy", kitchen.broker)
    assert copy.household.replica == kitchen.household.replica
    kitchen.says()
    kitchen.seconds(SOON)
    assert copy.household.replica != kitchen.household.replica
    copy.says()
    copy.seconds(SELDOM + SOON)
    assert (kitchen.knows(), copy.knows()) == (3, 3)
    copy.history.close()


def test_moods_given_before_sharing_began_yield_to_every_word(kitchen: Speaker, root: Path) -> None:
    attic = Speaker(root, "attic", kitchen.broker)
    for speaker in (kitchen, attic):
        speaker.history.database.write(
            lambda db: db.execute(
                "INSERT INTO songs (uri, title, artist, album, genre, moods, modified) "
                "VALUES ('a.mp3', 'Song', 'One', '', '', '', '')"
            )
        )
    attic.index.correct("a.mp3", Emotion.SAD)
    for speaker in (attic, kitchen):
        speaker.seconds(SELDOM)
    mood = "SELECT correction FROM songs"
    assert kitchen.history.database.read(mood, {}) == [("sad",)]
    attic.clock.set(NOON + 5 * 3600)
    kitchen.sharing.correct("a.mp3", Emotion.HAPPY)
    kitchen.seconds(SOON)
    assert attic.history.database.read(mood, {}) == [("happy",)]
    attic.sharing.correct("a.mp3", None)
    attic.seconds(SOON)
    assert kitchen.history.database.read(mood, {}) == [(None,)]
    attic.history.close()


def test_many_moods_of_another_room_are_given_some_a_second(kitchen: Speaker, root: Path) -> None:
    attic = Speaker(root, "attic", kitchen.broker)
    columns = "uri, title, artist, album, genre, moods, modified"
    add = f"INSERT INTO songs ({columns}) VALUES (?, ?, '', '', '', '', '')"
    songs = [(f"{n}.mp3", f"Song {n}") for n in range(3 * AT_ONCE)]
    attic.history.database.write(lambda db: db.executemany(add, songs))
    for uri, _ in songs:
        attic.index.correct(uri, Emotion.SAD)
    attic.seconds(SOON)
    attic.history.close()
    kitchen.history.database.write(lambda db: db.executemany(add, songs))
    given = [0]
    for _ in range(70):
        kitchen.seconds(1)
        [(count,)] = kitchen.history.database.read("SELECT count(correction) FROM songs", {})
        given.append(count)
    assert given[-1] == len(songs)
    assert max(later - before for before, later in pairwise(given)) == AT_ONCE


def test_what_was_said_years_ago_is_told_no_more_and_erased(kitchen: Speaker) -> None:
    kitchen.says()
    kitchen.seconds(SOON)
    assert kitchen.knows() == 1
    kitchen.history.close()
    kitchen.clock.set(NOON + 4 * 365 * 86_400)
    kitchen.clock.monotonic = 0.0
    kitchen.open("home")
    kitchen.says("b.mp3")
    kitchen.seconds(SOON + LISTEN)
    assert kitchen.knows() == 1
    [*_, last] = kitchen.told()
    assert '"b"' in last


def test_a_household_without_a_broker_says_so(kitchen: Speaker) -> None:
    sharing = Sharing("home", "kitchen", kitchen.household, NoBroker(), kitchen.index.correct)
    sharing.start(sharing.take)
    assert sharing.view is not None
    assert "set it" in sharing.view.reason
    assert kitchen.sharing.view is not None
    assert kitchen.sharing.view.reason == ""
