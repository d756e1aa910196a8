"""A household of which nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from moodspeaker.domain.emotion import Emotion
    from moodspeaker.domain.household import Member
    from moodspeaker.music.household_message import Told


class NoHousehold:
    """`ports.Household` of a speaker that shares nothing."""

    replica = ""

    def count(self) -> Collection[int] | None:
        return None

    def told(self, part: int, carried: Collection[str]) -> Told | None:
        return None

    def take(self, told: Told, part: int) -> bool:
        return False

    def members(self) -> Sequence[Member]:
        return ()

    def withdraw(self, replica: str) -> None:
        pass

    def published(self) -> Sequence[tuple[str, str]]:
        return ()

    def note_published(self, replica: str, *, published: bool) -> None:
        pass

    def correct(self, uri: str, mood: Emotion | None) -> int | None:
        return None

    def name_songs(self) -> bool:
        return False

    def corrections(self) -> Sequence[tuple[str, Emotion | None]]:
        return ()

    def note_corrected(self) -> None:
        pass

    def forget(self) -> None:
        pass
