"""What is logged: one line of JSON for each thing worth knowing, with ids and kinds and never a person's words."""

from __future__ import annotations

import logging
import sys

import structlog


def keep_logs() -> None:
    """Log to standard error from here on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
