"""A Python peer for the live tests: the unmodified proxies and runners of Pipecat, controlled over standard input.

Usage: peer.py workers|agents

``workers`` is pipecat-ai 1.3 and newer, ``agents`` is pipecat-ai-subagents. One process has any number of sessions, as
client and as server. It ends when its standard input does.
"""

import asyncio
import inspect
import sys
from typing import Any

from control import Control

control = Control()

import uvicorn  # noqa: E402
from fastapi import FastAPI, WebSocket  # noqa: E402
from loguru import logger  # noqa: E402
from pipecat.frames import frames  # noqa: E402
from session import Session, Stack  # noqa: E402


def make_stack(generation: str) -> Stack:
    """Import one of the two generations, which need not both be installed."""
    if generation == "agents":
        from agents import AgentsStack

        return AgentsStack()
    from workers import WorkersStack

    return WorkersStack()


class Peer:
    """All sessions of the process, and the server that some of them are served by."""

    def __init__(self, stack: Stack) -> None:
        """Take the generation that sessions are made of."""
        self._stack = stack
        self._sessions: dict[str, Session] = {}
        self._app = FastAPI()
        self._app.add_api_websocket_route("/{session}", self._serve)
        self._server: uvicorn.Server | None = None

    async def listen(self, command: dict[str, Any]) -> int:
        """Serve sessions at a port, 0 for any. Gives the port."""
        config = uvicorn.Config(self._app, port=command["port"], log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._serving.done():
                raise RuntimeError("the server did not start")
            await asyncio.sleep(0.01)
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close all sessions, and stop serving."""
        for session in self._sessions.values():
            await session.close()
        if self._server is not None:
            self._server.should_exit = True
            await self._serving

    async def open(self, command: dict[str, Any]) -> None:
        """Open a session: as a client where there is a URL, and else for whoever connects."""
        session = Session(control, self._stack, command)
        self._sessions[session.id] = session
        if session.url is not None:
            await session.connect()

    async def close(self, command: dict[str, Any]) -> dict[str, int]:
        """Close a session. Gives the number of text and of binary messages that it received."""
        session = self._sessions.pop(command["session"])
        await session.close()
        return session.received

    async def end(self, command: dict[str, Any]) -> None:
        """End a session as an application does."""
        await self._session(command).runner.end()

    async def watch(self, command: dict[str, Any]) -> None:
        """Tell when the peer's agent is ready."""
        session = self._session(command)
        await self._stack.watch(session.agent, session.remote)

    async def send(self, command: dict[str, Any]) -> list[dict[str, Any]]:
        """Have the agent send messages. Describes them."""
        return await self._session(command).send(command["messages"])

    async def send_sized(self, command: dict[str, Any]) -> None:
        """Have the agent send a message of a certain size."""
        await self._session(command).send_sized(command["message"], command["size"])

    async def push(self, command: dict[str, Any]) -> None:
        """Put a frame into the pipeline of the agent."""
        await self._session(command).push(command["frame"], command["direction"])

    async def raw(self, command: dict[str, Any]) -> None:
        """Send what no proxy would: a message, bytes in hexadecimal, or text."""
        session = self._session(command)
        if "message" in command:
            await session.raw(command["message"])
        elif "bytes" in command:
            await session.raw_bytes(bytes.fromhex(command["bytes"]))
        else:
            await session.raw_text(command["text"])

    async def request(self, command: dict[str, Any]) -> None:
        """Have the agent ask for a task."""
        self._session(command).start_request(command["name"], command["payload"])

    async def cancel_request(self, command: dict[str, Any]) -> None:
        """Have the agent cancel a task that it asked for."""
        await self._session(command).cancel_request(command["task"], command["reason"])

    async def activate(self, command: dict[str, Any]) -> None:
        """Activate the proxy of a client once more."""
        await self._session(command).activate()

    async def pause(self, command: dict[str, Any]) -> None:
        """Stop reading."""
        self._session(command).pause()

    async def resume(self, command: dict[str, Any]) -> None:
        """Read again."""
        self._session(command).resume()

    async def known_frames(self, command: dict[str, Any]) -> list[str]:
        """Name the frame classes that the release has."""
        return [name for name, cls in vars(frames).items() if inspect.isclass(cls)]

    async def _serve(self, websocket: WebSocket) -> None:
        session = self._sessions.get(websocket.path_params["session"])
        if session is None:
            await websocket.close()
            return
        await websocket.accept()
        await session.serve(websocket)

    def _session(self, command: dict[str, Any]) -> Session:
        return self._sessions[command["session"]]


def tell_of_log(message: Any) -> None:
    """Tell the test of a line in the log."""
    record = message.record
    exception = record["exception"]
    text = record["message"] if exception is None else f"{record['message']}: {exception.value!r}"
    control.tell("log", level=record["level"].name, text=text)


async def main() -> None:
    """Serve the test until it closes standard input."""
    logger.remove()
    logger.add(tell_of_log, level="WARNING")
    peer = Peer(make_stack(sys.argv[1]))
    control.tell("started")
    commands = ("listen", "open", "close", "end", "watch", "send", "send_sized", "push", "raw", "request")
    more = ("cancel_request", "activate", "pause", "resume", "known_frames")
    await control.serve({name: getattr(peer, name) for name in commands + more})
    await peer.stop()


asyncio.run(main())
