"""The dialogue's first half: which sound card, is the chime heard, how loud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.adapters.sound_cards import sound_cards
from moodspeaker.cli.setup import places as files
from moodspeaker.cli.setup.music import AskedMusic
from moodspeaker.errors import MoodspeakerError

if TYPE_CHECKING:
    from moodspeaker.adapters.sound_cards import SoundCard
    from moodspeaker.cli.setup.places import Places
    from moodspeaker.cli.setup.questions import Questions
    from moodspeaker.config.schema import Config

LOW: Final = 30
"""Percent of the volume with which the chime is played first, at most."""
STEP: Final = 10
"""Percent by which it gets louder or quieter."""
ALSA: Final = f"""\
{files.MARK}
# The sound card that is taken where a program names none.
defaults.pcm.card "{{card}}"
defaults.ctl.card "{{card}}"
"""


def dialogue(config: Config, questions: Questions, places: Places) -> bool:
    """Choose the card, play the chime and set the volume; return whether it was heard."""
    if not config.mpd.host:
        questions.say("Sound: there is no music server (mpd.host is empty), so there is nothing to hear.")
        return True
    music = AskedMusic(config)
    if choose_card(questions, places):
        music.wait()
    return _until_heard(music, questions)


def choose_card(questions: Questions, places: Places) -> bool:
    """Let ALSA's default be the card that the person chooses, where there are several.

    Return whether MPD was started again for it.
    """
    cards = sound_cards(places.cards)
    if len(cards) < 2:  # noqa: PLR2004 - two are a choice
        only = f"{cards[0].name} ({cards[0].identity}), the only one" if cards else "the kernel knows none"
        questions.say(f"Sound card: {only}.")
        return False
    questions.say("Sound cards:")
    for number, card in enumerate(cards, 1):
        questions.say(f"  {number}  {card.name} ({card.identity})")
    numbers = [str(number) for number in range(1, len(cards) + 1)]
    answer = questions.choose("Which one has the loudspeaker? keep: as it is", ("keep", *numbers))
    return answer != "keep" and _take(cards[int(answer) - 1], questions, places)


def _take(card: SoundCard, questions: Questions, places: Places) -> bool:
    text = ALSA.format(card=card.identity)
    if not files.is_ours(places.alsa):
        questions.say(f"{places.alsa} is somebody else's, so it stays as it is: name {card.identity} there.")
        return False
    try:
        files.write(places.alsa, text)
    except OSError as error:
        questions.say(f"{places.alsa}: {error.strerror}: run it with sudo to choose the card.")
        return False
    restarted = files.restart("mpd")
    done = "MPD is started again" if restarted else "start MPD again: sudo systemctl restart mpd"
    questions.say(f"{card.name} is ALSA's default now ({places.alsa}); {done}.")
    return restarted


def _until_heard(music: AskedMusic, questions: Questions) -> bool:
    """Play the chime, louder or quieter, until it is heard; return whether it was."""
    try:
        before = music.volume()
        if before is None or before <= LOW:
            return _tried(music, questions, before) is not None
        settled = None
        try:
            music.set_volume(LOW)
            heard_at = settled = _tried(music, questions, LOW)
            if heard_at == LOW:
                question = f"It was {before} % before: shall it be that again?"
                settled = before if questions.choose(question, ("no", "yes")) == "yes" else LOW
        finally:
            if settled in {None, before}:  # nobody chose another one
                music.set_volume(before)
    except MoodspeakerError as error:
        questions.say(f"No chime: {error}")
        return False
    return heard_at is not None


def _tried(music: AskedMusic, questions: Questions, volume: int | None) -> int | None:
    """Play the chime, louder or quieter, until it is heard; return the volume then, None where it was not.

    Where there is no volume (None), what is heard is at 100 %.
    """
    while True:
        level = "" if volume is None else f" at a volume of {volume} %"
        questions.say(f"\nTwo notes now{level} …")
        where = music.chime()
        question = f"They went to {where}. Did you hear them?"
        choices = ("yes", "no") if volume is None else ("yes", "louder", "quieter", "no")
        match questions.choose(question, choices):
            case "yes":
                return 100 if volume is None else volume
            case "no":
                _help(music, questions)
                return None
            case wish:
                step = STEP if wish == "louder" else -STEP
                volume = max(0, min(100, (volume or 0) + step))
                music.set_volume(volume)


def _help(music: AskedMusic, questions: Questions) -> None:
    """Say what may keep it from being heard."""
    questions.say("Look at the loudspeaker's plug, its switch and its own volume, and at this:")
    check = music.check()
    questions.say(f"  {check.message}")
    questions.say("Then run setup again, and choose another card where there are several.")
