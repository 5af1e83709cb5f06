"""What happens, as JSON lines that hold no patient's data, and spans for OpenTelemetry.

An event is a name and a few values that are chosen where it is logged: shapes of routes, counts,
times, numbers of accounts.  The text of an exception is never logged, because a database or a
parser quotes values in it; its type and the places it came through are.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
from opentelemetry import trace

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request under way; part of every line that it causes."""

_LOGGER = logging.getLogger("nabd")
_TRACER = trace.get_tracer("nabd")
_NO_SPAN = nullcontext(trace.INVALID_SPAN)
_ENCODER = msgspec.json.Encoder(enc_hook=str)


def configure(level: str = "info", form: str = "json") -> None:
    """Send events to standard error; ``form`` is "json" or "text"."""
    handler = _ToStandardError()
    handler.setFormatter(_JsonLines() if form == "json" else _Text())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(level.upper())
    _LOGGER.propagate = False


def event(name: str, level: int = logging.INFO, **values: Any) -> None:
    """Log one event; ``values`` must not come from a record or a person."""
    if _LOGGER.isEnabledFor(level):
        _LOGGER.log(level, name, extra={"values": values})


def fault(error: BaseException, **values: Any) -> str:
    """Log an unexpected exception without its text; return the number to be told to people."""
    number = uuid4().hex[:12]
    event(
        "fault",
        logging.ERROR,
        fault=number,
        error=type(error).__qualname__,
        places=_places(error),
        **values,
    )
    return number


def span(name: str, **attributes: Any) -> AbstractContextManager[trace.Span]:
    """Open a span of OpenTelemetry; nothing happens where no SDK is installed.

    https://opentelemetry.io/docs/specs/otel/trace/api/
    """
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return _NO_SPAN  # no SDK: even an empty span costs more than a read by id
    return _TRACER.start_as_current_span(name, attributes=attributes, record_exception=False)


def _places(error: BaseException) -> list[str]:
    """List the frames as file:line function, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in frames[-12:]]


def _short(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-3:])


def _values(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = getattr(record, "values", {})
    request = REQUEST.get()
    return {"request": request, **found} if request else found


class _ToStandardError(logging.Handler):
    """Writes to what standard error is now: a process may redirect it."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "event": record.getMessage()}
        return _ENCODER.encode(line | _values(record)).decode()


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        rest = " ".join(f"{key}={value}" for key, value in _values(record).items())
        return f"{at} {record.levelname.lower():7} {record.getMessage()} {rest}".rstrip()
