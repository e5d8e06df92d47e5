"""Where the package writes what a user should know: to Pipecat's log."""

from __future__ import annotations

import logging
from collections.abc import Callable

warn: Callable[[str], None]
"""Writes a warning."""

error: Callable[[str], None]
"""Writes an error."""

try:
    from loguru import logger
except ImportError:
    _logger = logging.getLogger("crossbus")
    warn, error = _logger.warning, _logger.error
else:

    def warn(message: str) -> None:
        """Write a warning."""
        logger.opt(depth=1).warning("{}", message)

    def error(message: str) -> None:
        """Write an error."""
        logger.opt(depth=1).error("{}", message)
