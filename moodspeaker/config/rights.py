"""Who may read a file, what stands in the way, and the cure.

Rights are read off the mode bits, so that a person can ask for the service's user; access lists are not
looked at.
"""

from __future__ import annotations

import glob
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from moodspeaker.config.runtime import SERVICE_RUNTIME, user_name

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE_USER: Final = "moodspeaker"
CAMERA_USER: Final = "moodspeaker-vision"
UNIT: Final = "/etc/systemd/system/moodspeaker.service"
HIDDEN_FROM_SERVICES: Final = ("/home", "/root", "/run/user")
"""What `ProtectHome=yes` of the units hides (systemd.exec(5))."""
CREDENTIAL: Final = re.compile(r"^LoadCredential(?:Encrypted)?=([^:\s]+)", re.MULTILINE)
ENTER: Final = 1
WRITE: Final = 2
READ: Final = 4


class Reader(NamedTuple):
    """A user on whose behalf is asked."""

    name: str
    uid: int
    groups: frozenset[int]
    service: bool
    """Whether it is a service's user, that sees no home folder."""


def myself() -> Reader:
    """Return the user of this process."""
    uid = os.geteuid()
    return Reader(user_name(uid), uid, frozenset({os.getegid(), *os.getgroups()}), service=False)


def user_of(runtime_folder: str | os.PathLike[str], service_user: str = SERVICE_USER) -> Reader:
    """Return who runs the speaker with this runtime folder: the service's user for its own, else me."""
    import pwd  # noqa: PLC0415 - for checks and messages alone

    try:
        found = pwd.getpwnam(service_user)
    except KeyError:
        return myself()
    if os.fspath(runtime_folder) != SERVICE_RUNTIME:
        return myself()
    groups = frozenset(os.getgrouplist(service_user, found.pw_gid))
    return Reader(service_user, found.pw_uid, groups, service=True)


def service_credentials(unit: str = UNIT) -> frozenset[str]:
    """Return the names of the credentials that the installed service is given (`LoadCredential=`)."""
    names: set[str] = set()
    for path in (unit, *glob.glob(f"{unit}.d/*.conf")):
        try:
            with open(path, encoding="utf-8") as file:
                names.update(CREDENTIAL.findall(file.read()))
        except (OSError, UnicodeDecodeError):
            continue
    return frozenset(names)


def obstacle(path: str, reader: Reader, *, private: bool = False) -> str:
    """Return what keeps a user from reading a file or folder, with the cure; empty where nothing is seen.

    A `private` file is one that nobody else should read.
    """
    elsewhere = "/etc/moodspeaker" if private else "/srv"
    folders = list(_above(path))
    hidden = next((folder for folder in folders if folder in HIDDEN_FROM_SERVICES), "")
    closed = next((folder for folder in folders if not permitted(folder, reader, ENTER)), "")
    if hidden and (reader.service or closed == hidden):
        cure = f"move it to another folder, such as {elsewhere}"
        return f"a service sees nothing below {hidden} (ProtectHome=yes): {cure}"
    if closed:
        return f"{reader.name} may not look into {closed}: sudo chmod o+x {closed}, or move it to {elsewhere}"
    if permitted(path, reader, READ | ENTER if os.path.isdir(path) else READ):
        return ""
    if private:
        return f"{reader.name} may not read it: sudo chown {reader.name} {path}"
    return f"{reader.name} may not read it: sudo chmod -R o+rX {path}"


def _above(path: str) -> Iterator[str]:
    """Yield the folders above a path, the uppermost first."""
    parts = os.path.abspath(path).split("/")[1:-1]
    for count in range(len(parts) + 1):
        yield "/" + "/".join(parts[:count])


def permitted(path: str, reader: Reader, wanted: int) -> bool:
    """Tell whether a user has the wanted bits (ENTER, WRITE, READ); yes where that cannot be known."""
    try:
        status = os.stat(path)
    except OSError:
        return True
    if reader.uid == 0:
        return True
    shift = 6 if status.st_uid == reader.uid else 3 if status.st_gid in reader.groups else 0
    return status.st_mode >> shift & wanted == wanted
