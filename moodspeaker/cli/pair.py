"""`moodspeaker pair`: let a phone or another browser open the page."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

SUMMARY: Final = "let a phone open the page: its address, a QR code and a six-digit code"


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = (
        "Point the phone's camera at the QR code, or open the address there and type the code.  One of both\n"
        "is good once, for five minutes.  Wrong guesses burn a code, but not the QR code's link.  For a\n"
        "page that other machines can open, set web.host to 0.0.0.0 and name a file with a token in\n"
        "web.token_file."
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON")


def run(arguments: Namespace) -> int:
    """Ask the running speaker for a code and print how to use it; return 0."""
    from moodspeaker.cli.client import find, post

    told = post(find(arguments), "/api/pair", "{}")
    print(json.dumps(told) if arguments.json else text_of(told))
    return 0


def text_of(told: Mapping[str, Any]) -> str:
    """Return what a person reads; `told` is the speaker's answer."""
    from moodspeaker.cli.status import shows

    code, addresses = told["code"], told["addresses"]
    if code is None:
        return (
            f"Open {addresses[0]} on this machine: no code is wanted.\n"
            'For phones, set web.host = "0.0.0.0" and name a file with a token in web.token_file.'
        )
    link = told["links"][0]
    picture = qr_code(link) if shows("\u2580\u2588") else f"  link  {link}\n"
    others = "".join(f"  or    {address}\n" for address in addresses[1:])
    return (
        f"{picture}  open  {addresses[0]}\n{others}  code  {code[:3]} {code[3:]}"
        f"   (once, within {told['seconds'] / 60:g} minutes)"
    )


def qr_code(address: str) -> str:
    """Return a QR code for a terminal: half blocks, dark on light whatever the terminal's colours."""
    import segno

    drawn = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out=drawn, compact=True)
    return drawn.getvalue()
