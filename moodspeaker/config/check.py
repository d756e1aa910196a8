"""What the start would refuse or leave out, though each setting alone is good.

`config check`, `doctor`, a reload and the start itself ask the same functions, so that none of them calls
good what another refuses.  They answer for the user that runs the speaker, whoever asks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from moodspeaker.config.hosts import is_loopback
from moodspeaker.config.rights import myself, obstacle, service_credentials, user_of
from moodspeaker.config.secrets import NAMED, secret
from moodspeaker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moodspeaker.config.rights import Reader
    from moodspeaker.config.schema import Config, WebSettings


def web_token(settings: WebSettings) -> str:
    """Return the page's token, or nothing where only this machine is served.

    Raises ConfigError where the token cannot be read, or others could come in without one.
    """
    token = secret(settings.token_file, "web-token").strip()
    if not token and not is_loopback(settings.host):
        raise ConfigError([_without_token(settings)])
    return token


def _without_token(settings: WebSettings) -> str:
    return f"web.host = {settings.host!r} is open to others: name a file with a token in web.token_file"


def refusals(config: Config) -> Iterator[str]:
    """Yield what a start with these settings would refuse or leave out, each with its cure."""
    reader = user_of(config.runtime_folder)
    if config.web.port:
        if config.web.token_file:
            yield from _secret_file("web.token_file", config.web.token_file, reader)
        elif not is_loopback(config.web.host) and not _has_credential("web-token", reader):
            yield _without_token(config.web)
    if config.mpd.host and config.mpd.password_file:
        yield from _secret_file("mpd.password_file", config.mpd.password_file, reader)
    if config.mqtt.host and config.mqtt.password_file:
        yield from _secret_file("mqtt.password_file", config.mqtt.password_file, reader)
    if config.mqtt.host and config.mqtt.ca_file:
        yield from _file("mqtt.ca_file", config.mqtt.ca_file, reader, "name a certificate (PEM)")
    if config.models.path:
        yield from _file("models.path", config.models.path, reader, "name the folder with face/ and emotion/")


def _has_credential(name: str, reader: Reader) -> bool:
    """Tell whether the speaker is given a secret by systemd: by its own environment, else by its unit."""
    return (reader.service and name in service_credentials()) or bool(secret("", name))


def _secret_file(key: str, path: str, reader: Reader) -> Iterator[str]:
    """Yield what is wrong with a file that holds a secret."""
    refused = obstacle(path, reader, private=True)
    if refused:
        yield f"{key} = {path!r}: {refused}"
    elif reader.uid == os.geteuid() or not obstacle(path, myself(), private=True):
        try:
            secret(path, "")
        except ConfigError as error:
            yield f"{key} = {str(error).removeprefix(NAMED)}"


def _file(key: str, path: str, reader: Reader, cure: str) -> Iterator[str]:
    if refused := obstacle(path, reader):
        yield f"{key} = {path!r}: {refused}"
    elif not os.path.exists(path) and not obstacle(path, myself()):
        yield f"{key} = {path!r}: there is no such file: {cure}"
