"""Keep one embedded PostgreSQL alive exactly as long as somebody uses it.

Run as a script, outside the process group of the terminal, with the standard library only::

    watch.py USERS_FILE USER GROUP LOG postgres ARGUMENT…

Every process that uses the server holds a shared lock on ``USERS_FILE``; the kernel drops it
however the process ends, ``kill -9`` included.  This script waits for the exclusive lock: it has
it when the last user has gone, and then stops the server.  So there is never an orphan.
"""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType


def watch(users: Path, owner: tuple[int, int] | None, log: Path, command: list[str]) -> int:
    """Start ``command``, stop it when ``users`` has no holder left; return its exit status."""
    user, group = owner or (None, None)
    with log.open("ab") as out:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            user=user,
            group=group,
            extra_groups=[] if owner else None,
            start_new_session=True,
        )

    def ended(_signal: int, _frame: FrameType | None) -> None:
        if server.poll() is not None:
            sys.exit(1)

    # A server that ends by itself (it cannot start, or it was killed) ends this script, too.
    signal.signal(signal.SIGCHLD, ended)
    if server.poll() is not None:  # it may have ended before anybody listened
        return 1
    with users.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        server.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
        return server.wait()


if __name__ == "__main__":
    _, _users, _user, _group, _log, *_command = sys.argv
    _owner = (int(_user), int(_group)) if _user != "-" else None
    sys.exit(watch(Path(_users), _owner, Path(_log), _command))
