"""The doctor, who finds what it is told to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FakeDoctor:
    """`ports.Doctor`; `refusal` is raised while it is set."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refusal: Exception | None = None

    async def examine(self, part: str) -> Sequence[Mapping[str, str]]:
        """Find one thing in each part."""
        self.asked.append(part)
        if self.refusal is not None:
            raise self.refusal
        return [{"name": part, "verdict": "ok", "message": f"{part} is well"}]
