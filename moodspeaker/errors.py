"""What can go wrong, as a tree.

    MoodspeakerError
    ├── UsageError        bad input from a person: exit code 2
    │   ├── ConfigError   one or more settings are refused; carries every reason
    │   │   └── SettingsDisagree  each of them would do, but not with the others
    │   ├── ImageError    a picture or a replay folder cannot be read
    │   ├── CommandError  a command is malformed
    │   └── ModelError    a model file is missing, damaged or not what its manifest says
    ├── CameraError       the camera is absent, busy or gone: it is tried again for ever
    ├── PictureError      a picture that a browser sends is not looked at; carries the refusal's name
    ├── WireError         a message on the vision socket breaks the protocol
    ├── PlayerError       MPD is down, refuses us or a command
    │   ├── PlayerRefused MPD wants a password, or another one
    │   └── Superseded    a person acted, or something newer was wanted, before it was done
    ├── BrokerError       the MQTT broker is down or refuses us
    ├── StoreError        the state folder cannot be written
    ├── NotNow            what is asked is well said, and cannot be now
    │   ├── NothingPlays      a command is about the song that plays, and none does
    │   ├── NoPlayer          a command is for the music server, and it is down or off
    │   ├── NoVolume          the music server has no volume that could be set
    │   ├── NoMusic           a command asks for music, and there is none
    │   ├── NothingSeen       a command is about what the camera sees, and it sees nothing
    │   ├── UnknownSong       a command is about a song that nobody knows
    │   ├── SettingsConflict  a setting cannot be changed
    │   └── RestartRefused    nobody would start the speaker again, or somebody just did
    ├── DoctorError       the doctor cannot be asked
    └── DaemonError       no running daemon answers: exit code 1

Each message is one line that names the thing and the cure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def sendable(text: str) -> str:
    """Return a text that every UTF-8 socket takes: what is not UTF-8 in a file's name is escaped."""
    return text.encode(errors="backslashreplace").decode()


class MoodspeakerError(Exception):
    """The root of all expected errors; its text is fit for a person, and `sendable`."""

    def __init__(self, message: str) -> None:
        super().__init__(sendable(message))


class UsageError(MoodspeakerError):
    """Bad usage or bad input."""


class ConfigError(UsageError):
    """Settings are refused; `reasons` holds one line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


class SettingsDisagree(ConfigError):  # noqa: N818 - a state
    """Settings are refused that would each do: they do not go together, or not with those in force."""


class Disagreement(ValueError):  # noqa: N818 - a state
    """Two values do not go together, each of which would do."""


class ImageError(UsageError):
    """A picture, a video or a replay folder cannot be read."""


class CommandError(UsageError):
    """A command is not of the vocabulary."""


class ModelError(UsageError):
    """A model is refused."""


class CameraError(MoodspeakerError):
    """The camera gives no frames; its text is fit for `status` and `doctor`."""


class PictureFault(StrEnum):
    """Why a picture that a browser sends is not looked at."""

    NOT_ALLOWED = "not allowed"
    NOT_WANTED = "not wanted"
    CLOSED = "closed"
    BUSY = "busy"
    TOO_FAST = "too fast"
    NOT_JPEG = "not jpeg"
    PROGRESSIVE = "progressive"
    CMYK = "cmyk"
    CODING = "coding"
    TOO_BIG = "too big"
    TOO_SMALL = "too small"
    BROKEN = "broken"
    NO_ANSWER = "no answer"
    SILENT = "silent"
    ENDS = "ends"


class PictureError(MoodspeakerError):
    """A picture that a browser sends is not looked at, or none is taken from it."""

    def __init__(self, fault: PictureFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class WireError(MoodspeakerError):
    """A line on the vision socket cannot be understood."""


class PlayerError(MoodspeakerError):
    """The music server is down or refuses a command."""


class PlayerRefused(PlayerError):  # noqa: N818 - a state in the contract's words, as the broker's
    """The music server wants a password, or another one."""


class Superseded(PlayerError):  # noqa: N818 - what happened, not what broke
    """A person used the music server, or something newer was wanted, before the command was carried out."""

    def __init__(self) -> None:
        super().__init__("outdated before it was done: a person's choice or a newer wish stands")


class PlaylistThere(PlayerError):  # noqa: N818 - what the server has
    """A stored playlist of a name is there already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a playlist {name} already: change it in your player, or delete it there")


class NotNow(MoodspeakerError):  # noqa: N818 - a state
    """What is asked is well said, and cannot be now; `name` says what keeps it, in short."""

    name = "not now"


class NothingPlays(NotNow):
    """A command is about the song that plays, and none does."""

    name = "nothing plays"


class NoPlayer(NotNow):
    """A command is for the music server, and it is down or off."""

    name = "no player"


class NoVolume(NotNow):
    """The music server has no volume that could be set."""

    name = "no volume"


class NoMusic(NotNow):
    """A command asks for music, and there is none for any mood."""

    name = "no music"


class NothingSeen(NotNow):
    """A command is about what the camera sees, and it sees nothing."""

    name = "nothing seen"


class UnknownSong(NotNow):
    """A command is about a song that neither the index nor the music server knows."""

    name = "unknown song"


class SettingsConflict(NotNow):
    """A setting cannot be changed now, though its value is good."""

    name = "conflict"


class RestartRefused(NotNow):
    """The speaker is not restarted: nobody would start it again, or somebody just did."""

    name = "restart"


class BrokerError(MoodspeakerError):
    """The MQTT broker is down, or refuses us or a message."""


class HouseholdError(MoodspeakerError):
    """A message of another speaker cannot be understood."""


class StoreError(MoodspeakerError):
    """The database cannot be read or written."""


class DoctorError(MoodspeakerError):
    """The doctor cannot be asked."""


class DaemonError(MoodspeakerError):
    """No running daemon answers."""
