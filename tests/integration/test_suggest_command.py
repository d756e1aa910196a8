"""`moodspeaker suggest`, as acceptance calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from moodspeaker.cli import main
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.song import CatalogueSong
from moodspeaker.domain.wording import NO_SONGS
from moodspeaker.library.index import SongIndex
from moodspeaker.library.lexicon import Lexicon
from moodspeaker.resources import folder, schema_folder

if TYPE_CHECKING:
    from pathlib import Path


def scanned(state: Path, count: int) -> list[str]:
    """Make an index of some songs; return the words that name it."""
    songs = [
        CatalogueSong(f"{n}.ogg", f"Song {n}", (f"Artist {n}",), moods=str(EMOTIONS[n % 7]))
        for n in range(count)
    ]
    with closing(SongIndex(state, schema_folder())) as index:
        index.take_listing(songs)
        index.place(Lexicon(folder("music-index") / "lexicon"))
    return ["--set", f"paths.state={state}"]


def test_it_names_songs_with_reasons_for_each_mood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = scanned(tmp_path, 40)
    for mood in EMOTIONS:
        assert main(["suggest", "--mood", str(mood), "--count", "5", "--seed", "1", "--json", *where]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert len(rows) == 5
        assert all(set(row) == {"uri", "title", "artist", "score", "reasons"} for row in rows)
        assert all(row["reasons"] and all(row["reasons"].values()) for row in rows)
        assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)


def test_a_target_names_where_it_leads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = scanned(tmp_path, 40)
    for target, words in (("lift", "brighter music"), ("calm", "calmer music"), ("match", "a sad room")):
        assert main(["suggest", "--mood", "sad", "--target", target, "--seed", "1", *where]) == 0
        assert words in capsys.readouterr().out


def test_people_read_names_and_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suggest", "--mood", "happy", *scanned(tmp_path, 7)]) == 0
    assert "Artist 3 - Song 3: " in capsys.readouterr().out


def test_without_songs_it_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suggest", "--mood", "happy", "--set", f"paths.state={tmp_path}"]) == 1
    assert "moodspeaker index scan" in capsys.readouterr().err
    assert main(["suggest", "--mood", "happy", *scanned(tmp_path, 0)]) == 1
    assert "moodspeaker index scan" in capsys.readouterr().err


def test_a_server_without_songs_is_named_after_a_scan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = scanned(tmp_path, 0)
    with closing(SongIndex(tmp_path, schema_folder())) as index:
        index.set_state(songs="0", scanned_at="1795000000")
    assert main(["suggest", "--mood", "happy", *where]) == 1
    assert NO_SONGS in capsys.readouterr().err


def test_a_count_of_nothing_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["suggest", "--mood", "happy", "--count", "0", *scanned(tmp_path, 3)])
    assert "argument --count: '0': a whole number, 1 or more" in capsys.readouterr().err


@pytest.mark.usefixtures("unmeasured")
def test_a_choice_imports_nothing_that_takes_long(tmp_path: Path) -> None:
    words = ["suggest", "--mood", "happy", *scanned(tmp_path, 40)]
    slow = {"argparse", "dataclasses", "inspect", "logging", "numpy", "pathlib", "pydantic", "shutil"}
    code = f"import sys; from moodspeaker.cli import main; main({words}); print({slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()", done.stderr


def test_a_wrong_setting_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = scanned(tmp_path, 3)
    assert main(["suggest", "--mood", "happy", *words, "--set", "musik.switch=now"]) == 2
    assert "did you mean music" in capsys.readouterr().err


def test_moods_without_music_of_their_own_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = scanned(tmp_path, 40)
    for mood in ("disgust", "surprise", "happy"):
        assert main(["suggest", "--mood", mood, "--count", "1", "--seed", "1", *where]) == 0
        assert (f"for {mood} has no music of its own" in capsys.readouterr().out) is (mood != "happy")


def test_the_program_leaves_at_once_with_all_written(tmp_path: Path) -> None:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "moodspeaker", "suggest", "--mood", "happy", *words]
        return subprocess.run(program, capture_output=True, text=True, check=False)

    done = call("--count", "30", "--json", *scanned(tmp_path, 40))
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, 30, "")
    done = call("--set", f"paths.state={tmp_path / 'nowhere'}")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no index yet" in done.stderr
