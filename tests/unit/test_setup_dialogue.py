"""What `moodspeaker setup` asks, and what it writes."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

import pytest

from moodspeaker.cli.setup import page, sound
from moodspeaker.cli.setup import places as files
from moodspeaker.cli.setup.places import MARK, Places
from moodspeaker.cli.setup.questions import Questions
from moodspeaker.config.load import load

if TYPE_CHECKING:
    from pathlib import Path

CARDS = (
    " 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi\n                      vc4-hdmi\n"
    " 1 [Device         ]: USB-Audio - USB Audio Device\n                      C-Media USB Audio\n"
)


class Person:
    """Answers in turn, and hears what is said."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.heard: list[str] = []
        self.questions = Questions(self.answer, self.heard.append)

    def answer(self, question: str) -> str:
        """Return the next answer; after the last one the line is closed."""
        self.heard.append(question)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A machine with two sound cards."""
    cards = tmp_path / "cards"
    cards.write_text(CARDS)
    return Places(tmp_path / "etc" / "config.toml", tmp_path / "asound.conf", cards)


@pytest.mark.parametrize(
    ("given", "taken"),
    [(["y"], "yes"), (["  LOUD "], "louder"), ([""], "yes"), (["what?", "no"], "no")],
)
def test_an_answer_is_one_that_is_offered(given: list[str], taken: str) -> None:
    person = Person(*given)
    assert person.questions.choose("Heard?", ("yes", "louder", "no")) == taken
    assert person.heard[0] == "Heard? [YES/louder/no] "


def test_the_card_that_is_chosen_is_alsas_default_by_a_name_that_stays(places: Places) -> None:
    person = Person("2")
    sound.choose_card(person.questions, places)
    text = places.alsa.read_text()
    assert 'defaults.pcm.card "Device"' in text
    assert 'defaults.ctl.card "Device"' in text
    sound.choose_card(Person("1").questions, places)
    assert 'defaults.pcm.card "vc4hdmi"' in places.alsa.read_text(), "it may be run again"


def test_an_empty_answer_and_somebody_else_s_file_leave_alsa_as_it_is(places: Places) -> None:
    sound.choose_card(Person("").questions, places)
    assert not places.alsa.exists()
    places.alsa.write_text("pcm.!default null\n")
    person = Person("2")
    sound.choose_card(person.questions, places)
    assert places.alsa.read_text() == "pcm.!default null\n"
    assert "stays as it is: name Device there" in person.heard[-1]


def test_one_card_is_no_question(places: Places) -> None:
    places.cards.write_text(CARDS[: len(CARDS) // 2])
    person = Person()
    sound.choose_card(person.questions, places)
    assert person.heard == ["Sound card: vc4-hdmi (vc4hdmi), the only one."]


def test_phones_are_let_in_by_settings_that_the_speaker_reads_and_a_token_that_others_do_not(
    places: Places,
) -> None:
    old = os.umask(0o077)
    try:
        assert page.open_for_phones(Person().questions, places)
        token = places.settings.parent / page.TOKEN
        secret = token.read_text()
        assert page.open_for_phones(Person().questions, places)
    finally:
        os.umask(old)
    assert token.read_text() == secret, "a second run leaves those who are in, in"
    assert len(secret.strip()) == 32
    assert token.stat().st_mode & 0o777 == 0o640
    written = places.settings.parent / "conf.d" / page.SETTINGS
    assert written.stat().st_mode & 0o777 == 0o644
    assert tomllib.loads(written.read_text()) == {"web": {"host": "0.0.0.0", "token_file": str(token)}}
    assert written.read_text().startswith(MARK)
    config = load(places.settings, environment={"HOME": "/nowhere"})
    assert (config.web.host, config.web.token_file) == ("0.0.0.0", str(token))


def test_settings_of_somebody_else_stay(places: Places) -> None:
    theirs = places.settings.parent / "conf.d" / page.SETTINGS
    theirs.parent.mkdir(parents=True)
    theirs.write_text("[web]\nport = 9000\n")
    person = Person()
    assert not page.open_for_phones(person.questions, places)
    assert theirs.read_text() == "[web]\nport = 9000\n"
    assert "stays as it is" in person.heard[-1]


@pytest.mark.parametrize(
    ("booted", "active", "restarted"), [(True, 0, True), (True, 3, False), (False, 0, False)]
)
def test_a_service_is_started_again_where_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, booted: bool, active: int, restarted: bool
) -> None:
    said = tmp_path / "said"
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f'#!/bin/sh\necho "$@" >> {said}\n[ "$1" = restart ] || exit {active}\n')
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(files, "BOOTED", tmp_path if booted else tmp_path / "chroot")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert files.restart("mpd") is restarted
    asked = said.read_text().splitlines() if said.exists() else []
    assert asked[1:] == ["restart --quiet mpd.service"] * restarted
