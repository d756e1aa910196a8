"""What the speaker's tasks owe each other, on fakes; the whole daemon: tests/integration/test_speaker.py."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.speaker_house import MUSIC, House, live, look

from moodspeaker.cli.status import lines
from moodspeaker.director.control import Control
from moodspeaker.director.effects import Tick
from moodspeaker.director.state import State
from moodspeaker.domain.commands import (
    Command,
    GiveEvidence,
    Hold,
    Next,
    Override,
    Pause,
    Play,
    Previous,
    Profile,
    Restart,
    Sensing,
    SetVolume,
    SongMood,
)
from moodspeaker.domain.decision import Verb
from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.domain.entities import ENTITIES, retained_topics
from moodspeaker.domain.evidence import Evidence
from moodspeaker.domain.library import LeftOut
from moodspeaker.domain.mood import RoomState
from moodspeaker.domain.observation import (
    CameraState,
    CameraStatus,
    ModelVersions,
    VisionLost,
)
from moodspeaker.domain.player import Act, PlayerLost, PlayerReport, PlayState
from moodspeaker.domain.wording import NO_SONGS
from moodspeaker.errors import NoPlayer, NothingPlays, NoVolume, RestartRefused, StoreError, UnknownSong
from moodspeaker.speaker.declining import demand_volume
from moodspeaker.speaker.snapshot import Shown
from moodspeaker.wire import Status

if TYPE_CHECKING:
    from moodspeaker.wire import FromVision


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


@pytest.mark.parametrize("command", [Play(), Pause(), Next(), Previous(), SetVolume(30)])
def test_who_asks_a_player_that_is_down_is_told_so_and_why(
    command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(house: House) -> None:
        house.speaker._hear(PlayerLost("no MPD answers: start it"))
        with pytest.raises(NoPlayer, match=r"^no player: no MPD answers: start it$"):
            await house.speaker.command(command)
        house.speaker.take_command(command)  # nobody waits for it
        await house.settled()
        assert house.player.volume == 100
        assert "ERROR" not in {record.levelname for record in caplog.records}

    live(story)


def test_a_music_server_without_a_mixer_has_no_volume_to_set() -> None:
    state = State(report=PlayerReport(PlayState.PLAY, volume=40))
    demand_volume(state)
    state.report = PlayerReport(PlayState.STOP)
    demand_volume(state)  # it may have one as soon as it plays
    state.report = PlayerReport(PlayState.PLAY)
    with pytest.raises(NoVolume, match="give its output a mixer"):
        demand_volume(state)


def test_who_skips_where_nothing_plays_is_told_so() -> None:
    async def story(house: House) -> None:
        with pytest.raises(NothingPlays, match="nothing plays that could be skipped"):
            await house.speaker.command(Next())
        assert house.verbs == [Verb.KEPT]

    live(story)


def test_what_is_forgotten_is_not_shown_either() -> None:
    async def story(house: House) -> None:
        await house.speaker.command(Override(Emotion.SAD))
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


def test_an_index_that_was_never_scanned_says_so_and_one_without_songs_too() -> None:
    async def story(house: House) -> None:
        index = house.speaker.snapshot().index
        assert (index.songs, index.reason) == (0, "empty, run: moodspeaker index scan")
        house.index.scan()
        house.clock.later(60)
        house.speaker._events.put_nowait(Tick(0))
        await house.until(lambda: house.speaker.snapshot().index.reason == NO_SONGS)
        house.index.scan()
        house.index.told = replace(house.index.told, left_out=LeftOut(1, "latin?.ogg").words)
        house.clock.later(60)
        house.speaker._events.put_nowait(Tick(0))
        await house.until(lambda: house.speaker.snapshot().index.left_out)
        index = house.speaker.snapshot().index
        assert index.reason == "", "a server whose songs are all left out is not told to get some"
        assert "rename it" in dict(lines(house.speaker.snapshot().as_json()))["index"]

    live(story)


def test_a_song_s_mood_by_a_person_is_kept_and_counts_at_the_next_tick() -> None:
    async def story(house: House) -> None:
        house.index.scan(fear=["happy/1"], angry=["angry/2"])
        house.speaker._events.put_nowait(Tick(0))
        await house.speaker.command(SongMood("angry/2", Emotion.FEAR))
        assert house.index.corrections == {"angry/2": Emotion.FEAR}
        house.speaker._events.put_nowait(Tick(0))
        await house.until(lambda: Emotion.FEAR in house.director.state.music)
        await house.until(lambda: house.director.state.music[Emotion.FEAR].songs == ("angry/2", "happy/1"))

    live(story)


def test_the_mood_of_a_song_that_nobody_knows_is_refused_with_the_nearest() -> None:
    async def story(house: House) -> None:
        house.index.scan(fear=["happy/1", "rain/drops.ogg"])
        for uri, near in (
            ("rain/drobs.ogg", "did you mean rain/drops.ogg"),
            ("../../etc/passwd", "index show"),
        ):
            with pytest.raises(UnknownSong, match=f"{uri}: neither the index nor the music server .*{near}"):
                await house.speaker.command(SongMood(uri, Emotion.SAD))
            with pytest.raises(UnknownSong):
                await house.speaker.command(SongMood(uri, None))
            house.speaker.take_command(SongMood(uri, Emotion.SAD))
        await house.settled()
        assert house.index.corrections == {}
        house.player.up = False
        with pytest.raises(UnknownSong, match="cannot be asked: MPD is not connected yet"):
            await house.speaker.command(SongMood("angry/2", Emotion.FEAR))

    live(story)


def test_the_mood_of_a_song_that_the_player_knows_waits_for_the_scan_that_meets_it() -> None:
    async def story(house: House) -> None:
        house.index.scan(fear=["happy/1"])
        await house.speaker.command(SongMood("angry/2", Emotion.FEAR))
        house.speaker.take_command(SongMood("angry/1", Emotion.FEAR))
        await house.until(lambda: len(house.index.corrections) == 2)
        assert list(house.index.nearest(Emotion.FEAR)) == ["happy/1"]
        house.player.up = False
        await house.speaker.command(SongMood("angry/1", None))
        house.index.scan(fear=["happy/1"], angry=["angry/1", "angry/2"])
        assert list(house.index.nearest(Emotion.FEAR)) == ["angry/2", "happy/1"]

    live(story)


def test_a_player_that_is_slow_to_answer_holds_nothing_up() -> None:
    async def story(house: House) -> None:
        answer = asyncio.Event()

        async def knows(_: str) -> bool:
            await answer.wait()
            return True

        house.player.knows = knows  # type: ignore[method-assign] # a slow one
        waiting = asyncio.create_task(house.speaker.command(SongMood("new.ogg", Emotion.SAD)))
        house.speaker.take_command(SongMood("newer.ogg", Emotion.SAD))
        await house.settled()
        await house.speaker.command(Override(Emotion.HAPPY))
        assert not waiting.done()
        answer.set()
        await waiting
        await house.until(lambda: house.index.corrections.keys() == {"new.ogg", "newer.ogg"})

    live(story)


def test_a_song_s_mood_that_cannot_be_kept_is_an_error_for_who_asked() -> None:
    async def story(house: House) -> None:
        house.index.fails = "read-only"
        with pytest.raises(StoreError, match="read-only"):
            await house.speaker.command(SongMood("angry/2", Emotion.FEAR))

    live(story)


def test_a_person_s_wish_is_done_where_it_cannot_be_kept_for_a_restart() -> None:
    async def story(house: House) -> None:
        house.store.refusal = "the disk is full"
        await house.speaker.command(Hold(30))
        assert house.speaker.snapshot().hold.minutes == 30
        with pytest.raises(StoreError):
            await house.speaker.command(Override(Emotion.SAD))

    live(story)
