"""The folders of this machine: where the sockets and the database are, and whether they can be used.

`api_socket` finds the socket of a running speaker without the schema, and whatever mistake stands in a
configuration file: the speaker runs on by its old settings, and is reached.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from moodspeaker.config import sources
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VISION_SOCKET: Final = "vision.sock"
API_SOCKET: Final = "api.sock"
LONGEST_RUNTIME: Final = 107 - len("/vision.sock")
"""Bytes of the runtime folder's path: sun_path holds 108 with the zero at its end (unix(7))."""
SERVICE_RUNTIME: Final = "/run/moodspeaker"
"""The runtime folder that the systemd units set."""


def api_socket(
    file: str | os.PathLike[str] | None,
    sets: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> str:
    """Return the path of the API's socket as `config.load` would give it, but get over every mistake.

    Raises ConfigError only for a `file` that cannot be read and a `~` without a home.
    """
    environ = os.environ if environment is None else environment
    if file is not None and not os.access(file, os.R_OK):
        reason = "it cannot be read" if os.path.exists(file) else "there is no such file"
        raise ConfigError([f"{os.fspath(file)}: {reason}: give another file with --config"])
    setting = ""
    for path in sources.files(file, environ):
        table = sources.read_what_can_be(path).get("paths")
        found = table.get("runtime") if isinstance(table, dict) else None
        setting = found if isinstance(found, str) else setting
    for words in (sources.from_environment(environ), sources.from_options(sets)):
        for word in words:
            setting = word.text if word.key == ("paths", "runtime") else setting
    try:
        return os.path.join(runtime_folder(expanded(setting), environ), API_SOCKET)
    except ValueError as error:
        raise ConfigError([f"paths.runtime = {setting!r}: {error}"]) from None


def expanded(text: str) -> str:
    """Return a path with `~` replaced by the home folder; raise ValueError where there is no such home.

    Raises ValueError, too, for characters that no log and no message can show.
    """
    path = os.path.expanduser(text.strip())
    if path.startswith("~"):
        message = "that user has no home folder: write the whole path"
        raise ValueError(message)
    if not path.isprintable():
        message = "a character of it cannot be shown: rename it"
        raise ValueError(message)
    return path


def runtime_folder(setting: str, environ: Mapping[str, str]) -> str:
    """Return the absolute folder of the sockets that `paths.runtime` means.

    Raises ConfigError for a path that no socket can have.
    """
    base = environ.get("XDG_RUNTIME_DIR", "")
    default = os.path.join(base, "moodspeaker") if base else f"/tmp/moodspeaker-{os.getuid()}"  # noqa: S108 - made 0700
    folder = os.path.abspath(setting or default)  # symlinks are not followed
    length = len(os.fsencode(folder))
    if length > LONGEST_RUNTIME:
        cure = f"{length} bytes; a socket's path allows {LONGEST_RUNTIME}: choose a shorter folder"
        raise ConfigError([f"paths.runtime = {folder!r}: {cure}"])
    return folder


def state_folder(setting: str, environ: Mapping[str, str]) -> str:
    """Return the absolute folder of the database that `paths.state` means."""
    given = setting or environ.get("STATE_DIRECTORY", "").split(":")[0]
    if not given:
        base = environ.get("XDG_STATE_HOME") or os.path.join(sources.home(environ), ".local", "state")
        given = os.path.join(base, "moodspeaker")
    return os.path.abspath(given)


def ensure_runtime_folder(folder: str | os.PathLike[str]) -> None:
    """Make the folder of the sockets, private to this user; one that stands already is left as it is.

    Raises ConfigError when it cannot be made or used, or belongs to somebody else.
    """
    path = os.fspath(folder)
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        owners = {os.lstat(path).st_uid, os.stat(path).st_uid}
    except OSError as error:
        reason = f"{error.strerror}: choose a folder that you may write"
    else:
        foreign = owners - {0, os.geteuid()}
        if foreign:
            reason = f"it belongs to {user_name(foreign.pop())}: choose a folder of your own"
        elif not os.access(path, os.W_OK | os.X_OK):
            reason = "not writable by you: choose another folder"
        else:
            return
    raise ConfigError([f"paths.runtime = {path!r}: {reason}"])


def user_name(uid: int) -> str:
    """Return a user's name, or the number of one who has none."""
    import pwd  # noqa: PLC0415 - for messages alone

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
