"""Each form of export in tests/data/imports, row by row, against the library of `support.import_library`.

Header rows, delimiters, encodings and forms of dates are those that the programs write; rows are invented.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.import_library import HORSE, SONGS

from moodspeaker.domain.emotion import Emotion
from moodspeaker.domain.ending import EndReason
from moodspeaker.library.imports.facts import ImportedPlay, Label, Verdict
from moodspeaker.library.imports.importing import Importer, Outcome, Status
from moodspeaker.library.imports.opening import opened
from moodspeaker.library.matching import Finder

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

DATA = Path(__file__).parents[1] / "data" / "imports"
MISSING, BAD, IGNORED = Status.NO_MATCH, Status.BAD, Status.IGNORED
LANTERNS, RIVERS, CANON = "brook/lanterns.flac", "salt/rivers.flac", "far/canon.flac"
GRAVEL, HUSH, SHEET = "salt/gravel.flac", "far/hush.flac", "reed/Reed Choir - Loose Sheet.flac"
TIN, REED = "tin/harvest.flac", "reed/harvest.flac"
POLKA, SLOWER, WAIT, RAIN = (
    "tin/#9 Polka.flac",
    "tin/50% Slower.flac",
    "tin/Don\u2019t Wait.flac",
    "far/雨のうた.flac",
)


def outcomes(path: Path, schemes: Collection[str] = (), mood: Emotion | None = None) -> list[Outcome]:
    """Return what becomes of a file's rows."""
    importer = Importer(Finder(SONGS), schemes, mood)
    with opened(path) as (_, exports):
        return [outcome for export in exports for outcome in importer.outcomes(export, path.stem)]


def found(path: Path) -> dict[str, tuple[object, ...]]:
    """Return what becomes of each row in short: URI and mood of a match, else the status."""
    return {
        row.where: (row.uri, row.mood) if row.status is Status.MATCH else (row.status,)
        for row in outcomes(path)
    }


def every(mood: Emotion | None, rows: Mapping[int | str, object]) -> dict[str, tuple[object, ...]]:
    """Return expected rows: a URI has this mood."""
    return {str(where): (what, mood) if type(what) is str else (what,) for where, what in rows.items()}


@pytest.mark.parametrize(
    ("file", "mood", "rows"),
    [
        ("exportify/late.csv", None, {2: "brook/tide.flac", 3: RIVERS, 4: CANON, 5: MISSING, 6: SHEET}),
        ("exportify-german/happy.csv", "happy", {2: REED}),
        (
            "exportify-newer/happy.csv",
            "happy",
            {2: LANTERNS, 3: GRAVEL, 4: TIN, 5: POLKA, 6: MISSING, 7: LANTERNS},
        ),
        ("exportify-net/sad.csv", "sad", {2: HUSH, 3: RIVERS, 4: WAIT, 5: MISSING}),
        ("soundiiz/neutral.csv", "neutral", {2: LANTERNS, 3: RAIN, 4: MISSING}),
        ("emotion-csv/happy.csv", "happy", {2: REED, 3: "salt/harbour.flac", 4: MISSING, 5: GRAVEL}),
        ("emotion-csv/fearful.csv", "fear", {2: HUSH, 3: MISSING}),
        ("emotion-csv/surprised.csv", "surprise", {2: LANTERNS, 3: MISSING, 4: MISSING}),
        ("uris/happy.txt", "happy", {1: MISSING, 2: MISSING, 3: MISSING, 5: MISSING, 6: BAD, 7: MISSING}),
        ("m3u/mood-happy.m3u", "happy", {1: LANTERNS, 2: SLOWER, 3: MISSING, 4: MISSING}),
        ("m3u/foobar2000.m3u8", None, {3: LANTERNS, 5: REED, 7: MISSING, 9: GRAVEL}),
        ("m3u/vlc.m3u", None, {3: HORSE, 5: SLOWER, 7: POLKA, 9: MISSING}),
        ("xspf/vlc.xspf", None, {1: GRAVEL, 2: RAIN, 3: HUSH, 4: MISSING, 5: MISSING}),
        ("xspf/listenbrainz.xspf", None, {1: "brook/best/tide.flac", 2: MISSING}),
        ("pls/radio.pls", None, {1: TIN, 2: MISSING, 3: MISSING}),
        ("listenbrainz/somebody.json", None, {1: LANTERNS, 2: HORSE, 3: MISSING, 4: LANTERNS}),
        ("lastfm/listener.csv", None, {1: REED, 2: CANON, 3: GRAVEL, 4: MISSING}),
        ("lastfm/recenttracks.csv", None, {2: REED, 3: CANON, 4: GRAVEL, 5: MISSING}),
        (
            "spotify/Streaming_History_Audio_2025_0.json",
            None,
            {1: LANTERNS, 2: RIVERS, 3: CANON, 4: IGNORED, 5: MISSING, 6: HUSH, 7: IGNORED},
        ),
        ("spotify/StreamingHistory_music_0.json", None, {1: LANTERNS, 2: RIVERS, 3: MISSING, 4: HUSH}),
    ],
)
def test_every_row(file: str, mood: str | None, rows: dict[int | str, object]) -> None:
    assert found(DATA / file) == every(mood and Emotion(mood), rows)


def test_moods_from_playlists_of_one_file() -> None:
    assert found(DATA / "tunemymusic/My Library.csv") == {
        "2": (TIN, Emotion.ANGRY),
        "3": (HORSE, Emotion.HAPPY),
        "4": (SLOWER, None),
        "5": (BAD,),
        "6": (MISSING,),
    }
    assert found(DATA / "spotify/Playlist1.json") == {
        "Happy:1": (TIN, Emotion.HAPPY),
        "Happy:2": (MISSING,),
        "Quiet:1": (SHEET, None),
        "Quiet:2": (IGNORED,),
    }


def test_moods_from_a_column() -> None:
    table = outcomes(DATA / "kaggle/moods.csv")
    assert [(row.where, row.uri, row.mood) for row in table[:2]] == [
        ("2", LANTERNS, Emotion.HAPPY),
        ("3", HUSH, None),
    ]
    assert "'Calm' is none of the seven" in table[1].reason
    assert found(DATA / "uris/moods.csv") == {
        "2": (LANTERNS, Emotion.ANGRY),
        "3": (HORSE, Emotion.SAD),
        "4": (MISSING,),
        "5": (MISSING,),
        "6": (GRAVEL, None),
        "7": (TIN, Emotion.NEUTRAL),
    }


def test_a_word_that_is_no_mood_is_not_replaced_by_another(tmp_path: Path) -> None:
    (tmp_path / "happy.csv").write_text("title,artist,mood\nHush,Ana Aubry-Stone,Calm\nHush,,\n")
    first, second = outcomes(tmp_path / "happy.csv", mood=Emotion.SAD)
    assert (first.mood, first.fact) == (None, None)
    assert second.mood is Emotion.HAPPY


def test_the_last_mood_is_the_one_that_was_given() -> None:
    rows = outcomes(DATA / "exportify/late.csv", mood=Emotion.SAD)
    assert {row.mood for row in rows if row.status is Status.MATCH} == {Emotion.SAD}
    assert {row.mood for row in outcomes(DATA / "uris/moods.csv", mood=Emotion.DISGUST) if row.mood} == {
        Emotion.ANGRY,
        Emotion.SAD,
        Emotion.NEUTRAL,
    }


def test_a_song_that_stands_twice_is_said_once() -> None:
    first, *_, last = outcomes(DATA / "exportify-newer/happy.csv")
    assert first.fact == Label(LANTERNS, Emotion.HAPPY)
    assert (last.status, last.fact, last.reason) == (Status.MATCH, None, "it stands in 2 already")


def test_songs_of_spotify_are_kept_where_the_server_plays_them() -> None:
    rows = {row.where: row for row in outcomes(DATA / "uris/happy.txt", {"spotify", "local"})}
    assert [rows[where].uri for where in "123"] == [f"spotify:track:{n}".ljust(36, "Q") for n in "123"]
    assert {rows[where].mood for where in "1235"} == {Emotion.HAPPY}
    assert rows["5"].fact is None
    assert "not the id of a Spotify track" in rows["6"].reason
    assert "album" in rows["7"].reason
    [lonely] = [row for row in outcomes(DATA / "uris/happy.txt") if row.where == "1"]
    assert "does not play Spotify" in lonely.reason


def test_a_song_of_the_library_is_taken_rather_than_spotifys() -> None:
    rows = outcomes(DATA / "exportify/late.csv", {"spotify"})
    assert [row.uri for row in rows][:3] == ["brook/tide.flac", RIVERS, CANON]
    assert rows[3].uri == "spotify:track:4QQQQQQQQQQQQQQQQQQQQQ"


def test_an_address_that_cannot_be_stored_is_bad(tmp_path: Path) -> None:
    name = {"trackName": "Hush", "trackUri": "youtube:video:\ud800"}
    (tmp_path / "a.json").write_text(json.dumps({"playlists": [{"name": "Sad", "items": [{"track": name}]}]}))
    [row] = outcomes(tmp_path / "a.json", {"youtube"})
    assert (row.where, row.status) == ("Sad:1", BAD)


def test_a_bare_id_is_spotifys(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id,mood\n{'a1' * 11},sad\n")
    [row] = outcomes(tmp_path / "a.csv", {"spotify"})
    assert (row.uri, row.mood) == (f"spotify:track:{'a1' * 11}", Emotion.SAD)


def test_two_possible_songs_are_both_named() -> None:
    row = outcomes(DATA / "emotion-csv/surprised.csv")[1]
    assert row.reason == "2 songs have that title"
    assert TIN in row.nearest
    assert REED in row.nearest


def test_a_near_song_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("title,artist\nPapper Lantern,Mira Holt\n")
    [row] = outcomes(tmp_path / "list.csv")
    assert row.status is MISSING
    assert row.nearest == "Paper Lanterns by Mira Holt (brook/lanterns.flac)"


# --- histories


def plays(file: str) -> list[tuple[str, EndReason]]:
    return [(row.where, row.fact.why) for row in outcomes(DATA / file) if isinstance(row.fact, ImportedPlay)]


def test_how_a_play_ended() -> None:
    assert plays("spotify/Streaming_History_Audio_2025_0.json") == [
        ("1", EndReason.FINISHED),
        ("2", EndReason.SKIPPED),
        ("3", EndReason.STOPPED),
        ("6", EndReason.FINISHED),
    ]
    assert plays("spotify/StreamingHistory_music_0.json") == [
        ("1", EndReason.FINISHED),
        ("2", EndReason.SKIPPED),
        ("4", EndReason.FINISHED),
    ]
    assert {why for _, why in plays("lastfm/listener.csv")} == {EndReason.FINISHED}


def test_when_a_play_was() -> None:
    first = outcomes(DATA / "lastfm/recenttracks.csv")[0].fact
    assert first == ImportedPlay(REED, 1764016871, to_minute=False, heard=170.0, why=EndReason.FINISHED)
    first = outcomes(DATA / "lastfm/listener.csv")[0].fact
    assert first == ImportedPlay(REED, 1764016860, to_minute=True, heard=170.0, why=EndReason.FINISHED)
    first = outcomes(DATA / "spotify/Streaming_History_Audio_2025_0.json")[0].fact
    assert first == ImportedPlay(LANTERNS, 1763665415, to_minute=False, heard=199.0, why=EndReason.FINISHED)


def test_a_private_session_and_a_podcast_are_left_out() -> None:
    rows = outcomes(DATA / "spotify/Streaming_History_Audio_2025_0.json")
    assert rows[3].reason == "a podcast episode, no song: A Talk about Nothing"
    assert "Lanterns" not in repr(rows[6])
    assert "private" in rows[6].reason


def test_feedback_finds_its_listens(tmp_path: Path) -> None:
    folder, archive = DATA / "listenbrainz" / "zip", tmp_path / "somebody.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(folder.rglob("*.json*")):  # feedback comes before the listens
            made.write(path, path.relative_to(folder))
    rows = {row.where: row for row in outcomes(archive)}
    assert [where for where in rows if "feedback" not in where] == [
        f"listens/2025/10.jsonl:{n}" for n in (1, 2, 3)
    ]
    assert rows["listens/2025/10.jsonl:3"].status is MISSING
    assert rows["feedback.jsonl:1"].fact == Verdict(GRAVEL, 1, 1762300100.0)
    assert rows["feedback.jsonl:2"].fact == Verdict(RIVERS, -1, 1762300200.0)
    assert rows["feedback.jsonl:3"].status is MISSING


def test_playlists_in_an_archive_have_their_own_moods(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        made.writestr("sad.csv", "title,artist\nHush,Ana Aubry-Stone\n")
        made.writestr("lists/happy.m3u", "tin/harvest.flac\n")
        made.writestr("cover.png", b"\x89PNG\0\0\0")
    assert found(tmp_path / "all.zip") == {
        "lists/happy.m3u:1": (TIN, Emotion.HAPPY),
        "sad.csv:2": (HUSH, Emotion.SAD),
    }
