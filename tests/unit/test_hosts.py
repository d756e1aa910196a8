"""Names and addresses: cleaned where one thing is meant, else refused with the cure; no secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from moodspeaker.config.hosts import MPD, MQTT, WEB, HostKey, is_loopback
from moodspeaker.config.load import load
from moodspeaker.errors import ConfigError


@pytest.mark.parametrize(
    ("key", "text", "meant"),
    [
        (MQTT, " broker ", "broker"),
        (MQTT, "broker\r", "broker"),
        (MQTT, "mqtt://broker", "broker"),
        (MQTT, "MQTT://broker/", "broker"),
        (MQTT, "tcp://192.168.1.2", "192.168.1.2"),
        (MQTT, "[::1]", "::1"),
        (MQTT, "mqtt://[fe80::1%eth0]", "fe80::1%eth0"),
        (MQTT, "my_broker.local", "my_broker.local"),
        (MQTT, "küche.local", "küche.local"),
        (MQTT, "  ", ""),
        (WEB, "http://0.0.0.0/", "0.0.0.0"),
        (MPD, "@mpd", "@mpd"),
        (MQTT, "/run/mosquitto.sock", "/run/mosquitto.sock"),
        (MPD, " /run/mpd/socket ", "/run/mpd/socket"),
        (MPD, "~/.mpd/socket", str(Path.home() / ".mpd/socket")),
        (MPD, "auto", "auto"),
    ],
)
def test_what_can_only_mean_one_thing_is_cleaned(key: HostKey, text: str, meant: str) -> None:
    assert key.clean(text) == meant


@pytest.mark.parametrize(
    ("key", "text", "cure"),
    [
        (MQTT, "broker:1884", "write mqtt.host = 'broker' and mqtt.port = 1884"),
        (MPD, "[::1]:6600", "write mpd.host = '::1' and mpd.port = 6600"),
        (MPD, "mpd://box:6601/", "write mpd.host = 'box' and mpd.port = 6601"),
        (WEB, "0.0.0.0:8311", "write web.host = '0.0.0.0' and web.port = 8311"),
        (MQTT, "mqtts://broker", "alone, and name the certificate in mqtt.ca_file"),
        (MQTT, "http://broker", "write the name or address alone"),
        (MQTT, "broker,other", "write one of them, and nothing else"),
        (MQTT, "my broker", "write one of them, and nothing else"),
        (MQTT, "broker/path", "write one of them, and nothing else"),
        (WEB, "/run/web.sock", "write one of them, and nothing else"),
        (MQTT, "wss://broker/mqtt", "mqtt.transport"),
        (MQTT, "[broker", "write one of them, and nothing else"),
        (MQTT, "1:2:3", "write one of them, and nothing else"),
        (MQTT, "mqtt://", "write one of them, and nothing else"),
        (MPD, "~nobodyhere/socket", "write the whole path"),
    ],
)
def test_what_is_not_sure_is_refused_with_the_cure(key: HostKey, text: str, cure: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        key.clean(text)
    assert cure in str(caught.value)


@pytest.mark.parametrize(
    "word",
    [
        "mqtt.host=mqtt://user:secret@host:1883",
        "mqtt.host=user:secret@host",
        "mqtt.host=mqtt://user:sec/ret@host/",
        "mpd.host=secret@box",
        "mpd.host=secret@@abstract",
        "web.host=http://:secret@0.0.0.0",
        "mqtt=mqtt://user:secret@host",
        "mqtt.port=mqtt://user:secret@host",
        "mqtt://user:secret@host",
        "mqtt.mqtt://user:secret@host=1",
    ],
)
def test_a_secret_in_a_host_is_refused_and_never_repeated(word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, [word], {"HOME": "/nowhere"})
    assert "secret" not in str(caught.value)
    assert "sec/ret" not in str(caught.value)


def test_where_a_secret_belongs_is_said() -> None:
    with pytest.raises(ConfigError, match=r"user into mqtt\.username, the password into mqtt\.password_file"):
        load(None, ["mqtt.host=mqtt://user:secret@host:1883"], {"HOME": "/nowhere"})


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.168.1.2", "raspberrypi"])
def test_other_machines_are_known(host: str) -> None:
    assert not is_loopback(host)
