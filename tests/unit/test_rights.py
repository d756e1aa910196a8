"""Who may read a file, and what is to do where somebody may not."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from moodspeaker.config import rights
from moodspeaker.config.rights import Reader, obstacle, service_credentials, user_of

SOMEBODY = Reader("somebody", 4711, frozenset({4711}), service=False)
SERVICE = SOMEBODY._replace(name="moodspeaker", service=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that everybody may enter."""
    for path in (tmp_path, *tmp_path.parents):
        if path == Path(tempfile.gettempdir()):
            break
        path.chmod(0o755)
    return tmp_path


def made(path: Path, mode: int) -> str:
    path.write_text("x")
    path.chmod(mode)
    return str(path)


def test_what_may_be_read_has_no_obstacle(folder: Path) -> None:
    assert obstacle(made(folder / "open", 0o644), SOMEBODY) == ""
    assert obstacle(str(folder / "missing"), SOMEBODY) == ""
    own = SOMEBODY._replace(groups=frozenset({folder.stat().st_gid}))
    assert obstacle(made(folder / "for the group", 0o640), own) == ""
    assert obstacle(made(folder / "closed", 0o600), SOMEBODY._replace(uid=0)) == ""


def test_a_closed_file_is_opened_in_the_way_that_fits_it(folder: Path) -> None:
    file = made(folder / "closed", 0o600)
    assert (
        obstacle(file, SERVICE, private=True) == f"moodspeaker may not read it: sudo chown moodspeaker {file}"
    )
    assert obstacle(file, SERVICE) == f"moodspeaker may not read it: sudo chmod -R o+rX {file}"


def test_a_closed_folder_is_named(folder: Path) -> None:
    inner = folder / "mine"
    inner.mkdir(mode=0o700)
    assert f"somebody may not look into {inner}: sudo chmod o+x {inner}" in obstacle(f"{inner}/a/b", SOMEBODY)
    assert f"sudo chmod -R o+rX {inner}" in obstacle(str(inner), SOMEBODY)


def test_a_service_sees_no_home_folder() -> None:
    told = obstacle("/home/me/film.mp4", SERVICE)
    assert (
        told
        == "a service sees nothing below /home (ProtectHome=yes): move it to another folder, such as /srv"
    )
    assert obstacle("/root/token", SERVICE, private=True).endswith("such as /etc/moodspeaker")


def test_the_units_runtime_folder_means_the_services_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "SERVICE_RUNTIME", "/somewhere")
    assert user_of("/somewhere", "daemon").service
    assert user_of("/somewhere", "daemon").name == "daemon"
    assert user_of("/somewhere", "no such user").uid == os.geteuid()
    assert user_of("/elsewhere", "daemon").uid == os.geteuid()


def test_the_credentials_of_the_installed_service_are_known(tmp_path: Path) -> None:
    unit = tmp_path / "moodspeaker.service"
    assert service_credentials(str(unit)) == frozenset()
    unit.write_text("[Service]\n#LoadCredential=mpd-password:/x\nLoadCredential=web-token:/y\n")
    (tmp_path / "moodspeaker.service.d").mkdir()
    (tmp_path / "moodspeaker.service.d" / "own.conf").write_text(
        "[Service]\nLoadCredential=mqtt-password:/z\n"
    )
    assert service_credentials(str(unit)) == {"web-token", "mqtt-password"}
