"""What a household's speakers know of songs, each on a disk of its own: whatever is lost, doubled, out of
order, set back or begun anew, in the end all know the same.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clock import NOON, Clock

from moodspeaker.domain.emotion import Affect, Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import Opinion, Verdict
from moodspeaker.domain.play import Play
from moodspeaker.library.choosing import SongChooser
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.household import SqliteHousehold
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.library.verdicts import SqliteVerdicts
from moodspeaker.music.choice import Wanted
from moodspeaker.music.household import PARTS
from moodspeaker.music.household_message import decode, encode
from moodspeaker.resources import schema_folder
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SONGS = ("a", "b")
RECORDINGS = {song: f"00000000-0000-4000-8000-00000000000{song}" for song in SONGS}
OPINIONS = {Opinion.LIKE: "liked", Opinion.DISLIKE: "disliked", Opinion.WRONG_MOOD: "wrong_mood"}


class Room:
    """A speaker's disk; its music lies in a folder of its own name.

    `title` is how its files call a song, `recordings` what they say of MusicBrainz.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        skew: float = 0.0,
        *,
        title: str = "Song {}",
        recordings: Mapping[str, str] = RECORDINGS,
    ) -> None:
        self.root, self.name = root / name, name
        self._title, self._recordings = title, recordings
        self.clock = Clock(wall=NOON + skew)
        self.open()

    def open(self) -> None:
        timestamps = Timestamps(self.clock, "boot")
        self.history = SqliteHistory(self.root, schema_folder(), timestamps)
        self.verdicts = SqliteVerdicts(self.history.database, timestamps)
        self.index = SqliteMoodIndex(self.history.database)
        self.household = SqliteHousehold(self.history.database, timestamps, "home", self.name)
        self.history.database.write(
            lambda db: db.executemany(
                "INSERT OR IGNORE INTO songs "
                "(uri, title, artist, album, genre, moods, modified, stated, recording) "
                "VALUES (?, ?, 'Somebody', '', '', '', '', ?, ?)",
                [
                    (
                        f"{self.name}/{song}.mp3",
                        self._title.format(song),
                        200 + len(self.name) % 2,
                        self._recordings.get(song, ""),
                    )
                    for song in SONGS
                ],
            )
        )
        while self.household.name_songs():
            pass

    def close(self) -> None:
        self.history.close()

    def say(self, song: str, opinion: Opinion, profile: str = "household") -> None:
        """Let somebody say something of a song."""
        self.clock.later(1)
        verdict = Verdict(self.clock(), f"{self.name}/{song}.mp3", opinion, Emotion.SAD, None, profile)
        self.verdicts.add(verdict)

    def hear(self, song: str, why: EndReason) -> None:
        """Let a song be heard."""
        uri = f"{self.name}/{song}.mp3"
        self.history.add(
            Play(
                self.clock(),
                uri,
                self._title.format(song),
                "Somebody",
                200,
                190,
                why,
                Emotion.SAD,
                None,
                None,
            )
        )
        self.history.flush()

    def correct(self, song: str, mood: Emotion) -> None:
        """Let somebody say which mood a song has."""
        self.clock.later(1)
        self.index.correct(f"{self.name}/{song}.mp3", mood)
        self.household.correct(f"{self.name}/{song}.mp3", mood)

    def tells(self) -> Iterator[tuple[int, bytes]]:
        """Count, and yield the messages that are to be told."""
        while self.household.count() is not None:
            pass
        for part in range(PARTS):
            told = self.household.told(part, [member.replica for member in self.household.members()])
            if told is not None:
                yield part, encode(told).encode()

    def takes(self, part: int, message: bytes) -> bool:
        """Take a message, and give songs their moods."""
        news = self.household.take(decode(message, part), part)
        for uri, mood in self.household.corrections():
            self.index.correct(uri, mood)
        self.household.note_corrected()
        return news

    def knows(self) -> Counter[tuple[object, ...]]:
        """Return what the household thinks, as this speaker knows it."""
        rows = self.history.database.read(
            "SELECT name, profile, what, sum(count) FROM household_counts GROUP BY 1, 2, 3", {}
        )
        return Counter({tuple(which): count for *which, count in rows})

    def moods(self) -> list[object]:
        """Return the moods that people gave to the songs."""
        rows = self.history.database.read("SELECT correction FROM songs ORDER BY uri", {})
        return [mood for (mood,) in rows]


class House:
    """Some rooms, what was ever sent between them, and what they should know in the end."""

    def __init__(self, root: Path, count: int) -> None:
        titles = {"kitchen": "Song {}", "bedroom": "Lied {} (2011)", "attic": "{}"}
        self.rooms = [
            Room(root, name, 3600.0 * place, title=titles[name])
            for place, name in enumerate([*titles][:count])
        ]
        self.sent: list[tuple[int, bytes]] = []
        self.expected: Counter[str] = Counter()
        self._untold: dict[Room, Counter[str]] = {room: Counter() for room in self.rooms}

    def say(self, room: Room, song: str, opinion: Opinion, profile: str) -> None:
        """Let somebody say something."""
        room.say(song, opinion, profile)
        self._untold[room][OPINIONS[opinion]] += 1

    def hear(self, room: Room, song: str, why: EndReason) -> None:
        """Let a song be heard."""
        room.hear(song, why)
        self._untold[room][str(why)] += 1

    def correct(self, room: Room, song: str, mood: Emotion) -> None:
        """Let somebody correct a song's mood."""
        room.correct(song, mood)

    def tell(self, room: Room) -> None:
        """Let a room tell all it knows."""
        self.sent += room.tells()
        self.expected += self._untold[room]
        self._untold[room].clear()

    def deliver(self, room: Room, number: int) -> None:
        """Let a room take any message that was ever sent."""
        if self.sent:
            room.takes(*self.sent[number % len(self.sent)])

    def restart(self, room: Room) -> None:
        """End a speaker and start it again."""
        room.close()
        room.open()

    def lose(self, room: Room) -> None:
        """Let a disk be lost, and with it what was never told."""
        room.close()
        shutil.rmtree(room.root)
        room.open()
        self._untold[room].clear()

    def back_up(self, room: Room) -> None:
        """Copy a disk."""
        self.tell(room)
        room.close()
        shutil.copytree(room.root, room.root.with_suffix(".backup"), dirs_exist_ok=True)
        room.open()

    def set_back(self, room: Room) -> None:
        """Let a disk be as it was when it was copied; what stands at the broker is heard first."""
        if not room.root.with_suffix(".backup").exists():
            return
        room.close()
        shutil.rmtree(room.root)
        shutil.copytree(room.root.with_suffix(".backup"), room.root)
        room.open()
        self._untold[room].clear()
        for said in self.sent:
            room.takes(*said)

    def clock(self, room: Room, seconds: float) -> None:
        """Set a clock."""
        room.clock.set(room.clock.wall + seconds)

    def agree(self) -> None:
        """Let messages pass until nobody learns anything any more."""
        for room in self.rooms:
            self.tell(room)
            for said in self.sent:
                room.takes(*said)
        pairs = list(product(self.rooms, self.rooms))
        for _ in range(9):
            news = [b.takes(*said) for a, b in pairs for said in list(a.tells())]
            if not any(news):
                return
        pytest.fail("they never agree")


def counted(room: Room) -> Counter[str]:
    """Return how often each thing was said or heard, in all."""
    told: Counter[str] = Counter()
    for (_, _, what), times in room.knows().items():
        told["skipped" if str(what).startswith("skipped") else str(what)] += times
    return told


ROOM = st.integers(0, 2)
SONG = st.sampled_from(SONGS)
ACTS = st.one_of(
    st.tuples(st.just("say"), ROOM, SONG, st.sampled_from(Opinion), st.sampled_from(["household", "Ann"])),
    st.tuples(st.just("hear"), ROOM, SONG, st.sampled_from([EndReason.FINISHED, EndReason.SKIPPED])),
    st.tuples(st.just("correct"), ROOM, SONG, st.sampled_from([Emotion.SAD, Emotion.HAPPY])),
    st.tuples(st.just("deliver"), ROOM, st.integers(0, 99)),
    st.tuples(st.just("clock"), ROOM, st.sampled_from([-3600.0, 3600.0])),
    st.tuples(st.sampled_from(["tell", "restart", "lose", "back_up", "set_back"]), ROOM),
)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 3), st.lists(ACTS, max_size=25))
def test_whatever_happens_in_the_end_all_know_the_same_and_nothing_is_lost_or_counted_twice(
    count: int, acts: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), count)
        for act, number, *words in acts:
            getattr(house, act)(house.rooms[number % count], *words)
        house.agree()
        first, *others = house.rooms
        assert all(room.knows() == first.knows() and room.moods() == first.moods() for room in others)
        assert counted(first) == house.expected
        for room in house.rooms:
            room.close()


def liked(room: Room, household: str, profile: str) -> set[str]:
    """Return the songs of a room that somebody likes, as far as this household tells."""
    room.history.database.write(
        lambda db: db.execute("UPDATE songs SET mood = 'sad', rank_valence = -0.6, rank_arousal = -0.4")
    )
    chooser = SongChooser(room.history.database, Timestamps(room.clock, "boot"), household)
    songs = chooser.suggest(Wanted(Affect(-0.6, -0.4), Emotion.SAD, profile), 2, 1)
    return {song.uri for song in songs if "you like it" in str(song.reasons.get("taste", ""))}


def test_a_like_of_one_person_in_one_room_counts_for_that_person_in_the_other(root: Path) -> None:
    kitchen, bedroom = Room(root, "kitchen"), Room(root, "bedroom")
    kitchen.say("b", Opinion.LIKE, "Ann")
    kitchen.say("a", Opinion.DISLIKE, "Ben")
    for said in kitchen.tells():
        bedroom.takes(*said)
    assert liked(bedroom, "home", "Ann") == {"bedroom/b.mp3"}
    assert liked(bedroom, "home", "Ben") == set()
    assert liked(bedroom, "", "Ann") == liked(bedroom, "another", "Ann") == set()
    kitchen.close()
    bedroom.close()


OTHERS = {song: RECORDINGS[song].replace("0000-4000", "0000-4111") for song in SONGS}


@pytest.mark.parametrize(
    ("title", "here", "there", "same"),
    [
        ("Lied {}", RECORDINGS, RECORDINGS, True),  # the recording decides
        ("Song {}", RECORDINGS, OTHERS, False),
        ("Song {}", {}, RECORDINGS, True),  # one side does not know it: the name does
        ("Song {}", RECORDINGS, {}, True),
        ("Lied {}", RECORDINGS, {}, False),
    ],
)
def test_the_recording_tells_which_song_is_meant_where_both_know_it(
    root: Path, title: str, here: Mapping[str, str], there: Mapping[str, str], *, same: bool
) -> None:
    kitchen = Room(root, "kitchen", recordings=here)
    bedroom = Room(root, "bedroom", title=title, recordings=there)
    kitchen.say("b", Opinion.LIKE, "Ann")
    kitchen.correct("a", Emotion.ANGRY)
    for said in kitchen.tells():
        bedroom.takes(*said)
    assert liked(bedroom, "home", "Ann") == ({"bedroom/b.mp3"} if same else set())
    assert bedroom.moods() == (["angry", None] if same else [None, None])
    kitchen.close()
    bedroom.close()


def test_of_one_recording_by_two_names_the_word_said_last_counts_though_a_clock_is_a_year_ahead(
    root: Path,
) -> None:
    year = 365 * 86_400.0
    kitchen, bedroom = Room(root, "kitchen"), Room(root, "bedroom", year, title="Lied {}")
    for room in (kitchen, bedroom):
        list(room.tells())  # it begins to count
    bedroom.correct("a", Emotion.SAD)
    for said in bedroom.tells():
        kitchen.takes(*said)
    assert kitchen.moods() == ["sad", None]
    kitchen.correct("a", Emotion.HAPPY)
    for said in kitchen.tells():
        bedroom.takes(*said)
    assert kitchen.moods() == bedroom.moods() == ["happy", None]
    kitchen.close()
    bedroom.close()


def test_a_recording_that_is_learned_later_takes_back_what_the_name_alone_had_joined(root: Path) -> None:
    kitchen, bedroom = Room(root, "kitchen", recordings={}), Room(root, "bedroom", recordings=OTHERS)
    kitchen.say("b", Opinion.LIKE, "Ann")
    for said in kitchen.tells():
        bedroom.takes(*said)
    chooser = SongChooser(bedroom.history.database, Timestamps(bedroom.clock, "boot"), "home")
    assert chooser.knows_taste(["bedroom/b.mp3"])
    kitchen.history.database.write(
        lambda db: db.executemany(
            "UPDATE songs SET recording = ? WHERE uri = ?",
            [(RECORDINGS[song], f"kitchen/{song}.mp3") for song in SONGS],
        )
    )
    for said in kitchen.tells():
        bedroom.takes(*said)
    assert not chooser.knows_taste(["bedroom/b.mp3"])
    kitchen.close()
    bedroom.close()


def test_a_file_of_before_recordings_tells_them_with_what_it_had_counted(root: Path) -> None:
    kitchen = Room(root, "kitchen", recordings={})
    kitchen.say("b", Opinion.LIKE)
    assert all(b"recordings" not in message for _, message in kitchen.tells())
    kitchen.history.database.write(
        lambda db: db.execute("UPDATE songs SET recording = ?", (RECORDINGS["b"],))
    )
    [message] = [message for _, message in kitchen.tells()]
    assert RECORDINGS["b"].encode() in message
    kitchen.close()
