"""The wall: what the processes of a running speaker write, and what each of them can reach."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from support.servers import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.speaker_process import SpeakerProcess

CALLS: Final = "trace=openat,open,creat,memfd_create,socket,rename,renameat,link,linkat"
WRITING: Final = ("O_WRONLY", "O_RDWR", "O_CREAT", "creat(")
PIXELS: Final = ("cv2", "litert", "tflite", "picamera2", "numpy")
"""Libraries of pixels and models."""


class Trace:
    """What a speaker's processes ask of the kernel, by strace; made before the speaker is started."""

    def __init__(self, speaker: SpeakerProcess) -> None:
        self._root = speaker.root
        words = ["-f", "-ff", "-qq", "-o", str(self._root / "trace"), "-e", CALLS]
        speaker.argv = [require("strace"), *words, *speaker.argv]

    def lines(self) -> Iterator[tuple[Path, str]]:
        """Yield each call, with the file that is its thread's own."""
        for file in self._root.glob("trace.*"):
            for line in file.read_text(errors="replace").splitlines():
                yield file, line

    def assert_that_only_the_store_is_written(self) -> None:
        """Fail where another file was opened for writing than the databases and locks, or none was."""
        opened = [
            line for _, line in self.lines() if line.startswith(("open", "creat")) and " = -1 " not in line
        ]
        written = {Path(line.split('"')[1]) for line in opened if any(flag in line for flag in WRITING)}
        ends = ("", "-wal", "-shm", "-journal")
        database = [f"state/{name}.db{end}" for name in ("moodspeaker", "library") for end in ends]
        known = {self._root / name for name in ("run/api.lock", "run/vision.lock", *database)}
        assert known & written, "the store writes its database, so something must have been seen"
        others = written - known - {Path("/dev/null")}
        assert not others, f"written, too: {others}"


def assert_that_it_stands(speaker: SpeakerProcess) -> None:
    """Fail where the speaker maps a library of pixels, or a child of it has a network socket."""
    leader, *children = (member for member in speaker.family() if "strace" not in member.name())
    assert children, "vision runs"
    mapped = "\n".join(region.path for region in leader.memory_maps())
    assert "python" in mapped
    pixels = [word for word in PIXELS if word in mapped]
    assert not pixels, f"the speaker maps {pixels}"
    open_to_network = [child.cmdline() for child in children if child.net_connections("inet")]
    assert not open_to_network, f"on the network: {open_to_network}"
