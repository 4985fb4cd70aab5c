"""Structured logs: one JSON line an event. No message text, no token, no personal data: only ids, counts and names of faults."""

import logging

import structlog

_KEPT = {"event", "level", "timestamp", "inbox", "conversation", "part", "reason", "attempt", "status", "method", "route", "ms", "channel", "port",
         "count", "error_id", "exc_info", "exception", "seconds"}


def _only_known(_logger: object, _name: str, event: dict) -> dict:
    """Drops every field that is not on the list, so that a careless call cannot leak."""
    return {name: value for name, value in event.items() if name in _KEPT}


def configure(level: str) -> None:
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), _only_known,
                    structlog.processors.JSONRenderer(ensure_ascii=True)],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(), cache_logger_on_first_use=True)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s")      # libraries: their name alone, their text may hold a message
    for name in ("httpx", "httpcore", "telegram", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.ERROR)
