"""The page: one file, nothing from elsewhere, and a policy that lets nothing but its own script run."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Page:
    """The page as it is sent."""

    html: bytes
    """UTF-8."""
    policy: str
    """Its Content-Security-Policy: the hashes of its own style and script; connections to where it came from
    alone.
    """


@cache
def page() -> Page:
    """Return the page."""
    html = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hashes(html, 'style')}",
            f"script-src {_hashes(html, 'script')}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
    return Page(html.encode(), policy)


def _hashes(html: str, tag: str) -> str:
    texts = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)
