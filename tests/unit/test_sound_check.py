"""What the doctor says of the sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from moodspeaker.adapters.sound_cards import SoundCard, sound_cards
from moodspeaker.cli.doctor.finding import Verdict
from moodspeaker.cli.doctor.sound import check_of
from moodspeaker.domain.player import UNMUTED, Output

if TYPE_CHECKING:
    from pathlib import Path

CARD = SoundCard("Headphones", "bcm2835 Headphones")
ALSA, NULL = Output("My ALSA Device", "alsa", on=True), Output("nowhere", "null", on=True)
OFF = Output("My ALSA Device", "alsa", on=False)


@pytest.mark.parametrize(
    ("outputs", "volume", "error", "found"),
    [
        ([ALSA], None, "", (Verdict.OK, "the sound goes to My ALSA Device (alsa)")),
        ([ALSA, NULL], 40, "", (Verdict.OK, "nowhere (null) at a volume of 40 %")),
        ([OFF], 40, "", (Verdict.FAULT, "mpc enable 'My ALSA Device'")),
        ([], 40, "", (Verdict.FAULT, "it has none")),
        ([NULL, OFF], 40, "", (Verdict.WARN, "which is no loudspeaker")),
        ([ALSA], 0, "", (Verdict.WARN, "MPD's volume is 0")),
        ([Output(UNMUTED, "", on=True)], 40, "", (Verdict.OK, "to Mopidy's own output at a volume of 40 %")),
        ([Output(UNMUTED, "", on=False)], 40, "", (Verdict.FAULT, "Mopidy is muted: mpc disable Mute")),
        ([ALSA], 40, "Failed to open: plug it in", (Verdict.FAULT, "MPD says: Failed to open: plug it in")),
    ],
)
def test_each_way_to_hear_nothing_is_named(
    outputs: list[Output], volume: int | None, error: str, found: tuple[Verdict, str]
) -> None:
    check = check_of(outputs, volume, error, (CARD,))
    assert (check.name, check.verdict) == ("output", found[0])
    assert found[1] in check.message


def test_a_machine_without_a_sound_card_is_named_where_one_is_wanted() -> None:
    assert check_of([ALSA], 40, "", ()).verdict is Verdict.FAULT
    assert "plug one in" in check_of([ALSA], 40, "", ()).message
    assert check_of([Output("pw", "pipewire", on=True)], 40, "", ()).verdict is Verdict.OK
    assert check_of([ALSA], 40, "", None).verdict is Verdict.OK, "MPD is on another machine"


def test_cards_are_known_by_names_that_stay(tmp_path: Path) -> None:
    file = tmp_path / "cards"
    file.write_text(
        " 0 [vc4hdmi        ]: vc4-hdmi - vc4-hdmi\n                      vc4-hdmi\n"
        " 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones\n                      bcm2835\n"
        "10 [Device         ]: USB-Audio - USB Audio Device\n                      C-Media USB Audio\n"
    )
    assert sound_cards(file) == (
        SoundCard("vc4hdmi", "vc4-hdmi"),
        CARD,
        SoundCard("Device", "USB Audio Device"),
    )
    file.write_text("--- no soundcards ---\n")
    assert sound_cards(file) == sound_cards(tmp_path / "none") == ()
