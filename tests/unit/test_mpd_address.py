"""Where an MPD is looked for."""

from __future__ import annotations

import pytest

from moodspeaker.adapters.mpd.address import Address, addresses
from moodspeaker.config.hosts import no_port_of_mpd
from moodspeaker.config.schema import MpdSettings


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


@pytest.mark.parametrize("port", ["abc", "99999", "0", "-1", "6600.5", "\uff16\uff16\uff10\uff10", " "])
def test_a_port_that_is_none_is_not_followed(port: str) -> None:
    assert addresses(MpdSettings(port=6601), {"MPD_PORT": port})[-1] == Address("localhost", 6601)
    assert bool(no_port_of_mpd("auto", 6601, {"MPD_PORT": port})) is bool(port.strip())


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
