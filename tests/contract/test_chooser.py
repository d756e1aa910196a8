"""Choosing songs from the library's file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.clock import Clock

from moodspeaker.domain.emotion import EMOTIONS, Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.listener import HOUSEHOLD, Opinion, Verdict
from moodspeaker.domain.moment import Moment
from moodspeaker.domain.play import Play
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.library.choosing import SongChooser
from moodspeaker.library.history import SqliteHistory
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.library.moods import SqliteMoodIndex
from moodspeaker.library.songs import Sound
from moodspeaker.library.verdicts import SqliteVerdicts
from moodspeaker.mood.affect import POINTS
from moodspeaker.music.choice import Wanted
from moodspeaker.music.hybrid import APART
from moodspeaker.music.preference import DAY
from moodspeaker.resources import folder, schema_folder
from moodspeaker.timestamps import Timestamps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from moodspeaker.music.choice import Suggestion


class Case:
    """A library and what chooses from it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = Clock(monotonic=1e9)
        self.timestamps = Timestamps(self.clock, "this boot")
        self.history = SqliteHistory(root, schema_folder(), self.timestamps)
        self.chooser = SongChooser(self.history.database, self.timestamps)

    def scan(self, *songs: CatalogueSong) -> None:
        with closing(SongIndex(self.root, schema_folder())) as index:
            index.take_listing(songs)
            index.place(Lexicon(folder("music-index") / "lexicon"))

    def play(
        self,
        uri: str,
        why: EndReason = EndReason.FINISHED,
        *,
        mood: Emotion = Emotion.HAPPY,
        days_ago: float = 3.0,
        since_switch: float | None = None,
        profile: str = HOUSEHOLD,
        heard: float = 200.0,
    ) -> None:
        """Let a song have been played."""
        now = self.clock()
        ended = Moment(now.monotonic - days_ago * DAY, now.wall - days_ago * DAY)
        name = uri.removesuffix(".ogg")
        self.history.add(Play(ended, uri, name, "", 200.0, heard, why, mood, mood, since_switch, profile))
        self.history.flush()

    def say(
        self, uri: str, opinion: Opinion, *, mood: Emotion = Emotion.HAPPY, profile: str = HOUSEHOLD
    ) -> None:
        """Let somebody have said something of a song."""
        verdicts = SqliteVerdicts(self.history.database, self.timestamps)
        verdicts.add(Verdict(self.clock(), uri, opinion, mood, None, profile))

    def suggest(
        self,
        mood: Emotion = Emotion.HAPPY,
        count: int = 10,
        seed: int = 1,
        *,
        recent: tuple[str, ...] = (),
        songs: tuple[str, ...] | None = None,
        profile: str = HOUSEHOLD,
    ) -> Sequence[Suggestion]:
        wanted = Wanted(POINTS[mood], mood, profile, recent, songs)
        return self.chooser.suggest(wanted, count, seed)


@pytest.fixture
def case(root: Path) -> Iterator[Case]:
    made = Case(root)
    yield made
    made.history.close()


def song(name: str, artist: str = "", mood: str = "") -> CatalogueSong:
    return CatalogueSong(f"{name}.ogg", name, (artist,), moods=mood)


def uris(songs: Sequence[Suggestion]) -> list[str]:
    return [each.uri for each in songs]


def place(
    case: Case,
    uri: str,
    mood: Emotion = Emotion.HAPPY,
    recent: tuple[str, ...] = (),
    profile: str = HOUSEHOLD,
) -> float:
    """Return the mean place of a song in lists of several seeds, the first is 0."""
    lists = [uris(case.suggest(mood, 30, seed, recent=recent, profile=profile)) for seed in range(9)]
    return sum(one.index(uri) for one in lists) / len(lists)


@pytest.fixture
def happy(case: Case) -> Case:
    """Twelve songs that are as happy as each other, each by another artist."""
    case.scan(*(song(f"{n}", f"artist {n}", "happy") for n in range(12)))
    return case


def test_an_empty_index_has_no_songs(case: Case) -> None:
    assert list(case.suggest()) == []


def test_the_songs_of_a_mood_come_first(case: Case) -> None:
    moods = (Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY)
    case.scan(*(song(f"{mood} {n}", f"{mood} {n}", str(mood)) for mood in moods for n in range(10)))
    for mood in moods:
        assert all(each.uri.startswith(str(mood)) for each in case.suggest(mood, 5)), mood


def test_three_songs_serve_every_mood(case: Case) -> None:
    case.scan(song("a", mood="happy"), song("b", mood="sad"), song("c", mood="angry"))
    for mood in EMOTIONS:
        assert sorted(uris(case.suggest(mood))) == ["a.ogg", "b.ogg", "c.ogg"]


def test_an_artist_comes_once_in_four_songs(case: Case) -> None:
    case.scan(*(song(f"{artist}{n}", artist, "happy") for artist in "abcdef" for n in range(5)))
    artists = [each.artist for each in case.suggest(count=30)]
    assert len(artists) == 30
    assert all(len(set(artists[n : n + APART])) == APART for n in range(16))


def test_one_artist_alone_plays_on(case: Case) -> None:
    case.scan(*(song(f"{n}", "one", "happy") for n in range(8)))
    assert len(set(uris(case.suggest(count=8)))) == 8


def test_what_was_heard_lately_comes_behind_all_others_the_oldest_first(case: Case) -> None:
    case.scan(*(song(f"{n}", mood="happy") for n in range(8)))
    found = uris(case.suggest(recent=("3.ogg", "0.ogg", "5.ogg")))
    assert sorted(found[:5]) == ["1.ogg", "2.ogg", "4.ogg", "6.ogg", "7.ogg"]
    assert found[5:] == ["3.ogg", "0.ogg", "5.ogg"]


def test_where_everything_was_heard_lately_all_of_it_comes_again(case: Case) -> None:
    case.scan(*(song(f"{n}", mood="happy") for n in range(3)))
    assert sorted(uris(case.suggest(recent=("0.ogg", "1.ogg", "2.ogg")))) == ["0.ogg", "1.ogg", "2.ogg"]


def test_given_songs_are_the_only_ones(case: Case) -> None:
    case.scan(*(song(f"{n}", mood="happy") for n in range(8)))
    given = ("3.ogg", "not in the index.ogg", "na\udcefve.ogg")
    assert sorted(uris(case.suggest(Emotion.SAD, songs=given))) == sorted(given)


def test_a_name_that_is_no_utf8_is_a_name(case: Case) -> None:
    case.scan(song("na\udcefve", mood="happy"), song("b", mood="happy"))
    assert uris(case.suggest(recent=("na\udcefve.ogg",))) == ["b.ogg", "na\udcefve.ogg"]
    assert "na\udcefve.ogg" in uris(case.suggest(songs=("na\udcefve.ogg",)))


def test_the_same_seed_gives_the_same_songs(case: Case) -> None:
    case.scan(*(song(f"{n}", f"{n}", "happy") for n in range(30)))
    assert case.suggest(seed=5) == case.suggest(seed=5)
    assert len({tuple(uris(case.suggest(seed=seed))) for seed in range(5)}) > 1


def test_every_song_has_its_reason(case: Case) -> None:
    case.scan(*(song(f"{n}", f"{n}", "happy") for n in range(5)))
    for each in case.suggest():
        assert each.reasons
        assert all(each.reasons.values())
        assert 0 <= each.score <= 1


def test_a_liked_song_comes_first_and_a_disliked_one_last(happy: Case) -> None:
    happy.say("3.ogg", Opinion.LIKE)
    happy.say("4.ogg", Opinion.DISLIKE)
    found = happy.suggest(count=12)
    assert found[0].uri == "3.ogg"
    assert found[0].reasons["taste"] == "you like it"
    assert found[-1].uri == "4.ogg"
    assert "do not like it" in found[-1].reasons["taste"]


def test_what_was_finished_often_comes_earlier_with_its_count(happy: Case) -> None:
    before = place(happy, "5.ogg")
    for days in (9, 12, 15, 18):
        happy.play("5.ogg", days_ago=days)
    assert place(happy, "5.ogg") < before
    [reasons] = [each.reasons for each in happy.suggest(count=12) if each.uri == "5.ogg"]
    assert reasons["taste"] == "you finished it 4 times in happy hours"


def test_what_was_skipped_comes_later(happy: Case) -> None:
    happy.play("5.ogg", EndReason.SKIPPED, heard=10.0)
    happy.play("5.ogg", EndReason.SKIPPED, heard=10.0)
    assert place(happy, "5.ogg") > 9


def test_a_skip_soon_after_a_switch_and_a_stop_say_nothing(happy: Case) -> None:
    before = happy.suggest()
    happy.play("5.ogg", EndReason.SKIPPED, heard=10.0, since_switch=12.0)
    happy.play("5.ogg", EndReason.STOPPED, heard=10.0)
    assert happy.suggest() == before


def test_what_was_heard_today_comes_behind_all_others(happy: Case) -> None:
    happy.say("3.ogg", Opinion.LIKE)
    happy.play("3.ogg", days_ago=0.5)
    assert uris(happy.suggest(count=12))[-1] == "3.ogg"
    happy.clock.later(DAY)
    assert place(happy, "3.ogg") < 5


def test_songs_that_were_heard_together_come_together(happy: Case) -> None:
    for days in (60.0, 50.0, 40.0):
        happy.play("1.ogg", days_ago=days)
        happy.play("9.ogg", days_ago=days - 0.003)
    found = [each for each in happy.suggest(count=12, recent=("1.ogg",)) if each.uri == "9.ogg"]
    assert found[0].reasons["session"] == "heard 3 times together with 1"
    assert place(happy, "9.ogg", recent=("1.ogg",)) < place(happy, "9.ogg", recent=("2.ogg",)) + 0.5


def test_each_profile_has_its_taste(happy: Case) -> None:
    happy.say("3.ogg", Opinion.LIKE, profile="Ada")
    happy.say("3.ogg", Opinion.DISLIKE, profile="Ben")
    assert place(happy, "3.ogg", profile="Ada") < place(happy, "3.ogg", profile="Ben")


def test_a_wrong_mood_is_wrong_for_that_mood_alone(case: Case) -> None:
    case.scan(*(song(f"{n}", f"artist {n}", "happy") for n in range(12)))
    case.say("3.ogg", Opinion.WRONG_MOOD)
    assert uris(case.suggest(Emotion.HAPPY, 12))[-1] == "3.ogg"
    assert place(case, "3.ogg", mood=Emotion.SURPRISE) < 10


def test_a_song_corrected_by_hand_is_told_as_such(happy: Case) -> None:
    SqliteMoodIndex(happy.history.database).correct("7.ogg", Emotion.SAD)
    found = happy.suggest(Emotion.SAD, 12)
    assert found[0].uri == "7.ogg"
    assert found[0].reasons["mood"] == "close to how a sad room feels, by your own word"


def test_a_mood_with_nothing_near_says_what_there_is(happy: Case) -> None:
    for n in range(12):
        SqliteMoodIndex(happy.history.database).correct(f"{n}.ogg", Emotion.HAPPY)
    found = happy.suggest(Emotion.SAD)
    assert len(found) == 10
    assert found[0].reasons["mood"] == (
        "brighter than a sad room, for nothing here is close to it, by your own word"
    )


def test_a_silent_song_is_not_chosen(happy: Case) -> None:
    silent = song("silence")
    happy.scan(*(song(f"{n}", f"artist {n}", "happy") for n in range(12)), silent)
    with closing(SongIndex(happy.root, schema_folder())) as index:
        heard = [(one, Sound(60.0, reason="silent")) for one in index.unheard("1") if one.uri == silent.uri]
        index.add_sounds(heard, "1", bytes.__eq__)
    assert all(silent.uri not in uris(happy.suggest(count=13, seed=seed)) for seed in range(9))
    happy.history.database.write(lambda db: db.execute("UPDATE songs SET analysed = NULL"))
    assert all(silent.uri not in uris(happy.suggest(count=13, seed=seed)) for seed in range(9)), (
        "to be heard again"
    )


def test_a_liked_song_of_another_mood_is_told_as_one(case: Case) -> None:
    case.scan(*(song(f"sad {n}", f"artist {n}", "sad") for n in range(9)), song("happy", "another", "happy"))
    case.say("happy.ogg", Opinion.LIKE, mood=Emotion.SAD)
    assert dict(case.suggest(Emotion.SAD)[0].reasons) == {
        "taste": "you like it",
        "mood": "brighter than a sad room",
    }


def test_songs_of_which_nothing_is_known_are_there_too(case: Case) -> None:
    case.scan(*(song(f"{n}", f"artist {n}") for n in range(5)))
    found = case.suggest()
    assert found
    assert found[0].reasons["mood"] == "its mood is not known yet"


def test_what_was_heard_elsewhere_counts_as_heard_here(case: Case) -> None:
    case.scan(song("a", "Ann", "happy"), song("b", "Ben", "happy"), song("c", "Cy", "happy"))
    at = case.clock().wall - 3 * DAY
    rows = [("a.ogg", at, "finished"), ("b.ogg", at + 200, "finished"), ("c.ogg", at + 220, "skipped")]
    case.history.database.write(
        lambda file: file.executemany(
            "INSERT INTO imported_plays VALUES (?, cast(? AS INTEGER), 0, 20, ?, 'Spotify')", rows
        )
    )
    told = {one.uri: one.reasons for one in case.suggest()}
    assert told["a.ogg"]["taste"] == "you finished it once"
    assert told["c.ogg"]["taste"] == "although you skipped it once"


def test_what_people_put_into_one_playlist_goes_together(case: Case) -> None:
    songs = [song(f"{n}", f"Artist {n}", "happy") for n in range(30)]
    case.scan(*songs)
    with closing(SongIndex(case.root, schema_folder())) as index:
        index.take_playlists([["gone.ogg", "3.ogg", "7.ogg"]], "1")
    first, *_ = case.suggest(recent=("3.ogg",))
    assert (first.uri, first.reasons["session"]) == ("7.ogg", "in a playlist of yours with 3")
    with closing(SongIndex(case.root, schema_folder())) as index:
        index.take_playlists([["3.ogg", "9.ogg"]], "2")
    assert case.suggest(recent=("3.ogg",))[0].uri == "9.ogg"


def test_taste_is_known_of_what_was_heard_or_said(case: Case) -> None:
    given = tuple(f"{n}.ogg" for n in range(4))
    case.scan(*(song(f"{n}", f"Artist {n}", "sad") for n in range(4)))
    assert not case.chooser.knows_taste(given)
    case.play("3.ogg", EndReason.STOPPED)
    assert not case.chooser.knows_taste(given)
    case.say("2.ogg", Opinion.LIKE)
    assert case.chooser.knows_taste(given)
    assert not case.chooser.knows_taste(given[:2])


def test_of_own_music_the_liked_comes_first_whatever_its_mood_is_thought_to_be(case: Case) -> None:
    given = tuple(f"{n}.ogg" for n in range(6))
    case.scan(*(song(f"{n}", f"Artist {n}", "sad" if n == 4 else "happy") for n in range(6)))
    case.say("4.ogg", Opinion.LIKE)
    case.say("1.ogg", Opinion.DISLIKE)
    chosen = case.suggest(songs=given)
    assert (chosen[0].uri, chosen[-1].uri, len(chosen)) == ("4.ogg", "1.ogg", 6)
    assert chosen[0].reasons == {"taste": "you like it", "mood": "your own choice for a happy room"}


def test_a_guest_is_a_reason(case: Case) -> None:
    case.scan(
        CatalogueSong("a.ogg", "One (feat. Ben)", ("Ann",), moods="happy"),
        CatalogueSong("b.ogg", "Two", ("Ben",), moods="happy"),
        CatalogueSong("c.ogg", "Three", ("Cy",), moods="happy"),
    )
    told = {one.uri: one.reasons.get("session") for one in case.suggest(recent=("a.ogg",))}
    assert told["b.ogg"] == "Ben is on it, as on One (feat. Ben)"
    assert told["c.ogg"] is None


def test_an_artist_is_said_to_be_liked_where_that_is_known(case: Case) -> None:
    songs = [
        CatalogueSong(f"{n}.ogg", f"{n}", ("Ann", "Ben")[n // 6 : n // 6 + 1], moods="happy")
        for n in range(12)
    ]
    case.scan(*songs)
    for n in range(5):
        case.say(f"{n}.ogg", Opinion.LIKE)
    told = {one.uri: one.reasons["taste"] for one in case.suggest(count=12)}
    assert told["5.ogg"] == "not heard yet, and you like Ann"
    assert told["6.ogg"] == "not heard yet, but like what you like"


def test_what_was_said_and_heard_is_told_in_one_sentence(case: Case) -> None:
    case.scan(*(song(f"{n}", f"Artist {n}", "happy") for n in range(5)))
    case.say("0.ogg", Opinion.LIKE)
    case.play("0.ogg", EndReason.SKIPPED)
    case.say("1.ogg", Opinion.LIKE)
    case.play("1.ogg")
    case.play("2.ogg", mood=Emotion.SAD)
    case.play("2.ogg", EndReason.SKIPPED)
    case.play("3.ogg", EndReason.SKIPPED)
    case.say("3.ogg", Opinion.DISLIKE)
    told = {one.uri: one.reasons.get("taste") for one in case.suggest()}
    assert told == {
        "0.ogg": "you like it, although you skipped it once",
        "1.ogg": "you like it and you finished it once in happy hours",
        "2.ogg": "you finished it once, although you skipped it once",
        "3.ogg": "you do not like it, but little else is left",
        "4.ogg": told["4.ogg"],
    }


def test_who_does_not_like_one_happy_song_still_hears_happy_songs_in_a_happy_room(case: Case) -> None:
    moods = (Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY)
    case.scan(*(song(f"{mood} {n}", f"Artist {mood} {n}", str(mood)) for mood in moods for n in range(10)))
    case.say("happy 0.ogg", Opinion.DISLIKE)
    case.play("happy 1.ogg", EndReason.SKIPPED, days_ago=0.1)
    case.play("sad 1.ogg", days_ago=0.1)
    first = [one.uri for one in case.suggest(Emotion.HAPPY, 6)]
    assert all(uri.startswith("happy") for uri in first)
    assert "happy 0.ogg" not in first


def test_dark_evenings_do_not_turn_a_happy_room_to_dark_songs(case: Case) -> None:
    moods = (Emotion.HAPPY, Emotion.SAD)
    case.scan(*(song(f"{mood} {n}", f"Artist {mood} {n}", str(mood)) for mood in moods for n in range(30)))
    for n in range(20):
        case.play(f"sad {n}.ogg", mood=Emotion.SAD, days_ago=2)
        case.play(f"happy {n}.ogg", EndReason.SKIPPED, days_ago=2)
    unheard = [one.uri for one in case.suggest(Emotion.HAPPY, 60) if one.reasons["taste"].startswith("not")]
    assert all(uri.startswith("happy") for uri in unheard[:8])


def test_why_a_song_fits_is_told_of_any_song_as_it_is_of_one_that_is_chosen(case: Case) -> None:
    case.scan(*(song(str(n), f"Artist {n}", str(EMOTIONS[n % 7])) for n in range(14)))
    for _ in range(2):
        case.play("3.ogg")
    wanted = Wanted(POINTS[Emotion.HAPPY], Emotion.HAPPY)
    for one in case.suggest(count=14):
        assert case.chooser.reasons(one.uri, wanted) == one.reasons
    assert case.chooser.reasons("elsewhere.ogg", wanted) == {}
    own = wanted._replace(songs=("elsewhere.ogg",))
    assert case.chooser.reasons("elsewhere.ogg", own)["mood"] == "your own choice for a happy room"


def test_one_artist_alone_comes_again_and_again_and_every_song_says_why(case: Case) -> None:
    case.scan(*(song(f"{n}", "Ann", "happy") for n in range(4)))
    assert [each.reasons.get("artist") for each in case.suggest()] == ["all music here is by Ann"] * 4
    assert all("artist" not in each.reasons for each in case.suggest(songs=("0.ogg", "1.ogg")))
    case.scan(*(song(f"{n}", "Ann", "happy") for n in range(4)), song("4", "Bob", "happy"))
    assert all("artist" not in each.reasons for each in case.suggest())
