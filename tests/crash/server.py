"""The whole face on a database, on a free port; run as a program, to be killed.

Run as ``python server.py DSN FOLDER``; prints the address on a line of its own.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvicorn

from nabd.config import Settings
from nabd.web.app import Application


async def main(dsn: str, folder: Path) -> None:
    """Serve until killed."""
    application = Application(Settings(home=folder), dsn)
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            return
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    await task


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
