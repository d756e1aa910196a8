"""What each command takes as a JSON schema: as `commands` reads it, letter case and blanks aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from moodspeaker.domain.aim import Aim
from moodspeaker.domain.commands import LONGEST_DWELL, LONGEST_HOLD, LONGEST_NAME, OFF, ON, SURENESS
from moodspeaker.domain.emotion import EMOTIONS
from moodspeaker.domain.evidence import GREATEST_WEIGHT, LONGEST, LONGEST_SOURCE, NEEDED
from moodspeaker.domain.plain_name import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema: TypeAlias = "Mapping[str, Any]"
"""A JSON schema."""
_LEAST, _MOST = SURENESS
_PRESSED: Final = (*sorted(ON), True, 1, None)
_RELEASED: Final = (*sorted(OFF), False, 0)
_PRESS: Final = {"enum": [*_PRESSED]}
_SWITCH: Final = {"enum": [*_PRESSED, *_RELEASED]}
_MINUTES: Final = {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_HOLD}
_PERCENT: Final = {"type": ["number", "string"], "minimum": 0, "maximum": 100, "pattern": r"^(\d{1,2}|100)$"}
_POLE: Final = {"type": ["number", "null"], "minimum": -1, "maximum": 1}


def _name(longest: int) -> Schema:
    """Return the schema of a name."""
    return {"type": "string", "pattern": pattern(longest)}


def _of_song(*words: str) -> Schema:
    """Return the schema of one of these words on a song."""
    return {
        "type": "object",
        "properties": {"uri": {"type": "string", "pattern": r"\S"}, "mood": {"enum": [*words]}},
        "required": ["uri"],
        "additionalProperties": False,
    }


def _verdict(*words: str) -> Schema:
    """Return the schema of a verdict, on or one of these words: on the song that plays, or on another."""
    return {"anyOf": [{"enum": [*_PRESSED, *words]}, _of_song(*sorted(ON), *words)]}


_EVIDENCE: Final = {
    "type": "object",
    "properties": {
        "source": _name(LONGEST_SOURCE),
        "weight": {"type": "number", "minimum": 0, "maximum": GREATEST_WEIGHT},
        "seconds": {"type": "number", "minimum": 0.001, "maximum": LONGEST},
        "valence": _POLE,
        "arousal": _POLE,
        "emotion": {"enum": [*EMOTIONS, None]},
    },
    "required": sorted(NEEDED),
    "anyOf": [
        {"required": [one], "properties": {one: {"type": kind}}}
        for one, kind in (("valence", "number"), ("arousal", "number"), ("emotion", "string"))
    ],
    "additionalProperties": False,
}
SCHEMAS: Final[Mapping[str, Schema]] = {
    "sensing": _SWITCH,
    "override": {"enum": ["auto", "off", "none", *EMOTIONS, None]},
    "target": {"enum": ["auto", *Aim, None]},
    "hold": {"anyOf": [_MINUTES, {"enum": ["on", "press", "true", True, None, *_RELEASED]}]},
    "resume": _PRESS,
    "play": _PRESS,
    "pause": _PRESS,
    "next": _PRESS,
    "previous": _PRESS,
    "volume": _PERCENT,
    "like": _verdict(),
    "dislike": _verdict(),
    "wrong_mood": _verdict(*EMOTIONS),
    "profile": {"anyOf": [_name(LONGEST_NAME), {"type": "null"}]},
    "song_mood": {**_of_song("auto", *EMOTIONS), "required": ["uri", "mood"]},
    "calibrate": _SWITCH,
    "evidence": _EVIDENCE,
    "dwell": {"type": "number", "minimum": 0, "maximum": LONGEST_DWELL},
    "minimum_confidence": {
        "type": "number",
        "exclusiveMinimum": SURENESS[0],
        "exclusiveMaximum": SURENESS[1],
    },
    "hold_length": _MINUTES,
    "restart": _PRESS,
}
"""By the command's name."""
