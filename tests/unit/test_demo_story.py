"""What the demo tells while it runs."""

from typing import Any

from moodspeaker.demo.story import Shown, clock, live, tell


def snapshot(
    mood: str = "neutral", song: str | None = "One", selected: str | None = "neutral", **other: object
) -> dict[str, Any]:
    return {
        "mood": mood,
        "faces": 1,
        "probabilities": {"happy": 0.2, "neutral": 0.8},
        "camera": {"state": "ok"},
        "hold": {"active": False},
        "player": {"state": "play" if song else "stop", "uri": song, "title": song, "artist": "Band"},
        "selection": selected and {"mood": selected, "name": f"mood-{selected}", "rule": "stored playlist"},
        **other,
    }


def lines_of(*snapshots: dict[str, Any]) -> tuple[Shown, list[str]]:
    shown, all_lines = Shown(), []
    for second, each in enumerate(snapshots):
        shown, lines = tell(shown, each, second)
        all_lines += lines
    return shown, all_lines


def test_the_living_line_says_what_is_seen_decided_and_played() -> None:
    assert live(snapshot(), 65) == ' 1:05  sees 1 face, neutral 0.80 | mood neutral | plays "One"'


def test_it_fits_a_terminal_of_eighty_columns() -> None:
    line = live(snapshot("surprise", "Rain on the Sill", probabilities={"surprise": 0.99}), 3599)
    assert len(line) < 80


def test_nobody_many_and_a_lost_camera_are_said_as_they_are() -> None:
    assert "sees nobody |" in live(snapshot(faces=0), 0)
    assert "sees 3 faces, neutral" in live(snapshot(faces=3), 0)
    assert "camera lost |" in live(snapshot(camera={"state": "lost"}), 0)
    waits = {"state": "off", "reason": "open the page", "browser": "waits"}
    assert "waits for a browser's camera |" in live(snapshot(camera=waits), 0)


def test_a_player_that_does_not_play_is_said() -> None:
    assert live(snapshot(song=None), 0).endswith("| no music yet")


def test_the_first_line_does_not_look_like_a_failure() -> None:
    first = snapshot("unsure", None, None, camera={"state": "off", "reason": ""}, faces=0)
    assert live(first, 0) == " 0:00  the camera opens | mood not known yet | no music yet"


def test_a_hold_is_said() -> None:
    assert live(snapshot(hold={"active": True}), 0).endswith('plays "One" | hold')


def test_the_first_music_is_a_start_and_no_switch() -> None:
    shown, lines = lines_of(snapshot("unsure", None, None), snapshot())
    assert lines == [
        "  0:01  mood: unsure -> neutral".removeprefix(" "),
        ' 0:01  music starts: "One" by Band  (stored playlist mood-neutral)',
    ]
    assert shown.switches == 0


def test_other_music_for_another_mood_is_a_switch_and_another_song_of_the_same_is_not() -> None:
    happy = snapshot("happy", "Three", "happy")
    shown, lines = lines_of(snapshot(), snapshot(song="Two"), happy, happy)
    assert shown.switches == 1
    assert [line[7:] for line in lines[2:]] == [
        'next song: "Two" by Band',
        "mood: neutral -> happy",
        'music switch 1: "Three" by Band  (stored playlist mood-happy)',
    ]


def test_a_genre_is_not_named_twice() -> None:
    _, lines = lines_of(snapshot(selection={"mood": "angry", "name": "genre angry", "rule": "genre"}))
    assert lines[-1].endswith("(genre angry)")


def test_a_mood_whose_music_has_not_begun_is_no_switch_yet() -> None:
    shown, _ = lines_of(snapshot(), snapshot("happy", "One", "happy"))
    assert shown.switches == 0


def test_the_clock() -> None:
    assert [clock(0), clock(59.9), clock(600)] == ["0:00", "0:59", "10:00"]
