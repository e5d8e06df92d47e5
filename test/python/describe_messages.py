"""Tells what the real serializer of pipecat-ai makes of messages.

Reads a JSON array of messages, each in base64, from standard input, and writes a JSON array: for each message null, if
the serializer fails or finds none, or what a receiver goes by.
"""

import base64
import json
import sys
from typing import Any

from loguru import logger
from pipecat.bus.serializers.json import JSONMessageSerializer


def class_name(value: Any) -> str:
    """Name a class as it is named on the wire."""
    return f"{type(value).__module__}.{type(value).__name__}"


def text(value: Any) -> str | None:
    """Give text and None as they are, and show that anything else is neither."""
    return value if value is None or isinstance(value, str) else f"{type(value)} {value!r}"


def describe(serializer: JSONMessageSerializer, wire: bytes) -> dict[str, Any] | None:
    """Describe what a message says to its receiver."""
    try:
        message: Any = serializer.deserialize(wire)
    except Exception:  # noqa: BLE001 - whatever a receiver would log and pass over
        return None
    if message is None:
        return None
    frame = getattr(message, "frame", None)
    return {
        "className": class_name(message),
        "source": text(getattr(message, "source", None)),
        "target": text(getattr(message, "target", None)),
        "frame": None if frame is None else class_name(frame),
        "direction": getattr(getattr(message, "direction", None), "name", None),
    }


def main() -> None:
    """Describe the messages on standard input."""
    logger.remove()
    serializer = JSONMessageSerializer()
    wires: list[str] = json.load(sys.stdin)
    print(json.dumps([describe(serializer, base64.b64decode(wire)) for wire in wires]))


if __name__ == "__main__":
    main()
