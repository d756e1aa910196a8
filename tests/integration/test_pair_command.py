"""`moodspeaker pair`, asked of a speaker over its socket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.fake_daemon import running
from support.servers import free_port

from moodspeaker.cli import main
from moodspeaker.cli.pair import qr_code

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def pair(root: Path, *words: str) -> int:
    """Run the command; return its exit code."""
    return main(["pair", "--set", f"paths.runtime={root}", "--set", f"paths.state={root}", *words])


def test_it_prints_the_address_a_code_and_a_picture_of_both(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "token").write_text("sesame-open-the-door", encoding="utf-8")
    port = free_port()
    with running(root, host="0.0.0.0", port=port, token_file=str(root / "token")):
        assert pair(root) == 0
        said = capsys.readouterr().out
        assert f":{port}/" in said
        assert "within 5 minutes" in said
        assert pair(root, "--json") == 0
        told = json.loads(capsys.readouterr().out)
    assert len(told["code"]) == 6
    assert all(address.startswith("http://") for address in told["addresses"])
    assert told["links"][0].startswith(f"{told['addresses'][0]}#pair=")
    picture = qr_code(told["links"][0]).splitlines()
    assert len({len(line) for line in picture}) == 1
    assert len(picture) > 14


def test_a_page_for_this_machine_wants_no_code_and_says_how_phones_come_in(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(root, port=free_port()):
        assert pair(root) == 0
    said = capsys.readouterr().out
    assert "no code is wanted" in said
    assert "web.token_file" in said


def test_without_a_page_or_a_speaker_it_says_so(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(root):
        assert pair(root) == 1
    assert "there is no page" in capsys.readouterr().err
    assert pair(root) == 1
    assert "is not running" in capsys.readouterr().err
