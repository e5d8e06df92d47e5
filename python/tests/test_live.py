"""The unmodified proxies over a real WebSocket, and the Redis bus, with the serializer."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import fakeredis
import pytest
import samples
import uvicorn
from fastapi import FastAPI, WebSocket
from own_types import AcmeFrame, Alarm, Model, Mood, OtherAcmeFrame, Point, Weather
from stacks import Inbox, Stack, stack_of

from crossbus import CustomBusMessage, ProtobufMessageSerializer
from crossbus.dialects import Dialect, installed

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

TYPES = [AcmeFrame, Point, Model, Mood, Weather, Alarm]

PAYLOAD = {"n": 3, "x": 3.0, "big": 2**60, "b": b"\x00\xff", "none": None}


def in_a_loop(
    test: Callable[..., Coroutine[Any, Any, None]],
) -> Callable[..., None]:
    """Run a test in an event loop, for a limited time."""

    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 60))

    return run


@dataclass
class Side:
    """An agent, and what it has been sent."""

    agent: Any
    inbox: Inbox
    gone: asyncio.Event


@dataclass
class Session:
    """Two agents with a bridge between them."""

    stack: Stack
    client: Side
    server: Side


def serializer_for(dialect: Dialect) -> ProtobufMessageSerializer:
    """Make a serializer as an application does, which only names the package where both are."""
    if len(installed()) == 1:
        return ProtobufMessageSerializer(types=TYPES)
    return ProtobufMessageSerializer(types=TYPES, dialect=dialect)


def side(stack: Stack, runner: Any, name: str) -> Side:
    inbox = Inbox()
    return Side(stack.agent(name, runner, inbox), inbox, asyncio.Event())


@asynccontextmanager
async def bridged(dialect: Dialect, messages: Any) -> AsyncIterator[Session]:
    """Start an agent that serves, and one that connects to it."""
    stack = stack_of(dialect)
    options = {"forward_messages": (messages.BusFrameMessage, CustomBusMessage)}
    serving: asyncio.Future[Side] = asyncio.get_running_loop().create_future()
    runners: list[Any] = []

    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        runner = stack.runner()
        runners.append(runner)
        here = side(stack, runner, "assistant")
        proxy = stack.server(
            runner,
            websocket,
            ("assistant", "voice"),
            serializer=serializer_for(dialect),
            **options,
        )

        @proxy.event_handler("on_client_disconnected")  # type: ignore[untyped-decorator]
        async def gone(_: Any, __: Any) -> None:
            here.gone.set()

        await stack.add(runner, here.agent)
        await stack.add(runner, proxy)
        serving.set_result(here)
        await stack.run(runner)

    app = FastAPI()
    app.add_api_websocket_route("/ws", serve)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]

    runner = stack.runner()
    runners.append(runner)
    here = side(stack, runner, "voice")
    proxy = stack.client(
        runner,
        f"ws://127.0.0.1:{port}/ws",
        ("voice", "assistant"),
        serializer=serializer_for(dialect),
        **options,
    )

    @proxy.event_handler("on_disconnected")  # type: ignore[untyped-decorator]
    async def gone(_: Any, __: Any) -> None:
        here.gone.set()

    await stack.add(runner, here.agent)
    await stack.add(runner, proxy)
    client = asyncio.create_task(stack.run(runner))
    try:
        there = await asyncio.wait_for(serving, 10)
        await stack.watch(here.agent, "assistant")
        assert await here.inbox.next_ready() == "assistant"
        yield Session(stack, here, there)
    finally:
        for ended in reversed(runners):
            await ended.cancel()
        await asyncio.wait_for(client, 10)
        server.should_exit = True
        await asyncio.wait_for(running, 20)


@in_a_loop
async def test_tasks_cross_with_their_types(dialect: Dialect, messages: Any) -> None:
    async with bridged(dialect, messages) as session:
        response = await session.stack.ask(session.client.agent, "assistant", PAYLOAD)
        assert samples.describe(response) == samples.describe(PAYLOAD)


@in_a_loop
async def test_frames_cross_both_ways(dialect: Dialect, messages: Any) -> None:
    async with bridged(dialect, messages) as session:
        for one, other in (
            (session.client, session.server),
            (session.server, session.client),
        ):
            own = AcmeFrame("x", Mood.SAD, Point(1.0, 2), Model(name="m"), {"p": Point(0.0, None)})
            for frame in (*samples.frames(), *samples.stock_frames(), own):
                # Pipecat can't print one whose button is text, which it is after any crossing,
                # and prints what it sends.
                if "DTMF" in type(frame).__name__:
                    continue
                message = samples.frame_message(messages.BusFrameMessage, frame)
                message.source, message.target = one.agent.name, other.agent.name
                await session.stack.send(one.agent, message)
                arrived = await other.inbox.next()
                assert type(arrived.frame) is type(frame)
                assert arrived.frame.name == frame.name


@in_a_loop
async def test_message_types_of_ones_own_cross(dialect: Dialect, messages: Any) -> None:
    async with bridged(dialect, messages) as session:
        for cls in (Weather, Alarm):
            message = CustomBusMessage(
                source="voice", target="assistant", message=cls(city="Kyiv"), dialect=dialect
            )
            await session.stack.send(session.client.agent, message)
            arrived = await session.server.inbox.next()
            assert type(arrived) is type(message)
            assert arrived.message == cls(city="Kyiv")


@in_a_loop
async def test_a_session_survives_what_cannot_travel(
    dialect: Dialect, messages: Any, frames: Any
) -> None:
    async with bridged(dialect, messages) as session:
        for one, other in (
            (session.client, session.server),
            (session.server, session.client),
        ):
            for frame in (OtherAcmeFrame(), frames.TextFrame(text="after")):
                message = samples.frame_message(messages.BusFrameMessage, frame)
                message.source, message.target = one.agent.name, other.agent.name
                await session.stack.send(one.agent, message)
            assert (await other.inbox.next()).frame.text == "after"
            assert not session.client.gone.is_set()
            assert not session.server.gone.is_set()


@in_a_loop
async def test_the_redis_bus(dialect: Dialect, messages: Any) -> None:
    stack = stack_of(dialect)
    redis = fakeredis.FakeServer()

    def start(name: str) -> tuple[Side, Any, asyncio.Task[None]]:
        bus = stack.redis_bus(
            redis=fakeredis.FakeAsyncRedis(server=redis),
            serializer=serializer_for(dialect),
        )
        runner = stack.runner(bus)
        here = side(stack, runner, name)

        async def run() -> None:
            await stack.add(runner, here.agent)
            await stack.run(runner)

        return here, runner, asyncio.create_task(run())

    voice, voice_runner, voice_task = start("voice")
    assistant, assistant_runner, assistant_task = start("assistant")
    while not hasattr(voice.agent, "_registry") or voice.agent._registry is None:
        await asyncio.sleep(0.01)
    await stack.watch(voice.agent, "assistant")
    assert await voice.inbox.next_ready() == "assistant"
    response = await stack.ask(voice.agent, "assistant", PAYLOAD)
    assert samples.describe(response) == samples.describe(PAYLOAD)
    while not assistant.inbox.messages.empty():
        assistant.inbox.messages.get_nowait()
    message = samples.frame_message(messages.BusFrameMessage, AcmeFrame("x", Mood.SAD))
    message.source, message.target = "voice", "assistant"
    await stack.send(voice.agent, message)
    arrived = await assistant.inbox.next()
    assert samples.describe(arrived.frame) == samples.describe(message.frame)
    for runner in (voice_runner, assistant_runner):
        await runner.cancel()
    await asyncio.wait_for(asyncio.gather(voice_task, assistant_task), 20)


def test_both_packages_are_told_apart(dialect: Dialect) -> None:
    """Which package a process uses is known by what it has imported."""
    if len(installed()) == 1:
        pytest.skip("only one of the packages is installed here, so there is no doubt")
    use = "import pipecat_subagents.agents" if dialect == "pipecat-subagents" else "import pipecat"
    code = f"import crossbus; {use}; print(crossbus.dialects.current_dialect())"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == dialect
