"""Talks to the assistant of the Acme shop from a pipeline of Pipecat, one line of input a turn.

Usage: customer.py [--url URL] [--dialect pipecat|protobuf] [--barge-in]
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

from command_line import log_warnings_only, make_serializer, parser, printable
from pipecat.bus import BusFrameMessage
from pipecat.bus.bridge_processor import BusBridgeProcessor
from pipecat.frames.frames import Frame, InterruptionFrame, LLMMessagesAppendFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    AssistantTurnStoppedMessage,
    LLMContextAggregatorPair,
)
from pipecat.workers.llm import LLMWorkerActivationArgs
from pipecat.workers.proxy.websocket.client import WebSocketProxyClient
from pipecat.workers.runner import WorkerRunner

CONNECT_TIMEOUT_SECS = 10
REPLY_TIMEOUT_SECS = 30

options = parser("Talks to the assistant of the Acme shop. Reads turns from standard input.")
options.add_argument(
    "--url", default="ws://127.0.0.1:8765/ws", help="where it is (default ws://127.0.0.1:8765/ws)"
)
options.add_argument(
    "--barge-in",
    action="store_true",
    help="a line that comes while the assistant answers interrupts it, and doesn't wait",
)
given = options.parse_args()


class NoReplyError(Exception):
    """The assistant can't be reached, or doesn't answer."""


class Customer:
    """The customer's side, which owns the media, here text, and keeps the conversation."""

    def __init__(self, runner: WorkerRunner) -> None:
        """Build the pipeline, with a bridge where a language model would be, and the proxy."""
        user, assistant = LLMContextAggregatorPair(LLMContext())
        bridge = BusBridgeProcessor(bus=runner.bus, worker_name="acme", target_worker="assistant")
        self.worker = PipelineWorker(
            Pipeline([user, bridge, assistant]),
            name="acme",
            enable_rtvi=False,
            idle_timeout_secs=None,
        )
        self.proxy = WebSocketProxyClient(
            "proxy",
            url=given.url,
            remote_worker_name="assistant",
            local_worker_name="acme",
            forward_messages=(BusFrameMessage,),
            serializer=make_serializer(given.dialect),
        )
        self._announced = asyncio.Event()
        self._answering = asyncio.Event()
        self._answered = asyncio.Event()
        self._silenced = asyncio.Event()
        self._lost = asyncio.Event()
        self._listen_to(assistant)

    def _listen_to(self, assistant: Any) -> None:
        @self.worker.event_handler("on_pipeline_started")
        async def on_pipeline_started(worker: PipelineWorker, _frame: Frame) -> None:
            await worker.watch_workers("assistant")
            await worker.activate_worker("proxy")  # connects

        @self.worker.event_handler("on_worker_ready")
        async def on_worker_ready(_worker: PipelineWorker, _data: Any) -> None:
            self._announced.set()

        @assistant.event_handler("on_assistant_turn_started")
        async def on_reply_started(_aggregator: Any) -> None:
            self._answering.set()

        @assistant.event_handler("on_assistant_turn_stopped")
        async def on_reply(_aggregator: Any, reply: AssistantTurnStoppedMessage) -> None:
            if reply.interrupted:
                said = printable(f"{reply.content} (interrupted)".strip())
                print(f"assistant: {said}", flush=True)
            elif reply.content:
                print(f"assistant: {printable(reply.content)}", flush=True)
                self._answered.set()

        # The interruption comes this far only when the assistant has sent it back.
        self.worker.set_reached_downstream_filter((InterruptionFrame,))

        @self.worker.event_handler("on_frame_reached_downstream")
        async def on_interrupted(_worker: PipelineWorker, _frame: Frame) -> None:
            self._silenced.set()

        @self.proxy.event_handler("on_disconnected")
        async def on_disconnected(_proxy: WebSocketProxyClient, _websocket: Any) -> None:
            self._lost.set()

    async def talk(self, turns: AsyncIterator[str]) -> None:
        """Be greeted, and take one turn after the other. Raises NoReplyError."""
        await self._comes(self._announced, CONNECT_TIMEOUT_SECS, "the assistant doesn't show up")
        greet: list[Any] = [{"role": "user", "content": "Greet the customer."}]
        await self.worker.activate_worker(
            "assistant", args=LLMWorkerActivationArgs(messages=greet, run_llm=True)
        )
        await self._reply()
        async for text in turns:
            if not self._answered.is_set():
                await self._interrupt()
            print(f"you: {text}", flush=True)
            self._answering.clear()
            self._answered.clear()
            turn: Any = {"role": "user", "content": text}
            await self.worker.queue_frame(LLMMessagesAppendFrame(messages=[turn], run_llm=True))
            if not given.barge_in:
                await self._reply()
        await self._reply()

    async def _interrupt(self) -> None:
        await self._comes(self._answering, REPLY_TIMEOUT_SECS, "there was no reply")
        self._silenced.clear()
        await self.worker.queue_frame(InterruptionFrame())
        await self._comes(self._silenced, REPLY_TIMEOUT_SECS, "the assistant can't be interrupted")

    async def _reply(self) -> None:
        await self._comes(self._answered, REPLY_TIMEOUT_SECS, "there was no reply")

    async def _comes(self, event: asyncio.Event, timeout: float, otherwise: str) -> None:
        """Wait for an event, as long as there is a connection that it can come from."""
        waiting = [asyncio.create_task(which.wait()) for which in (event, self._lost)]
        try:
            await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if not event.is_set():
            raise NoReplyError("the connection is lost" if self._lost.is_set() else otherwise)


async def read_turns() -> AsyncIterator[str]:
    """Read the lines of standard input that aren't empty, be it a terminal, a pipe or a file."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        # Not with sys.stdin: Python closes it at the end, and can't while a thread reads from it.
        with open(0, encoding="utf-8", closefd=False) as stdin:
            for line in stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) is not None:
        if text := line.strip():
            yield text


async def main() -> int:
    """Talk until standard input ends or a signal comes. Gives the exit code."""
    log_warnings_only()
    runner = WorkerRunner(handle_sigterm=True)
    customer = Customer(runner)
    await runner.add_workers(customer.worker, customer.proxy)
    running = asyncio.create_task(runner.run())
    talking = asyncio.create_task(customer.talk(read_turns()))
    await asyncio.wait([running, talking], return_when=asyncio.FIRST_COMPLETED)
    if not talking.done():
        talking.cancel()
        return 0
    await runner.end()
    await running
    error = talking.exception()
    if isinstance(error, NoReplyError):
        print(f"error: {error}", file=sys.stderr)
        return 1
    talking.result()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
