"""How a test controls a peer: commands on standard input, answers and events on standard output, one JSON a line."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TextIO

Handler = Callable[[dict[str, Any]], Awaitable[Any]]


class Control:
    """Reads commands and writes answers and events.

    A command is ``{"id": 1, "do": "name", ...}``, its answer ``{"id": 1, "result": ...}`` or ``{"id": 1, "error":
    ...}``, and an event ``{"event": "name", ...}``.
    """

    def __init__(self) -> None:
        """Take standard output for answers and events, and give standard error to all others that print."""
        self._out: TextIO = sys.stdout
        sys.stdout = sys.stderr

    def tell(self, event: str, **fields: Any) -> None:
        """Write an event."""
        self._write({"event": event, **fields})

    async def serve(self, handlers: dict[str, Handler]) -> None:
        """Handle commands one at a time, until standard input ends."""
        reader = asyncio.StreamReader(limit=2**26)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            command = json.loads(line)
            try:
                result = await handlers[command["do"]](command)
                self._write({"id": command["id"], "result": result})
            except Exception as error:
                self._write({"id": command["id"], "error": f"{type(error).__name__}: {error}"})

    def _write(self, value: dict[str, Any]) -> None:
        self._out.write(json.dumps(value) + "\n")
        self._out.flush()
