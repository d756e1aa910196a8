"""What the start would refuse or leave out, though each setting alone is good.

`config check`, `doctor`, a reload and the start itself ask the same functions, so that none of them calls
good what another refuses.  They answer for the user that runs the speaker, whoever asks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from moodspeaker.config.certificate import checked_context, expiry
from moodspeaker.config.explain import known_keys
from moodspeaker.config.hosts import is_loopback, no_port_of_mpd
from moodspeaker.config.rights import myself, obstacle, service_credentials, user_of
from moodspeaker.config.secrets import NAMED, empty_file, secret
from moodspeaker.config.sources import ENVIRONMENT_PREFIX
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.config.rights import Reader
    from moodspeaker.config.schema import Config, WebSettings


def web_token(settings: WebSettings) -> str:
    """Return the page's token, or nothing where only this machine is served.

    Raises ConfigError where the token cannot be read, where its file is empty, or where others could come in
    without one.
    """
    token = secret(settings.token_file, "web-token").strip()
    if not token and (file := empty_file(settings.token_file, "web-token")):
        named = "web.token_file" if settings.token_file else "the credential web-token"
        raise ConfigError([f"{named} = {file!r}: the file is empty: write the token into it, or name none"])
    if not token and not is_loopback(settings.host):
        cure = "name a file with a token in web.token_file"
        raise ConfigError([f"web.host = {settings.host!r} is open to others: {cure}"])
    return token


def refusals(config: Config) -> Iterator[str]:
    """Yield what a start with these settings would refuse or leave out, each with its cure."""
    reader = user_of(config.runtime_folder)
    if config.camera.source == "browser" and not config.camera.browser:
        yield 'camera.source = "browser" takes no pictures: set camera.browser = true, or another source'
    if config.web.port:
        yield from _page(config.web, reader)
        yield from _certificate(config.web, reader)
    if config.mpd.host:
        yield from _secret_file("mpd.password_file", config.mpd.password_file, reader)
    if config.mqtt.host:
        yield from _secret_file("mqtt.password_file", config.mqtt.password_file, reader)
        for key in ("ca_file", "cert_file", "key_file"):
            yield from _file(f"mqtt.{key}", getattr(config.mqtt, key), reader, "name a file in PEM")
    yield from _file("models.path", config.models.path, reader, "name the folder with face/ and emotion/")


def _page(settings: WebSettings, reader: Reader) -> Iterator[str]:
    """Yield why there would be no page."""
    if refused := list(_secret_file("web.token_file", settings.token_file, reader)):
        yield from refused
    elif settings.token_file and obstacle(settings.token_file, myself(), private=True):
        return  # the speaker's user may read it, and whoever asks may not
    elif settings.token_file or not (reader.service and "web-token" in service_credentials()):
        try:
            web_token(settings)
        except ConfigError as error:
            yield from error.reasons


def cautions(config: Config, now: float) -> Iterator[str]:
    """Yield what a start takes and nobody will be glad of, each with its cure; `now` is the wall clock."""
    if stray := no_port_of_mpd(config.mpd.host, config.mpd.port, os.environ):
        yield stray
    yield from _nearly_settings()
    for key, host, path in (
        ("mpd.password_file", config.mpd.host, config.mpd.password_file),
        ("mqtt.password_file", config.mqtt.host, config.mqtt.password_file),
    ):
        if host and path and _is_empty(path):
            yield f"{key} = {path!r}: the file is empty: write the password into it, or name none"
    settings = config.web
    if settings.port and settings.cert_file and not obstacle(settings.cert_file, myself()):
        try:
            ended = expiry(settings.cert_file) <= now
        except ConfigError:
            return  # one of the refusals
        if ended:
            yield f"web.cert_file = {settings.cert_file!r}: the certificate has expired: renew it"


def _is_empty(path: str) -> bool:
    """Tell whether a file that should hold a secret is empty; one that cannot be read is a refusal."""
    try:
        return not obstacle(path, myself(), private=True) and bool(empty_file(path, ""))
    except ConfigError:
        return False


def _nearly_settings() -> Iterator[str]:
    """Yield the variables that are meant as settings and miss an underscore."""
    settings = {key.replace(".", "_"): key for part in known_keys(()) for key in known_keys((part,))}
    for name in sorted(os.environ):
        if name.startswith(ENVIRONMENT_PREFIX) and "__" not in name:
            meant = settings.get(name.removeprefix(ENVIRONMENT_PREFIX).lower(), "")
            if meant:
                right = ENVIRONMENT_PREFIX + meant.upper().replace(".", "__")
                yield f"{name} is no setting: write {right} for {meant}"


def _certificate(settings: WebSettings, reader: Reader) -> Iterator[str]:
    """Yield why there would be no page over TLS."""
    files = (settings.cert_file, settings.key_file)
    if not any(files):
        return
    refused = [
        *_file("web.cert_file", settings.cert_file, reader, "name a certificate (PEM)"),
        *_file("web.key_file", settings.key_file, reader, "name its key (PEM)"),
    ]
    if refused:
        yield from refused
    elif not any(file and obstacle(file, myself(), private=True) for file in files):
        try:
            checked_context(*files)
        except ConfigError as error:
            yield from error.reasons


def _secret_file(key: str, path: str, reader: Reader) -> Iterator[str]:
    """Yield what is wrong with a file that holds a secret."""
    refused = obstacle(path, reader, private=True) if path else ""
    if refused:
        yield f"{key} = {path!r}: {refused}"
    elif path and not obstacle(path, myself(), private=True):
        try:
            secret(path, "")
        except ConfigError as error:
            yield f"{key} = {str(error).removeprefix(NAMED)}"


def _file(key: str, path: str, reader: Reader, cure: str) -> Iterator[str]:
    if not path:
        return
    if refused := obstacle(path, reader):
        yield f"{key} = {path!r}: {refused}"
    elif not os.path.exists(path) and not obstacle(path, myself()):
        yield f"{key} = {path!r}: there is no such file: {cure}"
