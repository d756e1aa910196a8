"""What the speaker's tasks owe each other, on fakes; the whole daemon: tests/integration/test_speaker.py."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from support.clock import Clock as FakeClock
from support.fake_broker import FakeBroker
from support.fake_disk import FakeDisk
from support.fake_doctor import FakeDoctor
from support.fake_history import FakeHistory
from support.fake_household import NoHousehold
from support.fake_index import FakeIndex
from support.fake_machine import FakeMachine
from support.fake_player import FakePlayer, stored
from support.fake_store import FakeStore
from support.fake_verdicts import FakeVerdicts
from support.fake_vision import FakeVision

from moodspeaker.config.in_force import InForce
from moodspeaker.config.layers import Layers
from moodspeaker.config.load import load
from moodspeaker.director.control import Control
from moodspeaker.director.director import Director
from moodspeaker.director.effects import Tick
from moodspeaker.domain.commands import (
    Dislike,
    GiveEvidence,
    Like,
    Next,
    Override,
    Play,
    Profile,
    Restart,
    Sensing,
    SetVolume,
    SongMood,
    WrongMood,
)
from moodspeaker.domain.emotion import EMOTIONS, Emotion, Probabilities
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.entities import ENTITIES, retained_topics
from moodspeaker.domain.evidence import Evidence
from moodspeaker.domain.listener import Opinion
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.observation import (
    Box,
    CameraState,
    CameraStatus,
    Face,
    ModelVersions,
    Observation,
    VisionLost,
)
from moodspeaker.domain.player import Act
from moodspeaker.errors import NothingPlays, RestartRefused, StoreError
from moodspeaker.mood.tracker import Tracker
from moodspeaker.music.programme import Programmes
from moodspeaker.music.recent import RecentProgrammes
from moodspeaker.speaker.happening import Clock, Ports
from moodspeaker.speaker.listener import SOONEST
from moodspeaker.speaker.loop import Speaker
from moodspeaker.speaker.publisher import Publisher
from moodspeaker.speaker.snapshot import Shown
from moodspeaker.wire import Look, Status

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from moodspeaker.domain.moment import Moment
    from moodspeaker.domain.song import Programme
    from moodspeaker.wire import FromVision

MUSIC = {
    emotion: stored(emotion, f"{emotion}/1", f"{emotion}/2")
    for emotion in (Emotion.HAPPY, Emotion.SAD, Emotion.ANGRY)
}


class GatedPlayer(FakePlayer):
    """A player whose `play` waits at a gate, and in whose last moment a person acts."""

    def __init__(self) -> None:
        super().__init__(MUSIC)
        self.gate = asyncio.Event()
        self.gate.set()
        self.waits = asyncio.Event()
        """Somebody waits at the gate."""
        self.person: Callable[[], None] = lambda: None

    async def play(self, programme: Programme, first: int = 0) -> None:
        self.waits.set()
        await self.gate.wait()
        await super().play(programme, first)
        self.person()


class House:
    """A speaker on fakes."""

    def __init__(self) -> None:
        settings = load(sets=["music.switch=now", "mqtt.id=test"], environment={"HOME": "/nowhere"})
        self.player, self.vision, self.broker = GatedPlayer(), FakeVision(), FakeBroker()
        self.store, self.history, self.clock = FakeStore(), FakeHistory(), FakeClock()
        self.index, self.verdicts = FakeIndex(), FakeVerdicts()
        self.announced: list[Sequence[str]] = []
        """The profiles that home automation was told of."""
        self.restarts: list[Moment] = []
        """When the process was to end, to be started again."""
        recent = RecentProgrammes()
        self.director = Director(settings.director, recent, random.Random(1))
        self.speaker = Speaker(
            Tracker(settings.mood),
            self.director,
            Programmes(random.Random(1)),
            Publisher("moodspeaker/test"),
            Clock(self.clock, lambda: 720),
            Ports(
                self.vision,
                self.player,
                self.broker,
                self.store,
                FakeDisk(),
                self.history,
                self.verdicts,
                NoHousehold(),
                self.index,
                self.index,
                FakeMachine(),
                FakeDoctor(),
                self.announced.append,
                lambda _: None,
                lambda: self.restarts.append(self.clock()),
            ),
            InForce.at_start(Layers(settings, settings), lambda: Layers(settings, settings)),
        )
        self.broker.start()

    async def until(self, truth: Callable[[], object]) -> None:
        """Wait for what must become true."""
        async with asyncio.timeout(5):
            while not truth():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0)

    async def settled(self) -> None:
        """Wait until every event and order that there is has been taken."""
        for _ in range(50):
            await asyncio.sleep(0)

    @property
    def verbs(self) -> list[str]:
        return [str(decision["verb"]) for decision in reversed(self.store.decisions(100))]


def live(story: Callable[[House], Awaitable[None]]) -> None:
    """Run a story in a house."""

    async def both() -> None:
        house = House()
        running = asyncio.create_task(house.speaker.run())
        await house.until(lambda: house.director.state.connected)
        await story(house)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(both())


def look(source: str, at: float, *emotions: Emotion) -> Look:
    faces = tuple(
        Face(Box(0, 0, 50, 50), 0.9, Probabilities.of(0.94 if e is shown else 0.01 for e in EMOTIONS))
        for shown in emotions
    )
    return Look(Observation(at, faces, source))


def test_what_was_decided_before_a_persons_act_is_not_done_after_it() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Play())
        await house.until(lambda: house.player.queue)
        house.player.gate.clear()
        house.player.waits.clear()
        await house.speaker.command(Override(Emotion.SAD))
        await house.player.waits.wait()
        await house.speaker.command(Override(Emotion.ANGRY))
        await house.settled()
        house.player.person = lambda: house.player.person_does(Act.QUEUE, songs=["theirs"])
        house.player.gate.set()
        await house.settled()
        assert house.player.queue == ("theirs",)
        assert house.director.state.holder.control is Control.HELD
        assert [call[0] for call in house.player.calls if call[0] == "play"] == ["play", "play"]

    live(story)


def test_of_a_burst_of_wishes_only_the_newest_is_carried_out() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Play())
        await house.until(lambda: house.player.queue)
        house.player.gate.clear()
        house.player.waits.clear()
        await house.speaker.command(Override(Emotion.SAD))
        await house.player.waits.wait()
        for mood in (Emotion.ANGRY, Emotion.HAPPY, Emotion.ANGRY, Emotion.HAPPY, Emotion.ANGRY):
            await house.speaker.command(Override(mood))
        await house.settled()
        house.player.gate.set()
        await house.until(lambda: house.director.state.programme.mood is Emotion.ANGRY)
        await house.settled()
        played = [call for call in house.player.calls if call[0] == "play"]
        assert len(played) == 3, [
            call[1].mood for call in played
        ]  # the first, the one that had begun, the newest

    live(story)


def test_a_bug_in_one_task_ends_them_all() -> None:
    async def story(house: House) -> None:
        house.player.person = lambda: 1 / 0  # type: ignore[assignment,return-value]
        running = asyncio.create_task(house.speaker.run())
        await house.until(lambda: house.director.state.connected)
        await house.speaker.command(Play())
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(running, 5)
        assert caught.group_contains(ZeroDivisionError)

    asyncio.run(story(House()))


def test_no_camera_is_unsure_and_not_lost() -> None:
    async def story(house: House) -> None:
        gone = CameraStatus(CameraState.LOST, open=False, source="auto", reason="the vision process ended")
        house.vision.post(Status(gone, ModelVersions()))
        await house.settled()
        assert house.speaker.snapshot().mood == str(RoomState.LOST)
        absent = CameraStatus(CameraState.OFF, open=False, source="auto", reason="no camera found")
        house.vision.post(Status(absent, ModelVersions()))
        await house.settled()
        snapshot = house.speaker.snapshot()
        assert snapshot.mood == str(RoomState.UNSURE)
        assert (snapshot.camera.state, snapshot.camera.reason) == ("off", "no camera found")

    live(story)


def test_everything_retained_is_there_from_the_first_moment() -> None:
    async def story(house: House) -> None:
        assert set(house.broker.topics) == set(retained_topics("moodspeaker/test", ENTITIES))
        assert house.broker.topics["moodspeaker/test/playlist"] == "none"
        assert house.speaker.snapshot().as_json()["selection"] == {"mood": None, "name": None, "rule": None}

    live(story)


def test_what_is_shown_is_made_again_only_where_it_changed() -> None:
    async def story(house: House) -> None:
        speaker, shown = house.speaker, Shown()
        first = shown.as_json(speaker.snapshot())
        assert shown.as_json(speaker.snapshot()) is first
        await speaker.command(Override(Emotion.SAD))
        now = speaker.snapshot()
        second = shown.as_json(now)
        assert second == now.as_json() != first
        assert second["camera"] is first["camera"]
        assert second["probabilities"] is first["probabilities"]

    live(story)


def test_a_look_is_shown_at_once_where_it_is_news_or_somebody_watches_else_with_the_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(house: House) -> None:
        watched, shown = False, []

        async def see(*happened: FromVision | Tick) -> list[int]:
            shown.clear()
            for happening in happened:
                house.speaker._events.put_nowait(happening)
            await house.settled()
            return [snapshot["faces"] for snapshot in shown]

        house.speaker.is_watched = lambda: watched
        house.speaker.watch = lambda snapshot, _: shown.append(snapshot)
        happy = look("camera", 1.0, Emotion.HAPPY)
        assert await see(happy) == [1], "somebody came"
        assert await see(look("camera", 2.0, Emotion.SAD), look("camera", 3.0, Emotion.HAPPY)) == []
        assert await see(Tick(720)) == [1]
        watched = True
        assert await see(look("camera", 4.0, Emotion.SAD), look("camera", 5.0, Emotion.HAPPY)) == [1, 1]
        watched = False
        assert len(await see(*(look("camera", float(at), Emotion.HAPPY) for at in range(6, 60)))) == 1
        assert shown[0]["mood"] == "happy"

    monkeypatch.setattr("moodspeaker.speaker.loop.HEARTBEAT", 3600.0)
    live(story)


def test_another_source_drives_the_mood_where_the_camera_is_off_and_is_named() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Sensing(on=False))
        await house.speaker.command(GiveEvidence(Evidence("strap", 1.0, 600.0, emotion=Emotion.SAD)))
        for _ in range(60):
            house.clock.later(1.0)
            house.speaker._take(Tick(720))
        snapshot = house.speaker.snapshot()
        assert snapshot.mood == "sad"
        assert [(said.source, said.emotion) for said in snapshot.evidence] == [("strap", "sad")]
        decided = house.store.recorded[-1]
        assert (decided.evidence["cause"], decided.evidence["sources"]) == ("evidence", "strap")

    live(story)


def test_the_faces_of_two_sources_make_one_room() -> None:
    async def story(house: House) -> None:
        house.vision.post(look("camera", 1.0, Emotion.HAPPY))
        house.vision.post(look("browser", 1.5, Emotion.SAD, Emotion.SAD))
        await house.settled()
        assert house.speaker.snapshot().faces == 3
        house.vision.post(look("camera", 9.0))
        await house.settled()
        assert house.speaker.snapshot().faces == 0

    live(story)


def test_every_play_is_kept_with_how_it_ended_and_for_which_mood() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Override(Emotion.SAD))
        await house.speaker.command(Play())
        await house.until(lambda: house.player.queue)
        await house.settled()
        first = house.player.report.song
        assert first is not None
        house.player.hears(20.0)
        await house.speaker.command(Next())
        await house.until(lambda: house.history.plays(1))
        [play] = house.history.plays(5)
        assert (play.uri, play.why, play.target) == (first.uri, EndReason.SKIPPED, Emotion.SAD)
        assert play.heard == pytest.approx(20.0)

    live(story)


def test_home_automation_is_told_of_a_new_name_and_of_no_known_one() -> None:
    async def story(house: House) -> None:
        for name in ("Ann", "guest", "ANN", "household"):
            await house.speaker.command(Profile(name))
        assert [set(names) for names in house.announced] == [
            {"household", "guest"},
            {"household", "guest", "Ann"},
        ]

    live(story)


def test_a_restart_ends_the_process_and_a_second_one_is_refused() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Restart())
        with pytest.raises(RestartRefused):
            await house.speaker.command(Restart())
        assert len(house.restarts) == 1

    live(story)


def test_volume_goes_to_the_player_and_is_no_decision() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(SetVolume(30))
        await house.until(lambda: house.player.volume == 30)
        assert house.verbs == []

    live(story)


def test_what_is_forgotten_is_not_shown_either() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Next())
        assert house.speaker.snapshot().decision is not None
        await house.speaker.records.forget()
        assert house.speaker.snapshot().decision is None
        assert house.speaker.records.decisions(5) == []

    live(story)


def test_sensing_off_closes_the_camera_even_where_that_cannot_be_kept() -> None:
    async def story(house: House) -> None:
        house.store.refusal = "the disk is full"
        with pytest.raises(StoreError):
            await house.speaker.command(Sensing(on=False))
        assert house.vision.sensing == [True, False]
        assert house.speaker.snapshot().mood == str(RoomState.PAUSED)

    live(story)


def test_looks_that_were_on_their_way_when_the_camera_was_closed_are_not_seen() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Sensing(on=False))
        house.vision.post(look("camera", 1.0, Emotion.HAPPY))
        await house.settled()
        assert house.speaker.snapshot().faces == 0

    live(story)


def test_a_lost_vision_process_is_shown_and_the_music_goes_on() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Play())
        await house.until(lambda: house.director.state.playing)
        house.vision.post(VisionLost("the vision process ended: it is started again"))
        await house.settled()
        snapshot = house.speaker.snapshot()
        assert (snapshot.mood, snapshot.camera.state, snapshot.player.state) == ("lost", "lost", "play")

    live(story)


def test_moments_are_shown_right_after_the_wall_clock_was_set() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Override(Emotion.SAD))
        before = house.speaker.snapshot().since
        house.clock.set(house.clock().wall + 3600.0)
        await house.speaker.command(Override(None))
        after = house.speaker.snapshot().since
        assert before != after
        assert before[11:13] != after[11:13]

    live(story)


def test_a_mood_without_music_of_its_own_plays_its_nearest_songs_of_the_index() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Override(Emotion.SURPRISE))
        await house.speaker.command(Play())
        await house.until(lambda: house.player.queue)
        house.index.scan(surprise=["happy/1", "angry/2"], happy=["not chosen.ogg"])
        house.clock.later(60)
        house.speaker._events.put_nowait(Tick(0))
        await house.until(lambda: set(house.player.queue) == {"happy/1", "angry/2"})
        await house.until(lambda: house.speaker.snapshot().selection.rule == "index")
        assert house.speaker.snapshot().selection.mood == "surprise"
        assert house.director.state.music[Emotion.HAPPY] == MUSIC[Emotion.HAPPY]
        assert house.speaker.snapshot().index.songs == 3

    live(story)


def test_an_index_that_was_never_scanned_says_so() -> None:
    async def story(house: House) -> None:
        index = house.speaker.snapshot().index
        assert (index.songs, index.reason) == (0, "empty, run: moodspeaker index scan")

    live(story)


def test_a_song_s_mood_by_a_person_is_kept_and_counts_at_the_next_tick() -> None:
    async def story(house: House) -> None:
        house.index.scan(fear=["happy/1"])
        house.speaker._events.put_nowait(Tick(0))
        await house.speaker.command(SongMood("angry/2", Emotion.FEAR))
        assert house.index.corrections == {"angry/2": Emotion.FEAR}
        house.speaker._events.put_nowait(Tick(0))
        await house.until(lambda: Emotion.FEAR in house.director.state.music)
        await house.until(lambda: house.director.state.music[Emotion.FEAR].songs == ("angry/2", "happy/1"))

    live(story)


def test_a_song_s_mood_that_cannot_be_kept_is_an_error_for_who_asked() -> None:
    async def story(house: House) -> None:
        house.index.fails = "read-only"
        with pytest.raises(StoreError, match="read-only"):
            await house.speaker.command(SongMood("angry/2", Emotion.FEAR))

    live(story)


# --- what the listener says


async def plays_happy(house: House) -> str:
    """Let happy music play; return the song's URI."""
    await house.speaker.command(Override(Emotion.HAPPY))
    await house.speaker.command(Play())
    await house.until(lambda: house.speaker.snapshot().selection.mood == "happy")
    await house.settled()
    uri = house.speaker.snapshot().player.uri
    assert uri is not None
    return uri


def test_what_is_said_of_a_song_is_kept_with_the_mood_it_was_played_for() -> None:
    async def story(house: House) -> None:
        uri = await plays_happy(house)
        for command in (Like(), WrongMood(), WrongMood(Emotion.SAD)):
            await house.speaker.command(command)
        kept = [(v.uri, v.opinion, v.mood, v.corrected, v.profile) for v in house.verdicts.kept]
        assert kept == [
            (uri, Opinion.LIKE, Emotion.HAPPY, None, "household"),
            (uri, Opinion.WRONG_MOOD, Emotion.HAPPY, None, "household"),
            (uri, Opinion.WRONG_MOOD, Emotion.HAPPY, Emotion.SAD, "household"),
        ]
        assert house.index.corrections == {uri: Emotion.SAD}

    live(story)


def test_a_song_that_is_not_liked_is_skipped_once_that_is_kept() -> None:
    async def story(house: House) -> None:
        uri = await plays_happy(house)
        house.verdicts.refusal = "read-only"
        with pytest.raises(StoreError, match="read-only"):
            await house.speaker.command(Dislike())
        await house.settled()
        assert house.speaker.snapshot().player.uri == uri
        house.verdicts.refusal = ""
        await house.speaker.command(Dislike())
        await house.until(lambda: house.speaker.snapshot().player.uri != uri)
        assert [verdict.uri for verdict in house.verdicts.kept] == [uri]

    live(story)


def test_a_word_goes_to_the_song_that_the_person_saw_although_another_has_begun() -> None:
    async def story(house: House) -> None:
        seen = await plays_happy(house)
        await house.speaker.command(Next())
        await house.until(lambda: house.speaker.snapshot().player.uri != seen)
        for command in (Like(seen), WrongMood(Emotion.SAD, seen), Dislike(seen)):
            await house.speaker.command(command)
        await house.settled()
        kept = [(verdict.uri, verdict.mood) for verdict in house.verdicts.kept]
        assert kept == [(seen, Emotion.HAPPY)] * 3
        assert house.index.corrections == {seen: Emotion.SAD}
        now = house.speaker.snapshot().player.uri
        assert now is not None
        await house.speaker.command(Like(now))
        assert house.verdicts.kept[-1].uri == now

    live(story)


def test_who_presses_dislike_twice_means_one_song() -> None:
    async def story(house: House) -> None:
        heard = await plays_happy(house)
        await house.speaker.command(Dislike())
        await house.until(lambda: house.speaker.snapshot().player.uri != heard)
        house.clock.later(0.1)
        await house.speaker.command(Dislike())
        await house.speaker.command(Like())
        await house.settled()
        now = house.speaker.snapshot().player.uri
        said = [(verdict.uri, verdict.opinion) for verdict in house.verdicts.kept]
        assert said == [(heard, Opinion.DISLIKE)] * 2 + [(now, Opinion.LIKE)]
        house.clock.later(SOONEST)
        await house.speaker.command(Dislike())
        await house.until(lambda: house.speaker.snapshot().player.uri != now)
        assert house.verdicts.kept[-1].uri == now

    live(story)


def test_nobody_speaks_of_a_song_that_has_just_begun_by_itself() -> None:
    async def story(house: House) -> None:
        heard = await plays_happy(house)
        house.player.song_ends()
        await house.until(lambda: house.speaker.snapshot().player.uri != heard)
        house.clock.later(0.1)
        await house.speaker.command(Like())
        await house.speaker.command(Dislike())
        await house.settled()
        now = house.speaker.snapshot().player.uri
        assert now != heard
        house.clock.later(SOONEST)
        await house.speaker.command(Like())
        said = [(verdict.uri, verdict.opinion) for verdict in house.verdicts.kept]
        assert said == [(heard, Opinion.LIKE), (heard, Opinion.DISLIKE), (now, Opinion.LIKE)]

    live(story)


def test_of_a_song_that_nobody_hears_nothing_is_kept() -> None:
    async def story(house: House) -> None:
        await plays_happy(house)
        with pytest.raises(NothingPlays, match="long-ago: this song does not play"):
            await house.speaker.command(Like("long-ago"))
        assert house.verdicts.kept == []

    live(story)


@pytest.mark.parametrize("command", [Like(), Dislike(), WrongMood(), WrongMood(Emotion.SAD)])
def test_nothing_can_be_said_of_silence(command: Like | Dislike | WrongMood) -> None:
    async def story(house: House) -> None:
        with pytest.raises(NothingPlays, match="no song plays"):
            await house.speaker.command(command)
        assert house.verdicts.kept == []

    live(story)


def test_a_guest_teaches_nothing() -> None:
    async def story(house: House) -> None:
        uri = await plays_happy(house)
        await house.speaker.command(Profile("guest"))
        for command in (Like(), WrongMood(Emotion.SAD), Dislike()):
            await house.speaker.command(command)
        await house.until(lambda: house.speaker.snapshot().player.uri != uri)
        assert (house.verdicts.kept, house.index.corrections, house.history.added) == ([], {}, [])
        await house.speaker.command(Profile("household"))
        await house.speaker.command(Next())
        await house.until(lambda: house.history.added)
        assert house.history.added[0].profile == "household"

    live(story)


def test_a_person_s_name_is_kept_as_it_was_first_written() -> None:
    async def story(house: House) -> None:
        for name in ("Anna", "Ben", "anna"):
            await house.speaker.command(Profile(name))
        snapshot = house.speaker.snapshot()
        assert (snapshot.profile, snapshot.profiles) == ("Anna", ("household", "guest", "Ben", "Anna"))
        await plays_happy(house)
        await house.speaker.command(Like())
        assert house.verdicts.kept[0].profile == "Anna"
        assert house.store.get("profile", "") == "Anna"
        house.store.refusal = "read-only"
        with pytest.raises(StoreError, match="read-only"):
            await house.speaker.command(Profile("Cleo"))
        assert house.speaker.snapshot().profile == "Anna"

    live(story)


def test_the_index_s_songs_are_chosen_for_the_listener_and_again_once_something_is_said() -> None:
    async def story(house: House) -> None:
        house.index.scan(fear=[uri for source in MUSIC.values() for uri in source.songs])
        house.clock.later(60)
        house.speaker._events.put_nowait(Tick(0))
        await house.speaker.command(Profile("Anna"))
        await house.speaker.command(Override(Emotion.FEAR))
        await house.speaker.command(Play())
        await house.until(lambda: house.speaker.snapshot().selection.rule == "index")
        await house.settled()
        first = house.index.wanted[0]
        assert (first.mood, first.profile) == (Emotion.FEAR, "Anna")
        asked = len(house.index.wanted)
        await house.speaker.command(Like())
        await house.until(lambda: len(house.index.wanted) > asked)
        assert house.index.wanted[-1].recent == house.player.queue[:1]
        assert house.speaker.snapshot().player.reasons == {"mood": "near"}
        [first_song] = house.speaker.songs(Emotion.FEAR, 1)
        assert (first_song["uri"], first_song["reasons"]) == ("happy/1", {"mood": "near"})

    live(story)
