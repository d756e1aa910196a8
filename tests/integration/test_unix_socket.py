"""One process has a UNIX socket for itself."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from moodspeaker import unix_socket
from moodspeaker.errors import UsageError
from moodspeaker.unix_socket import ExclusiveSocket

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_for_user_and_group_alone_and_gone_at_the_end(root: Path) -> None:
    path = root / "x.sock"
    own = ExclusiveSocket(path, "owner")
    own.close()
    listener = own.bind()
    listener.listen()
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    own.close()
    own.close()
    assert not path.exists()
    assert listener.fileno() == -1


def test_a_second_process_is_refused_and_the_first_keeps_its_socket(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unix_socket, "DYING", 0.0)
    path = root / "x.sock"
    first, second = ExclusiveSocket(path, "owner"), ExclusiveSocket(path, "owner")
    first.bind().listen()
    with pytest.raises(UsageError, match=rf"another owner runs on {path}: stop that one"):
        second.bind()
    second.close()
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect(str(path))
    first.close()
    second.bind()
    second.close()


def test_a_dying_process_is_waited_for(root: Path) -> None:
    path = root / "x.sock"
    script = (
        "import sys, pathlib; from moodspeaker.unix_socket import ExclusiveSocket\n"
        "own = ExclusiveSocket(pathlib.Path(sys.argv[1]), 'owner'); own.bind(); print('bound', flush=True)\n"
        "sys.stdin.read()"
    )
    argv = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as dying:
        assert dying.stdout is not None
        assert dying.stdin is not None
        assert dying.stdout.readline() == b"bound\n"
        dying.stdin.close()
        own = ExclusiveSocket(path, "owner")
        own.bind()
        own.close()


def test_the_socket_of_a_dead_process_is_replaced(root: Path) -> None:
    path = root / "x.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    own = ExclusiveSocket(path, "owner")
    own.bind().listen()
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect(str(path))
    own.close()


@pytest.mark.parametrize("busy", [False, True])
def test_a_living_process_whose_lock_was_deleted_keeps_its_socket(root: Path, *, busy: bool) -> None:
    path = root / "x.sock"
    with socket.socket(socket.AF_UNIX) as alive, socket.socket(socket.AF_UNIX) as waiting:
        alive.bind(str(path))
        alive.listen(0)
        if busy:
            waiting.connect(str(path))
        with pytest.raises(UsageError, match="another owner"):
            ExclusiveSocket(path, "owner").bind()
    assert path.exists()


def test_what_is_no_socket_is_left_alone(root: Path) -> None:
    path = root / "x.sock"
    path.write_text("mine")
    with pytest.raises(UsageError, match=r"x\.sock is in the way"):
        ExclusiveSocket(path, "owner").bind()
    assert path.read_text() == "mine"


def test_a_folder_that_is_not_there_is_named_with_the_cure(root: Path) -> None:
    with pytest.raises(UsageError, match=rf"{root}/no/x.lock: No such file.*paths.runtime"):
        ExclusiveSocket(root / "no" / "x.sock", "owner").bind()
    assert not os.listdir(root)  # noqa: PTH208 - names alone
