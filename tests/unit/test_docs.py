"""The documentation: generated references are current, links lead somewhere, commands and settings exist."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pydantic
import pytest
from packaging.version import Version

from moodspeaker.cli import COMMANDS
from moodspeaker.config.explain import known_keys

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
REFERENCE = ROOT / "docs" / "reference"
KEYS = {key for section in known_keys(()) for key in known_keys((section,))}


def of_page(pattern: str, but: str = "") -> list[object]:
    """Return what a pattern finds in each page but the changelog and another, with the page."""
    return [
        pytest.param(page, found, id=f"{page.relative_to(ROOT)}: {found}")
        for page in PAGES
        if page.name not in {"CHANGELOG.md", but}
        for found in sorted(set(re.findall(pattern, page.read_text(encoding="utf-8"))))
    ]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


OLD_PYDANTIC = pytest.mark.skipif(
    Version(pydantic.VERSION) < Version("2.13"),
    reason="before 2.13 pydantic gives no docstrings of dataclasses",
)


@pytest.mark.parametrize("name", ["configuration.md", "mqtt.md", pytest.param("http.md", marks=OLD_PYDANTIC)])
def test_a_reference_is_current(name: str) -> None:
    made = runpy.run_path(str(REFERENCE / "make_reference.py"))["pages"]()
    assert made[name] == (REFERENCE / name).read_text(encoding="utf-8"), "run: make docs"


@pytest.mark.parametrize(("page", "link"), of_page(r"\]\(([^)\s]+)\)"))
def test_a_link_leads_somewhere(page: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    if "://" in path:
        return
    target = (page.parent / path).resolve() if path else page
    assert target.exists()
    if anchor:
        assert anchor in anchors(target)


@pytest.mark.parametrize(("page", "command"), of_page(r"(?m)(?:^ {4}|`)(?:sudo )?moodspeaker ([a-z]\w*)"))
def test_a_command_that_is_named_exists(page: Path, command: str) -> None:
    assert command in COMMANDS


SETTING = rf"`((?:{'|'.join(known_keys(()))})\.[a-z_]+)(?: = [^`]*)?`"


@pytest.mark.parametrize(("page", "key"), of_page(SETTING, but="ARCHITECTURE.md"))
def test_a_setting_that_is_named_exists(page: Path, key: str) -> None:
    assert key in KEYS


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs") for page in PAGES if page.is_relative_to(ROOT / "docs")]
    assert [str(page) for page in pages if page.name != "README.md" and f"({page})" not in contents] == []
