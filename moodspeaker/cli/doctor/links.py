"""The doctor's checks of what the speaker is linked to: MPD, the music there is, and the broker."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Any, Final

from moodspeaker.cli.doctor import songs
from moodspeaker.cli.doctor.finding import Check, Verdict
from moodspeaker.config.hosts import is_loopback, no_port_of_mpd

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from moodspeaker.config.schema import Config
    from moodspeaker.domain.player import PlayerEvent

ANSWER_SECONDS: Final = 8.0
"""How long a music server may take to greet and to tell its music."""
SYSTEMCTL_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 1.0
SOUND: Final = frozenset({"play", "pause", "stop"})
"""States of a player that is connected."""


def player(config: Config, snapshot: Mapping[str, Any]) -> Iterator[Check]:
    """Yield whether MPD answers, and whether there is music for the moods."""
    from moodspeaker.domain.player import MusicChanged, PlayerConnected, PlayerLost

    if not config.mpd.host:
        yield Check("player", Verdict.OK, "off: mpd.host is empty")
        return
    told = snapshot.get("player") or {}
    stray = no_port_of_mpd(config.mpd.host, config.mpd.port, os.environ)
    if refused := _not_mine_to_read(config, config.mpd.password_file, "mpd-password"):
        found, moods = Check("player", Verdict.WARN, refused), None
    else:
        events = _first_events(config)
        lost = next((event for event in events if isinstance(event, PlayerLost)), None)
        if lost is not None or not events:
            silent = f"MPD does not answer within {ANSWER_SECONDS:g} s: check mpd.host and mpd.port"
            reason = lost.reason if lost is not None else silent
            cause = stray or _switched_off("mpd", _places_of_mpd(config)) or reason
            found = Check("player", Verdict.FAULT, cause)
        else:
            limits = next((event.report.limits for event in events if isinstance(event, PlayerConnected)), "")
            what = f"a server answers that is not MPD itself: {limits}" if limits else "MPD answers"
            found = Check("player", Verdict.OK, what)
        moods = next(
            (set(map(str, event.music)) for event in events if isinstance(event, MusicChanged)), None
        )
    yield _as_told(found, told, SOUND)
    if told.get("state") in SOUND:
        moods = _moods_of_the_speaker(config, moods)
    elif moods is not None:
        moods.update(songs.moods(config))
    if moods is not None:
        yield _music(moods)


def broker(config: Config, told: Mapping[str, Any]) -> Check:
    """Tell whether the broker lets us in."""
    from moodspeaker.adapters.mqtt.link_faults import address, is_socket
    from moodspeaker.adapters.mqtt.probe import probe
    from moodspeaker.domain.broker import BrokerState

    if not config.mqtt.host:
        return Check("broker", Verdict.OK, "off: mqtt.host is empty")
    if refused := _not_mine_to_read(config, config.mqtt.password_file, "mqtt-password"):
        return _as_told(Check("broker", Verdict.WARN, refused), told, {"ok"})
    state, reason = probe(config.mqtt)
    if state is BrokerState.OK:
        found = Check("broker", Verdict.OK, f"{address(config.mqtt)} lets us in")
    else:
        place = config.mqtt.host if is_socket(config.mqtt) else (config.mqtt.host, config.mqtt.port)
        stopped = _switched_off("mosquitto", [place])
        found = Check("broker", Verdict.FAULT, stopped or reason)
    return _as_told(found, told, {"ok"})


def _as_told(found: Check, told: Mapping[str, Any], sound: Collection[str]) -> Check:
    """Return what was found, unless the running speaker knows better.

    Its rights may be others: it may have what we do not reach, or lack what we do.
    """
    if found.verdict is not Verdict.OK and told.get("state") in sound:
        return Check(found.name, Verdict.OK, "the running speaker is connected")
    if found.verdict is Verdict.WARN and told.get("reason"):
        return Check(found.name, Verdict.FAULT, str(told["reason"]))
    if found.verdict is Verdict.OK and told.get("reason") and told.get("state") not in {*sound, "off"}:
        return Check(found.name, Verdict.WARN, f"it answers, but the running speaker says: {told['reason']}")
    return found


def _not_mine_to_read(config: Config, file: str, credential: str) -> str:
    """Return why a link cannot be tried: its password is for the speaker's user alone; else nothing."""
    from moodspeaker.config.rights import myself, obstacle, service_credentials, user_of

    user = user_of(config.runtime_folder)
    if not user.service or user.uid == os.geteuid():
        return ""
    if file and obstacle(file, myself(), private=True) and not obstacle(file, user, private=True):
        return f"not tried: the password in {file} is not yours to read: ask with sudo"
    if not file and credential in service_credentials():
        return f"not tried: its password is a credential of the service ({credential})"
    return ""


def _moods_of_the_speaker(config: Config, otherwise: set[str] | None) -> set[str] | None:
    """Return the moods for which the running speaker has music."""
    from moodspeaker.cli.client import ask
    from moodspeaker.errors import DaemonError

    try:
        return {row["mood"] for row in ask(config.api_socket, "/api/moods") if row.get("music")}
    except DaemonError:
        return otherwise


def _music(moods: Collection[str]) -> Check:
    """Tell which moods have music."""
    from moodspeaker.domain.emotion import EMOTIONS

    without = [str(emotion) for emotion in EMOTIONS if emotion not in moods]
    if not moods:
        cure = "moodspeaker index scan, or save a playlist in MPD named mood-happy, mood-sad, …"
        return Check("music", Verdict.FAULT, f"no mood has music, so nothing ever changes: {cure}")
    there = ", ".join(str(emotion) for emotion in EMOTIONS if emotion in moods)
    kept = f"; for {', '.join(without)} it keeps what plays" if without else ""
    return Check("music", Verdict.OK, f"there is music for {there}{kept}")


def _switched_off(service: str, places: Collection[str | tuple[str, int]]) -> str:
    """Return what systemd knows of a server of this machine, with the cure, where nothing listens.

    `places` are the sockets and the (host, port) pairs where it should be.
    """
    local = all(isinstance(place, str) or is_loopback(place[0]) for place in places)
    if not local or shutil.which("systemctl") is None or any(map(_listens, places)):
        return ""
    enabled, active = _systemctl("is-enabled", service), _systemctl("is-active", service)
    name = {"mpd": "MPD", "mosquitto": "Mosquitto"}[service]
    if enabled == "masked":
        return f"{name} is masked: sudo systemctl unmask {service} && sudo systemctl enable --now {service}"
    if enabled == "disabled" and active != "active":
        return f"{name} is installed but switched off: sudo systemctl enable --now {service}"
    if enabled == "enabled" and active in {"inactive", "failed"}:
        return f"{name} does not run: sudo systemctl restart {service}, and see: journalctl -u {service}"
    return ""


def _places_of_mpd(config: Config) -> tuple[str | tuple[str, int], ...]:
    from moodspeaker.adapters.mpd.address import addresses

    return tuple(
        one.host if one.host.startswith(("/", "@")) else (one.host, one.port)
        for one in addresses(config.mpd, os.environ)
    )


def _listens(place: str | tuple[str, int]) -> bool:
    """Tell whether a server answers at a socket, or at a host and port of this machine."""
    kind = (
        socket.AF_UNIX if isinstance(place, str) else socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    )
    address = place.replace("@", "\0", 1) if isinstance(place, str) and place.startswith("@") else place
    with socket.socket(kind) as visitor:
        visitor.settimeout(CONNECT_SECONDS)
        try:
            visitor.connect(address)
        except OSError:
            return False
    return True


def _systemctl(question: str, service: str) -> str:
    """Return systemd's one-word answer, else nothing."""
    try:
        answer = subprocess.run(  # noqa: S603 - no word of it is a stranger's
            ["systemctl", question, f"{service}.service"],  # noqa: S607 - found in the path
            capture_output=True, text=True, timeout=SYSTEMCTL_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()


def _first_events(config: Config) -> list[PlayerEvent]:
    """Return what the music server's adapter tells first: it is lost, or connected and with what music."""
    import asyncio
    import logging

    logging.getLogger("moodspeaker.adapters.mpd").addHandler(logging.NullHandler())  # its news is our line
    return asyncio.run(_until_known(config))


async def _until_known(config: Config) -> list[PlayerEvent]:
    import asyncio

    from moodspeaker.adapters.mpd.player import MpdPlayer
    from moodspeaker.database import Database
    from moodspeaker.domain.player import MusicChanged, PlayerConnected, PlayerLost
    from moodspeaker.library.imported import LibraryImports
    from moodspeaker.library.migrations import FILE

    found: list[PlayerEvent] = []
    known = asyncio.Event()

    def hear(event: PlayerEvent) -> None:
        found.append(event)
        kinds = set(map(type, found))
        if PlayerLost in kinds or {PlayerConnected, MusicChanged} <= kinds:
            known.set()

    library = Database(config.state_folder / FILE, lambda: ())  # only read
    player = MpdPlayer(config.mpd, imported=LibraryImports(library))
    following = asyncio.create_task(player.run(hear))
    waiting = asyncio.create_task(known.wait())
    try:
        await asyncio.wait({following, waiting}, timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()
        return found
    finally:
        waiting.cancel()
        following.cancel()
        await asyncio.gather(following, waiting, return_exceptions=True)
