"""One end of a pair of stock Pipecat proxies that sends audio frames to the other.

Does what pipe-end.ts does, as it is told on standard input. Usage: pipecat_end.py [URL]; without a URL it serves.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Coroutine
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.bus import BusFrameMessage
from pipecat.frames.frames import InputAudioRawFrame
from pipecat.processors.frame_processor import FrameDirection
from pipecat.workers.base_worker import BaseWorker
from pipecat.workers.proxy.websocket.client import WebSocketProxyClient
from pipecat.workers.proxy.websocket.server import WebSocketProxyServer
from pipecat.workers.runner import WorkerRunner

BURST = 100
SAMPLES = bytes(i % 251 for i in range(640))


def now() -> float:
    """Tell the microseconds of the clock that all processes of a machine share."""
    return time.monotonic_ns() / 1000


class Speaker(BaseWorker):
    """Sends frames and counts those that come."""

    def __init__(self, name: str, other: str) -> None:
        """Take the names at both ends."""
        super().__init__(name)
        self._other = other
        self._echoes = False
        self._expected = 0
        self._received = 0
        self._completion: asyncio.Future[float] | None = None
        self._answer: asyncio.Future[None] | None = None
        self.present = asyncio.Event()

    async def on_worker_ready(self, data: Any) -> None:
        """Note that the other end is there."""
        await super().on_worker_ready(data)
        if data.worker_name == self._other:
            self.present.set()

    async def on_bus_message(self, message: Any) -> None:
        """Take a frame of the other end."""
        await super().on_bus_message(message)
        if not isinstance(message, BusFrameMessage) or message.source != self._other:
            return
        assert len(message.frame.audio) == len(SAMPLES)
        if self._echoes:
            await self._say()
        elif self._answer is not None:
            self._answer.set_result(None)
        else:
            self._received += 1
            if self._received == self._expected and self._completion is not None:
                self._completion.set_result(now())

    async def _say(self) -> None:
        frame = InputAudioRawFrame(audio=SAMPLES, sample_rate=16000, num_channels=1)
        await self.send_bus_message(
            BusFrameMessage(
                source=self.name,
                target=self._other,
                frame=frame,
                direction=FrameDirection.DOWNSTREAM,
            )
        )

    # What the bench calls.

    async def echo(self, echoes: bool) -> None:
        """Have every frame answered, or none."""
        self._echoes = echoes

    async def expect(self, count: int) -> None:
        """Prepare for so many frames."""
        self._received, self._expected = 0, count
        self._completion = asyncio.get_running_loop().create_future()

    async def received(self) -> float:
        """Wait for the last of them, and tell when it came."""
        assert self._completion is not None
        return await self._completion

    async def send(self, count: int) -> float:
        """Send so many frames, and tell when that began."""
        began = now()
        for sent in range(count):
            await self._say()
            if sent % BURST == BURST - 1:
                await asyncio.sleep(0)
        return began

    async def pingPong(self, count: int) -> dict[str, float]:  # noqa: N802
        """Send a frame at a time, each when the one before is answered."""
        times = []
        for _ in range(count):
            began = now()
            self._answer = asyncio.get_running_loop().create_future()
            await self._say()
            await self._answer
            times.append(now() - began)
        self._answer = None
        times.sort()
        return {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100]}

    async def cpu(self) -> float:
        """Tell the microseconds of CPU time, of all threads."""
        return time.process_time_ns() / 1000


class Control:
    """Reads calls, a line of JSON each, and writes answers."""

    def __init__(self) -> None:
        """Keep standard output for answers."""
        self._out = sys.stdout
        sys.stdout = sys.stderr
        self._calls: set[asyncio.Task[None]] = set()
        self.speaker: Speaker | None = None
        self.address = ""

    async def serve(self, ready: asyncio.Event) -> None:
        """Do what is asked for once all is ready, until standard input ends."""
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        self._start(self._greet(ready))
        while line := await reader.readline():
            self._start(self._do(**json.loads(line)))

    def _start(self, call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _greet(self, ready: asyncio.Event) -> None:
        await ready.wait()
        self._answer(0, None)

    async def _do(self, id: int, method: str, args: list[Any]) -> None:
        try:
            if method == "where":
                self._answer(id, self.address)
            else:
                self._answer(id, await getattr(self.speaker, method)(*args))
        except Exception as error:
            self._out.write(json.dumps({"id": id, "error": repr(error)}) + "\n")
            self._out.flush()

    def _answer(self, id: int, result: Any) -> None:
        self._out.write(json.dumps({"id": id, "result": result}) + "\n")
        self._out.flush()


async def connect(control: Control, url: str) -> None:
    """Connect to the other end."""
    runner = WorkerRunner(handle_sigint=False)
    speaker = Speaker("speaker1", "speaker2")
    proxy = WebSocketProxyClient(
        "proxy",
        url=url,
        remote_worker_name="speaker2",
        local_worker_name="speaker1",
        forward_messages=(BusFrameMessage,),
    )
    await runner.add_workers(speaker, proxy)
    control.speaker = speaker

    @runner.event_handler("on_ready")
    async def on_ready(_runner: WorkerRunner) -> None:
        await speaker.watch_workers("speaker2")
        await speaker.activate_worker("proxy")

    running = asyncio.create_task(runner.run())
    await control.serve(speaker.present)
    running.cancel()


async def serve(control: Control) -> None:
    """Serve the other end."""
    app = FastAPI()

    @app.websocket("/ws")
    async def handle(websocket: WebSocket) -> None:
        await websocket.accept()
        runner = WorkerRunner(handle_sigint=False)
        control.speaker = Speaker("speaker2", "speaker1")
        proxy = WebSocketProxyServer(
            "gateway",
            websocket=websocket,
            worker_name="speaker2",
            remote_worker_name="speaker1",
            forward_messages=(BusFrameMessage,),
        )
        await runner.add_workers(proxy, control.speaker)
        await runner.run()

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    control.address = f"ws://127.0.0.1:{port}/ws"
    ready = asyncio.Event()
    ready.set()
    await control.serve(ready)
    serving.cancel()


async def main(control: Control) -> None:
    """Be one of the ends, until standard input ends."""
    await (connect(control, sys.argv[1]) if len(sys.argv) > 1 else serve(control))
    # The bench is gone or has what it wants: nothing is left to be closed in order.
    os._exit(0)


if __name__ == "__main__":
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    end = Control()
    asyncio.run(main(end))
