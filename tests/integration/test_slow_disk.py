"""What a slow card holds up: the answer to who asked for something to be kept, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.library import scanned, songs
from support.servers import require
from support.speaker_process import SpeakerProcess, eventually

if TYPE_CHECKING:
    from pathlib import Path

(SONG,) = songs(1)
COMMANDS = (
    {"profile": "Anna"},
    {"override": "happy"},
    {"song_mood": {"uri": SONG.uri, "mood": "sad"}},
    {"profile": "guest"},
    {"sensing": "off"},  # leaves the journal: whoever writes next begins another
    {"override": "sad"},
)
"""Each is kept before it is answered."""


def test_the_loop_never_waits_for_the_disk_and_what_is_answered_is_on_it(root: Path) -> None:
    scanned(root / "state", [SONG])
    speaker, trace = SpeakerProcess(root, ["camera.source=none", "mpd.host="]), root / "trace"
    strace = [require("strace"), "-f", "-qq", "-o", str(trace), "-e", "trace=fsync,fdatasync,sync,msync"]
    speaker.argv = [*strace, *speaker.argv]

    def syncs() -> tuple[int, int]:
        """Return how often the speaker's loop synced, and how often its other threads did."""
        leader = next(member for member in speaker.family() if "strace" not in member.name())
        threads = [line.split()[0] for line in trace.read_text().splitlines() if " = 0" in line]
        return threads.count(str(leader.pid)), len(threads) - threads.count(str(leader.pid))

    with speaker:
        speaker.ask("/api/command", {"profile": "Bertram"})
        speaker.ask("/api/command", {"song_mood": {"uri": SONG.uri, "mood": "happy"}})  # begins a journal
        eventually(lambda: syncs()[1] > 0, 10, "the trace is written")
        at_start, before = syncs()
        for command in COMMANDS:
            speaker.ask("/api/command", command)
            in_loop, beside = syncs()
            assert in_loop == at_start, f"{command}: nothing waited in the loop"
            assert beside > before, f"{command}: it was synced before the answer"
            before = beside
        assert speaker.status()["profile"] == "guest"
        for erased in ("/api/records", "/api/household"):
            assert speaker.ask(erased, method="DELETE") == {"erased": True}
            in_loop, beside = syncs()
            assert in_loop == at_start, f"{erased}: nothing waited in the loop"
            assert beside > before, f"{erased}: it was gone before the answer"
            before = beside
