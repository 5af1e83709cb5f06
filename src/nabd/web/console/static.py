"""The stylesheet, the font and the sign: read once, kept by browsers for good.

The address holds the hash of all static files, so a new release has new addresses; what the
stylesheet names beside itself (the font) gets the same treatment without being rewritten.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import xxhash
from starlette.requests import Request
from starlette.responses import Response

from nabd.errors import problem

FOLDER = Path(__file__).parents[1] / "static"
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
FOR_GOOD = "public, max-age=31536000, immutable"


@cache
def files() -> dict[str, bytes]:
    """Read every static file."""
    return {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())}


@cache
def version() -> str:
    """Hash the static files together."""
    return xxhash.xxh3_64_hexdigest(b"".join(files().values()))


def static_url(name: str) -> str:
    """Return the address of a static file."""
    return f"/static/{version()}/{name}"


async def static(request: Request) -> Response:
    """Serve a static file."""
    name = request.path_params["name"]
    if name not in files():
        raise problem("N7501")
    headers = {"Cache-Control": FOR_GOOD, "X-Content-Type-Options": "nosniff"}
    return Response(files()[name], media_type=MEDIA[Path(name).suffix], headers=headers)
