"""Files that are broken, odd or made to harm: good rows are read, bad ones named, nothing is held whole."""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moodspeaker.library.imports import archives, json_entries, playlists, text
from moodspeaker.library.imports.json_entries import Broken, Reader
from moodspeaker.library.imports.opening import _export, opened
from moodspeaker.library.imports.rows import Bad, Row, Unreadable, Wanted

if TYPE_CHECKING:
    from pathlib import Path

TRACK = "<track><title>One</title></track>"
LIST = f"<trackList>{TRACK}</trackList></playlist>"
LETTERS = st.text(st.characters(codec="utf-8"))


def rows(content: bytes | str) -> list[Row]:
    """Return the rows of a file."""
    export = _export(io.BytesIO(content if isinstance(content, bytes) else content.encode()))
    assert export is not None
    return list(export.rows)


def titles(content: bytes | str) -> list[tuple[str, str]]:
    """Return where each row stands, and its title, or `bad`."""
    return [(row.where, row.title if isinstance(row, Wanted) else "bad") for row in rows(content)]


def refusal(path: Path) -> str:
    """Return why a file cannot be read."""
    with pytest.raises(Unreadable) as caught:
        read(path)
    return str(caught.value)


def read(path: Path) -> list[Row]:
    """Return the rows of a file and of all that is in it."""
    with opened(path) as (_, exports):
        return [row for export in exports for row in export.rows]


# --- tables


def test_a_row_that_spans_lines_is_named_by_its_first() -> None:
    assert titles('title,artist\n"One\nand a half",A\nTwo,B\n') == [("2", "One\nand a half"), ("4", "Two")]


def test_a_quote_that_is_not_closed_costs_its_own_row() -> None:
    table = 'title,artist\n"One,A\nTwo,B\nThree,C\n'
    assert titles(table) == [("2", "bad"), ("3", "Two"), ("4", "Three")]
    far = 'title,artist\n"One,A\n' + "Two,B\n" * 100
    assert titles(far) == [("2", "bad"), *((str(n), "Two") for n in range(3, 103))]


def test_cells_that_no_column_has_are_named() -> None:
    found = rows("title,artist\nWait, Little One,A\nTwo,B,,\n,\n")
    assert [type(row) for row in found] == [Bad, Wanted, Bad]
    assert "quotes" in found[0].reason  # type: ignore[union-attr]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_encodings_ends_of_lines_and_signs(encoding: str, end: str, sign: str) -> None:
    table = "Title,Artist\nFür Elise,B\n\n雨,C\n".replace(",", sign).replace("\n", end)
    assert titles(table.encode(encoding)) == [("2", "Für Elise"), ("4", "雨")]


def test_zeros_that_a_power_cut_left_cost_no_row() -> None:
    assert titles("title,artist\nO\0ne,A\n\0\0\nTwo,B\n\0") == [("2", "One"), ("4", "Two")]
    listed = rows("#EXTM3U\na.mp3\n\0\0\nb\0.mp3\n")
    assert [row.uri for row in listed if isinstance(row, Wanted)] == ["a.mp3", "b.mp3"]


def test_bytes_that_are_not_utf8_are_western_letters() -> None:
    assert titles("title,artist\nFür Elise \u2013 live,B\n".encode("cp1252")) == [
        ("2", "Für Elise \u2013 live")
    ]


def test_a_line_of_any_length_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LONGEST", 100)
    table = "title,artist\n" + "x" * 1000 + "\nTwo,B\n" + "y" * 100 + "\n" + "z" * 99 + "\n"
    assert titles(table)[:3] == [("2", "bad"), ("3", "Two"), ("4", "bad")]


def test_songs_by_numbers_of_the_tables_own_are_none() -> None:
    assert _export(io.BytesIO(b"id,valence\n1,0.5\n2,0.7\n")) is not None
    assert titles("id,valence\n1,0.5\n") == [("2", "bad")]


# --- playlists


def test_a_playlists_own_name_counts() -> None:
    [row] = rows("#EXTM3U\n#PLAYLIST:Happy\na/b.mp3\n")
    assert isinstance(row, Wanted)
    assert (row.uri, row.playlist) == ("a/b.mp3", "Happy")


def test_pls_in_any_order_and_with_gaps() -> None:
    found = rows("[playlist]\nTitle7=Seven\nfile2=b.mp3\nFile7=c.mp3\nTitle9=Nine\n")
    assert [(row.where, getattr(row, "uri", "bad")) for row in found] == [
        ("2", "b.mp3"), ("7", "c.mp3"), ("9", "bad"),
    ]  # fmt: skip


def test_xml_that_breaks_off_keeps_what_came_before() -> None:
    xml = "<playlist><trackList><track><title>One</title></track><track><title>Two</title></trackList>"
    assert titles(xml) == [("1", "One"), ("2", "bad")]


def test_xml_that_may_grow_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text('<!DOCTYPE p [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><playlist>&c;</playlist>')
    assert "document type" in refusal(tmp_path / "x")


def test_xml_that_lies_too_deep_is_refused(tmp_path: Path) -> None:
    deep = "<a>" * playlists.DEEPEST
    (tmp_path / "x").write_text(f"<playlist>{deep}")
    assert "deep" in refusal(tmp_path / "x")
    assert titles(f"<playlist>{deep[9:]}{'</a>' * (playlists.DEEPEST - 3)}{LIST}") == [("1", "One")]


def test_a_tag_of_any_length_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playlists, "LONGEST_MARK", 100)
    monkeypatch.setattr(playlists, "CHUNK", 50)
    (tmp_path / "x").write_text(f'<playlist x="{"y" * 300}">{LIST}')
    assert "tag" in refusal(tmp_path / "x")
    assert titles(f'<playlist x="{"y" * 60}">{LIST}') == [("1", "One")]


# --- JSON


def test_json_that_breaks_off_keeps_what_came_before() -> None:
    play = '{"endTime":"2025-11-20 19:03","artistName":"A","trackName":"One","msPlayed":1000}'
    assert titles(f"[{play},{play[:40]}") == [("1", "One"), ("2", "bad")]
    assert titles(f"[{play},[],null,7,{{}}]")[1:] == [(str(n), "bad") for n in (2, 3, 4, 5)]


def test_json_lines_that_are_bad_cost_themselves() -> None:
    line = '{"track_metadata":{"track_name":"One"},"listened_at":1698700000}'
    assert titles(f"{line}\nnonsense\n{line}\n") == [("1", "One"), ("2", "bad"), ("3", "One")]


@pytest.mark.parametrize(
    "values",
    ['"ts":7,"ms_played":{}', '"ts":"x","ms_played":1e999', '"ts":"2025-11-20T19:03:35Z","ms_played":NaN'],
)
def test_times_that_make_no_sense_are_bad(values: str) -> None:
    assert titles(f'[{{{values},"master_metadata_track_name":"One"}}]') == [("1", "bad")]


def test_an_entry_of_any_length_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_entries, "LONGEST", 1000)
    monkeypatch.setattr(json_entries, "CHUNK", 100)
    file = io.BytesIO(b'[{"a": 1}, {"b": "' + b"x" * 1_000_000 + b'"}]')
    entries = Reader(file).entries()
    assert next(entries) == {"a": 1}
    with pytest.raises(Broken, match="longer than"):
        next(entries)
    assert file.tell() < 5000


@pytest.mark.parametrize("content", ["[" * 100_000, '[{"ts":' + "[" * 100_000])
def test_json_that_is_too_deep_is_no_export(content: str) -> None:
    assert _export(io.BytesIO(content.encode())) is None


@given(st.lists(LETTERS | st.integers() | st.dictionaries(LETTERS, st.floats(allow_nan=False))))
def test_entries_are_read_as_json_reads_them(values: list[object]) -> None:
    for content in (json.dumps(values), json.dumps(values, indent=1, ensure_ascii=False)):
        assert list(Reader(io.BytesIO(content.encode())).entries()) == values


# --- files and archives


def test_what_is_no_export_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "zeros").write_bytes(bytes(1000))
    (tmp_path / "page").write_text("<html><body>please log in</body></html>")
    (tmp_path / "other").write_text('{"a": 1}')
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "empty") == "it is empty"
    for name in ("zeros", "page", "other"):
        assert "no form that import knows" in refusal(tmp_path / name)
    assert refusal(tmp_path / "pipe") == "it is no regular file"
    assert "folder" in refusal(tmp_path)
    assert refusal(tmp_path / "nothing") == "No such file or directory"


def packed(path: Path, **files: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_an_archive_that_is_made_to_harm_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "SMALL", 1000)
    bomb = packed(tmp_path / "bomb.zip", list="title,artist\n" + "a,b\n" * 200_000)
    assert "made to harm" in refusal(bomb)
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    assert "unpack to more" in refusal(bomb)
    monkeypatch.setattr(archives, "LONGEST_LIST", 10)
    assert "too many files" in refusal(bomb)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.zip", list="title,artist\n" + "".join(f"S{n},A\n" for n in range(20_000)))
    content = bytearray(whole.read_bytes())
    (tmp_path / "cut.zip").write_bytes(content[:100])
    assert "breaks off" in refusal(tmp_path / "cut.zip")
    (tmp_path / "late.zip").write_bytes(content[:-150] + b"\xff\xff" + content[-148:])
    *good, last = read(tmp_path / "late.zip")
    assert len(good) > 1000
    assert isinstance(last, Bad)
    (tmp_path / "soon.zip").write_bytes(content[:100] + b"\xff\xff" + content[102:])
    assert "damaged" in refusal(tmp_path / "soon.zip")
    assert "no file in it" in refusal(packed(tmp_path / "b.zip", picture=b"\x89PNG\0\0"))


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"[", b"#EXTM3U\n", b"title,artist\n", b"<playlist>", b"[playlist]\n"]),
)
def test_any_bytes_give_rows_or_none(content: bytes, start: bytes) -> None:
    export = _export(io.BytesIO(start + content))
    if export is not None:
        for row in export.rows:
            assert row.where
