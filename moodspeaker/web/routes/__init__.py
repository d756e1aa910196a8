"""Every route of the API, one module a resource: handlers translate and call, nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moodspeaker.web.routes import (
    camera,
    command,
    config,
    day,
    events,
    health,
    imports,
    listen,
    machines,
    moods,
    page,
    playlists,
    preview,
    records,
    scan,
    session,
    settings,
    setup,
    songs,
    status,
    why,
)

if TYPE_CHECKING:
    from moodspeaker.web.route import Route

ROUTES: Final[tuple[Route, ...]] = (
    *status.ROUTES,
    *events.ROUTES,
    *camera.ROUTES,
    *preview.ROUTES,
    *moods.ROUTES,
    *playlists.ROUTES,
    *songs.ROUTES,
    *scan.ROUTES,
    *imports.ROUTES,
    *why.ROUTES,
    *day.ROUTES,
    *records.ROUTES,
    *config.ROUTES,
    *settings.ROUTES,
    *command.ROUTES,
    *session.ROUTES,
    *listen.ROUTES,
    *setup.ROUTES,
    *health.ROUTES,
    *machines.ROUTES,
    *page.ROUTES,
)
"""In the order of the documentation."""
