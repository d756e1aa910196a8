"""The page behind nginx and Caddy, below a path and over TLS, with the lines of docs/page.md.  Not in CI.

    apt install nginx-light caddy
    PYTHONPATH=tests .venv/bin/python tests/acceptance/reverse_proxy.py

A browser pairs by its code, is let in, sees a change within a second and gives a command; the event stream
comes as it happens; a guesser has to wait and another client does not.  It fails at the first that does not
hold.

Last tried with nginx 1.22.1 and Caddy 2.6.2.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp
from support import browser as chromium
from support.bystander import TlsMosquitto
from support.fake_daemon import FakeDaemon, settings
from support.servers import free_port, require, short_folder
from support.speaker_process import eventually
from support.web_api import ask, serve

from moodspeaker.domain.commands import Next

if TYPE_CHECKING:
    from moodspeaker.web.app import Api

DOCS: Final = Path(__file__).parents[2] / "docs" / "page.md"
TOKEN: Final = "sesame-open-the-door"
NGINX: Final = """\
daemon off;
pid {root}/nginx.pid;
error_log {root}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
{lines}
}}
"""
CADDY: Final = "{{\n    admin off\n    auto_https off\n}}\n{lines}\n"


def lines_of(name: str) -> str:
    """Return the lines for this proxy, as the documentation has them."""
    after = DOCS.read_text(encoding="utf-8").partition(f"\n{name}")[2]
    return re.search(r"\n\n((?:    .*\n|\n)+)", after)[1].replace("\n    ", "\n")  # type: ignore[index]  # it is there


def proxies(root: Path, web_port: int) -> dict[str, tuple[int, list[str]]]:
    """Write the proxies' files; return the port and the command of each."""
    made = TlsMosquitto(root / "tls")  # for its certificate
    ports = {"nginx": free_port(), "Caddy": free_port()}
    target = f"127.0.0.1:{web_port}"
    lines = lines_of("nginx").replace("443", f"127.0.0.1:{ports['nginx']}").replace("127.0.0.1:8311", target)
    lines = lines.replace("/etc/ssl/certs/home.pem", str(made.certificate))
    lines = lines.replace("/etc/ssl/private/home.key", str(made.key))
    (root / "nginx.conf").write_text(NGINX.format(root=root, lines=lines), encoding="utf-8")
    place = f"https://127.0.0.1:{ports['Caddy']}"
    lines = lines_of("Caddy").replace("127.0.0.1:8311", target)
    lines = lines.replace("home.example {", f"{place} {{\n    tls {made.certificate} {made.key}")
    (root / "Caddyfile").write_text(CADDY.format(lines=lines), encoding="utf-8")
    return {
        "nginx": (ports["nginx"], [require("nginx"), "-c", str(root / "nginx.conf"), "-p", str(root)]),
        "Caddy": (ports["Caddy"], [require("caddy"), "run", "--config", str(root / "Caddyfile")]),
    }


async def try_out(place: str, api: Api, root: Path, daemon: FakeDaemon) -> None:
    """Use the page behind a proxy at this address."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
        async with session.get(place + "api/status") as refused:
            assert refused.status == 401, refused.status
        code = (await ask(root / "api.sock", "POST", "/api/pair", json={}))[1]["code"]
        async with chromium.browser(place) as page:
            await page.until("live", "locked", within=20)
            await page.do(f"document.getElementById('code').value = '{code}'")
            await page.do("document.getElementById('code-form').requestSubmit()")
            await page.until("mood", "Happy")
            daemon.change(mood="sad")
            await page.until("mood", "Sad", within=1)
            daemon.given.clear()
            await page.click("next")
            await asyncio.sleep(1)
            assert daemon.given == [Next()], daemon.given
            assert await page.do(
                "performance.getEntriesByType('resource').every((one) => one.name.startsWith('"
                + place
                + "'))"
            )
            said = [one for one in await page.console() if "401" not in one]  # it was locked at first
            assert said == [], said
        daemon.change(mood="happy")
        for _ in range(12):
            async with session.post(place + "api/session", json={"token": "wrong"}) as last:
                pass
        assert last.status == 429, last.status
        headers = {"X-Forwarded-For": "203.0.113.9", "Content-Type": "application/json"}
        status, _ = await ask(api.address, "POST", "/api/session", data='{"token": "wrong"}', headers=headers)
        assert status == 401, status
        context = ssl.create_default_context(cafile=root / "tls" / "certificate.pem")
        async with session.get(place + "healthz", ssl=context) as well:
            assert well.status == 200, well.status


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0


def main() -> int:
    """Try both; return 0 where all holds."""
    chromium.FLAGS += ("--ignore-certificate-errors",)  # type: ignore[misc]  # of this trial alone
    with short_folder() as root:
        (root / "token").write_text(TOKEN, encoding="utf-8")
        config = settings(root, port=free_port(), token_file=str(root / "token"))
        for name, (port, command) in proxies(root, config.web.port).items():

            async def story(api: Api, daemon: FakeDaemon, port: int = port) -> None:
                await try_out(f"https://127.0.0.1:{port}/mood/", api, root, daemon)

            running = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={"HOME": str(root)})
            try:
                eventually(lambda port=port: listens(port), 20, f"{name} listens")
                serve(config, story)
            finally:
                running.terminate()
                running.wait()
            print(f"{name}: all holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
