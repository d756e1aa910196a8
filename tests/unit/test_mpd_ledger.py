"""Who made the change: the ledger's law, and where an MPD is looked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from moodspeaker.adapters.mpd import Address, Sight, addresses, judge
from moodspeaker.config.schema import MpdSettings
from moodspeaker.domain.player import Act, PlayState

PLAYING = Sight(
    at=100.0,
    state=PlayState.PLAY,
    ids=(1, 2, 3, 4, 5),
    song=2,
    upcoming=3,
    last=1,
    elapsed=10.0,
    seconds=200.0,
)
PAUSED = replace(PLAYING, state=PlayState.PAUSE)
STOPPED = replace(PLAYING, state=PlayState.STOP, elapsed=0.0)
LATER = replace(PLAYING, at=110.0, elapsed=20.0)
AT_END = replace(PLAYING, at=290.0, elapsed=0.0, song=3, upcoming=4)
LAST = replace(PLAYING, song=5, upcoming=None)
SILENT = replace(LAST, at=290.0, state=PlayState.STOP, song=None, elapsed=0.0)
PLAYER = ("player",)


@pytest.mark.parametrize(
    ("before", "now", "act"),
    [
        (PLAYING, LATER, None),
        (PLAYING, AT_END, None),
        (LAST, SILENT, None),
        (PLAYING, replace(LATER, ids=(1, 2, 3, 4)), Act.QUEUE),
        (PLAYING, replace(LATER, ids=(1, 2, 3, 4, 5, 6)), Act.QUEUE),
        (PLAYING, replace(LATER, ids=(2, 1, 3, 4, 5)), Act.QUEUE),
        (PLAYING, replace(LATER, ids=(), song=None, state=PlayState.STOP), Act.QUEUE),
        (PLAYING, replace(LATER, ids=(1, 2, 4, 5), updating=True), None),
        (PLAYING, replace(LATER, ids=(1, 3, 4, 5), song=3, elapsed=0.0, updating=True), None),
        (PLAYING, replace(AT_END, ids=(1, 3, 4, 5), consume=True), None),
        (PLAYING, replace(LATER, ids=(1, 3, 4, 5), consume=True, song=3, elapsed=0.0), Act.NEXT),
        (PLAYING, replace(LATER, ids=(1, 2, 4, 5), consume=True), Act.QUEUE),
        (PLAYING, replace(LATER, state=PlayState.STOP), Act.STOP),
        (LAST, replace(SILENT, at=150.0), Act.STOP),
        (PLAYING, replace(LATER, state=PlayState.PAUSE), Act.PAUSE),
        (PAUSED, replace(STOPPED, at=110.0), Act.STOP),
        (PAUSED, replace(PLAYING, at=110.0), Act.PLAY),
        (STOPPED, replace(LATER, elapsed=1.0), Act.PLAY),
        (STOPPED, replace(LATER, elapsed=1.0, song=5), Act.PLAY),
        (PAUSED, replace(LATER, elapsed=1.0, song=3), Act.NEXT),
        (PLAYING, replace(LATER, song=3, elapsed=1.0), Act.NEXT),
        (PLAYING, replace(LATER, song=1, elapsed=1.0), Act.PREVIOUS),
        (PLAYING, replace(LATER, song=5, elapsed=1.0), Act.SONG),
        (replace(PLAYING, upcoming=5), replace(LATER, song=5, elapsed=1.0), Act.NEXT),
        (replace(PLAYING, last=5), replace(LATER, song=5, elapsed=1.0), Act.PREVIOUS),
        (PLAYING, replace(LATER, song=3, elapsed=1.0, error="Failed to decode"), None),
        (replace(PLAYING, error="old"), replace(LATER, song=3, elapsed=1.0, error="old"), Act.NEXT),
        (replace(PLAYING, audible=False), replace(LATER, song=3, elapsed=1.0), None),
        (replace(PLAYING, audible=False), replace(LATER, song=5, elapsed=1.0), Act.SONG),
        (replace(PLAYING, audible=False), replace(LATER, state=PlayState.STOP), Act.STOP),
        (PLAYING, replace(LATER, elapsed=100.0), Act.SEEK),
        (PLAYING, replace(LATER, elapsed=0.0), Act.SEEK),
        (PAUSED, replace(PAUSED, at=110.0, elapsed=20.0), Act.SEEK),
        (PAUSED, replace(PAUSED, at=900.0), None),
        (replace(PLAYING, seconds=None), replace(LATER, seconds=None, elapsed=0.0), None),
        (replace(PLAYING, seconds=None), replace(LATER, song=3, elapsed=0.0), Act.NEXT),
        (PLAYING, replace(PLAYING, at=290.0, elapsed=0.5), None),
        (replace(PLAYING, single=True), replace(AT_END, state=PlayState.PAUSE, single=True), None),
        (replace(PLAYING, single=True), replace(LATER, state=PlayState.PAUSE, single=True), Act.PAUSE),
        (replace(PLAYING, crossfade=10.0), replace(AT_END, at=281.0), None),
        (replace(PLAYING, crossfade=0.0), replace(AT_END, at=281.0), Act.NEXT),
    ],
)
def test_the_law_of_the_ledger(before: Sight, now: Sight, act: Act | None) -> None:
    assert judge(before, now, PLAYER) is act


def test_a_seek_is_told_by_the_player_alone() -> None:
    assert judge(PLAYING, replace(LATER, elapsed=100.0), ("options",)) is None


def test_a_named_server_is_the_only_one_tried() -> None:
    environment = {"MPD_HOST": "elsewhere", "MPD_PORT": "7000"}
    assert addresses(MpdSettings(host="den", port=6601), environment) == (Address("den", 6601),)
    assert addresses(MpdSettings(host="/run/mpd.sock"), environment) == (Address("/run/mpd.sock", 6600),)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("den", Address("den", 7000)),
        ("secret@den", Address("den", 7000, "secret")),
        ("p@ss@den", Address("den", 7000, "p@ss")),
        ("@abstract", Address("@abstract", 7000)),
        ("secret@@abstract", Address("@abstract", 7000, "secret")),
        ("secret@/run/mpd/socket", Address("/run/mpd/socket", 7000, "secret")),
    ],
)
def test_mpd_host_is_read_as_mpds_clients_read_it(host: str, address: Address) -> None:
    assert addresses(MpdSettings(), {"MPD_HOST": host, "MPD_PORT": "7000"}) == (address,)


def test_without_mpd_host_localhost_is_tried_last() -> None:
    assert addresses(MpdSettings(), {})[-1] == Address("localhost", 6600)


def test_the_users_socket_is_tried_first(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("run")
    (folder / "mpd").mkdir()
    (folder / "mpd" / "socket").touch()
    assert addresses(MpdSettings(), {"XDG_RUNTIME_DIR": str(folder)})[0] == Address(
        str(folder / "mpd" / "socket"), 6600
    )


def test_only_this_machine_is_local() -> None:
    assert [Address(host, 6600).local for host in ("localhost", "/run/mpd/socket", "@mpd", "den")] == [
        True,
        True,
        True,
        False,
    ]
