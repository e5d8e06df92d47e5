"""What the two Python programs have in common: an option, a serializer, and what they log."""

import argparse
import sys
from typing import TYPE_CHECKING

from loguru import logger
from pipecat.bus.serializers import JSONMessageSerializer
from pipecat.bus.serializers.base import MessageSerializer

if TYPE_CHECKING:
    from loguru import Message


def parser(purpose: str) -> argparse.ArgumentParser:
    """Make a parser of the command line that knows what both programs may be told."""
    options = argparse.ArgumentParser(description=purpose)
    options.add_argument(
        "--dialect",
        choices=("pipecat", "protobuf"),
        default="pipecat",
        help="what is spoken: Pipecat's own JSON (default), or Protocol Buffers",
    )
    return options


def make_serializer(dialect: str) -> MessageSerializer:
    """Make what turns messages into bytes: for Protocol Buffers that is all that changes."""
    if dialect == "protobuf":
        try:
            from crossbus import ProtobufMessageSerializer
        except ImportError as error:
            sys.exit(f"error: the dialect protobuf takes the Python package crossbus: {error}")
        return ProtobufMessageSerializer()
    return JSONMessageSerializer()


def log_warnings_only() -> None:
    """Have Pipecat log warnings and errors, in a line each: it tells of every step by default."""
    logger.remove()
    logger.add(_log_one_line, level="WARNING")


def printable(text: str) -> str:
    """Make the text of somebody else fit for a terminal, which obeys control characters."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text.replace("\n", " "))


def _log_one_line(message: "Message") -> None:
    record = message.record
    reason = "" if record["exception"] is None else f": {record['exception'].value}"
    print(f"pipecat: {record['level'].name}: {record['message']}{reason}", file=sys.stderr)
