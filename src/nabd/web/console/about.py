"""What this installation is, what it runs on, and whose data it shows."""

from __future__ import annotations

from starlette.responses import Response

from nabd.web.console.visit import Visit


async def about(visit: Visit) -> Response:
    """Show the version, the state of the database, and the sources with their licences."""
    async with visit.store.read() as connection:
        database = await connection.fetchval("show server_version")
    return visit.show("about.html", {"database": database.split()[0]})
