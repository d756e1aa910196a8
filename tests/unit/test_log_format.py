"""The journal gets levels, a terminal does not, whatever it has inherited."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from moodspeaker.app import _is_journal

if TYPE_CHECKING:
    import pytest


def test_only_the_journals_own_stream_is_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    try:
        status = os.fstat(writer)
        monkeypatch.delenv("JOURNAL_STREAM", raising=False)
        assert not _is_journal(writer)
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        assert _is_journal(writer)
        monkeypatch.setenv("JOURNAL_STREAM", "1:2")  # inherited by a terminal that a service has started
        assert not _is_journal(writer)
    finally:
        os.close(reader)
        os.close(writer)
    assert not _is_journal(writer)  # closed
