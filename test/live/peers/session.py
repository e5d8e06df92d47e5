"""One side of a bridge, whichever generation of Pipecat it is made of."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from acme_frames import AcmeOrderFrame, AcmePart
from control import Control
from describe import describe, show
from own_types import make_types
from pipecat.frames import frames
from pipecat.processors.aggregators.llm_context import LLMContext, LLMSpecificMessage
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transcriptions.language import Language


class Stack(Protocol):
    """A generation of Pipecat: what differs between its two packages."""

    connects_by_itself: bool
    """Whether the proxy that connects does so when it starts, and not when it is activated."""
    names: dict[str, Any]
    """What expressions may use beside frames: message classes in the older vocabulary, above all."""

    def runner(self) -> Any:
        """Make a runner."""

    def agent(self, session: "Session", runner: Any) -> Any:
        """Make the agent of a session."""

    def client(self, session: "Session", runner: Any) -> Any:
        """Make the proxy that connects."""

    def server(self, session: "Session", runner: Any, websocket: Any) -> Any:
        """Make the proxy that was connected to."""

    def json_serializer(self) -> Any:
        """Make the serializer that proxies have by default."""

    async def add(self, runner: Any, agent: Any) -> None:
        """Add an agent to a runner."""

    async def run(self, runner: Any) -> None:
        """Run a runner until it is ended."""

    async def watch(self, agent: Any, name: str) -> None:
        """Have an agent told when another is ready."""

    def request(self, agent: Any, name: str, payload: Any) -> Any:
        """Make the context in which an agent has the peer's agent do a task."""

    async def cancel_request(self, agent: Any, task_id: str, reason: str | None) -> None:
        """Cancel a task that an agent has asked for."""


class Session:
    """A runner with one agent and one proxy. As a server it is made anew for each connection."""

    def __init__(self, control: Control, stack: Stack, options: dict[str, Any]) -> None:
        """Take the options of the command that opens a session."""
        self.control = control
        self.stack = stack
        self.id: str = options["session"]
        self.kind: str = options.get("kind", "agent")
        self.url: str | None = options.get("url")
        self.bridge: str | None = options.get("bridge")
        self.bridges: tuple[str, ...] = tuple(options.get("bridges", ()))
        self.active: bool = options.get("active", True)
        self.name: str = options.get("name", "py")
        self.remote: str = options.get("remote", "ts")
        self._codec: str = options["codec"]
        self._types: dict[str, Any] = make_types(**options["types"]) if "types" in options else {}
        self._unblocked = asyncio.Event()
        self._unblocked.set()
        self._running: asyncio.Task[None] | None = None
        self._requests: set[asyncio.Task[None]] = set()
        self.received = {"text": 0, "binary": 0}
        self.runner: Any = None
        self.agent: Any = None
        self.proxy: Any = None
        self.socket: Any = None
        self.serializer: Any = None
        self._send_bytes: Callable[[bytes], Awaitable[None]]
        self._send_text: Callable[[str], Awaitable[None]]

    # What happens.

    def tell(self, event: str, **fields: Any) -> None:
        """Tell the test of an event of this session."""
        self.control.tell(event, session=self.id, **fields)

    def arrived(self, message: Any) -> None:
        """Tell of a message on the bus that the agent may take, and that this process has not made by itself."""
        own = (self.name, "proxy", getattr(self.runner, "name", None))
        if message.source not in own and message.target in (None, self.name):
            self.tell("message", message=describe(message))

    def passed(self, frame: frames.Frame, direction: FrameDirection, place: str) -> None:
        """Tell of a frame in the pipeline of the agent, and where that is."""
        if not isinstance(frame, (frames.StartFrame, frames.EndFrame, frames.CancelFrame)):
            self.tell("frame", frame=describe(frame), direction=direction.name, place=place)

    # The life of a session.

    async def connect(self) -> None:
        """Start as a client, and connect."""
        self._prepare()
        self.proxy = self.stack.client(self, self.runner)

        @self.proxy.event_handler("on_connected")
        async def on_connected(_: Any, websocket: Any) -> None:
            websocket.recv = self._watched(websocket.recv)
            self._use(websocket, websocket.send, websocket.send)
            self.tell("connected")

        @self.proxy.event_handler("on_disconnected")
        async def on_disconnected(_: Any, websocket: Any) -> None:
            self.tell("disconnected", code=getattr(websocket, "close_code", None))

        await self.stack.add(self.runner, self.agent)
        await self.stack.add(self.runner, self.proxy)
        self._running = asyncio.create_task(self.stack.run(self.runner))
        if not self.stack.connects_by_itself:
            await self.activate()

    async def serve(self, websocket: Any) -> None:
        """Serve one connection, until it or the runner ends."""
        self._prepare()
        websocket.receive = self._watched(websocket.receive)
        self.proxy = self.stack.server(self, self.runner, websocket)
        runner = self.runner

        @self.proxy.event_handler("on_client_connected")
        async def on_client_connected(_: Any, _websocket: Any) -> None:
            self._use(websocket, websocket.send_bytes, websocket.send_text)
            self.tell("connected")

        @self.proxy.event_handler("on_client_disconnected")
        async def on_client_disconnected(_: Any, _websocket: Any) -> None:
            self.tell("disconnected", code=None)
            await runner.cancel()

        await self.stack.add(self.runner, self.proxy)
        await self.stack.add(self.runner, self.agent)
        self._running = asyncio.current_task()
        await self.stack.run(self.runner)
        self.tell("finished")

    async def close(self) -> None:
        """End what is left of the session at once."""
        self._unblocked.set()
        for request in self._requests:
            request.cancel()
        if self.runner is not None:
            await self.runner.cancel()
        if self._running is not None:
            await asyncio.wait([self._running], timeout=5)

    def _prepare(self) -> None:
        self.serializer = self._make_serializer()
        self.runner = self.stack.runner()
        self.agent = self.stack.agent(self, self.runner)

    def _make_serializer(self) -> Any:
        if self._codec == "json":
            return self.stack.json_serializer()
        from crossbus import ProtobufMessageSerializer

        return ProtobufMessageSerializer(types=[AcmeOrderFrame, AcmePart, *self._types.values()])

    def _use(self, socket: Any, send_bytes: Any, send_text: Any) -> None:
        self.socket, self._send_bytes, self._send_text = socket, send_bytes, send_text

    def _watched(self, receive: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """Count what a socket receives, and hold it up for as long as the test says."""

        async def watched(*args: Any, **kwargs: Any) -> Any:
            received = await receive(*args, **kwargs)
            await self._unblocked.wait()
            if isinstance(received, str) or (isinstance(received, dict) and received.get("text")):
                self.received["text"] += 1
            elif isinstance(received, bytes) or received.get("bytes") is not None:
                self.received["binary"] += 1
            elif received.get("type") == "websocket.disconnect":
                self.tell("closed", code=received.get("code"))
            return received

        return watched

    # What a test can ask for.

    async def send(self, expressions: list[str]) -> list[dict[str, Any]]:
        """Have the agent send messages, none of which is under way before all are sent. Describes them."""
        messages = [self.evaluate(expression) for expression in expressions]
        for message in messages:
            await self.runner.bus.send(message)
        return [describe(message) for message in messages]

    async def push(self, expression: str, direction: str) -> None:
        """Put a frame into the pipeline of the agent."""
        await self.agent.queue_frame(self.evaluate(expression), FrameDirection[direction])

    async def raw(self, expression: str) -> None:
        """Send a message as no proxy would."""
        await self._send_bytes(self.serializer.serialize(self.evaluate(expression)))

    async def raw_bytes(self, value: bytes) -> None:
        """Send bytes that need not be a message."""
        await self._send_bytes(value)

    async def raw_text(self, value: str) -> None:
        """Send text."""
        await self._send_text(value)

    async def send_sized(self, expression: str, size: int) -> None:
        """Have the agent send a message of a certain encoded size, which PAD in the expression brings it to."""
        length = size
        for _ in range(5):
            message = self.evaluate(expression, PAD="x" * length)
            difference = size - len(self.serializer.serialize(message))
            if difference == 0:
                await self.runner.bus.send(message)
                return
            length += difference
        raise ValueError(f"no padding makes a message of {size} bytes")

    def start_request(self, name: str, payload: str) -> None:
        """Have the agent ask the peer's agent for a task, and tell what comes of it."""

        async def run() -> None:
            try:
                async with self.stack.request(self.agent, name, self.evaluate(payload)) as task:
                    self.tell("requested", id=getattr(task, "task_id", None) or task.job_id)
                    async for event in task:
                        self.tell("taskEvent", type=event.type, data=show(event.data))
                self.tell("taskDone", response=show(task.response))
            except Exception as error:
                self.tell("taskFailed", error=f"{type(error).__name__}: {error}")

        request = asyncio.create_task(run())
        self._requests.add(request)
        request.add_done_callback(self._requests.discard)

    async def cancel_request(self, task_id: str, reason: str | None) -> None:
        """Cancel such a task."""
        await self.stack.cancel_request(self.agent, task_id, reason)

    async def activate(self) -> None:
        """Activate the proxy, which connects it once more."""
        activation = f"BusActivateAgentMessage(source={self.name!r}, target='proxy')"
        await self.runner.bus.send(self.evaluate(activation))

    def pause(self) -> None:
        """Stop reading from the socket."""
        self._unblocked.clear()

    def resume(self) -> None:
        """Read again."""
        self._unblocked.set()

    def _own_names(self) -> dict[str, Any]:
        """Give what messages of the application's own types are made of."""
        if not self._types:
            return {}
        from crossbus import CustomBusMessage

        return {"CustomBusMessage": CustomBusMessage, **self._types}

    def evaluate(self, expression: str, **more: Any) -> Any:
        """Evaluate an expression of the test's, which is trusted: it says what to send in Python itself."""
        names = {
            **vars(frames),
            **self.stack.names,
            "AcmeOrderFrame": AcmeOrderFrame,
            "AcmePart": AcmePart,
            **self._own_names(),
            "FrameDirection": FrameDirection,
            "DOWNSTREAM": FrameDirection.DOWNSTREAM,
            "UPSTREAM": FrameDirection.UPSTREAM,
            "Language": Language,
            "LLMContext": LLMContext,
            "LLMSpecificMessage": LLMSpecificMessage,
            **more,
        }
        return eval(expression, names)  # noqa: S307


class Observer(FrameProcessor):
    """Tells of the frames that pass through a pipeline. As an assistant it answers a conversation."""

    def __init__(self, session: Session, place: str) -> None:
        """Say where it stands: before or after a bridge, or as an assistant."""
        super().__init__()
        self._session = session
        self._place = place

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        """Pass a frame on, or answer it."""
        await super().process_frame(frame, direction)
        self._session.passed(frame, direction, self._place)
        if self._place == "assistant" and isinstance(frame, frames.LLMContextFrame):
            await self.push_frame(frames.LLMFullResponseStartFrame())
            await self.push_frame(frames.LLMTextFrame("Hello from Python."))
            await self.push_frame(frames.LLMFullResponseEndFrame())
            return
        await self.push_frame(frame, direction)


async def handle_decorated(agent: Any, message: Any) -> None:
    """Do the task of the handler that is registered by its name, as applications do it."""
    task_id = getattr(message, "task_id", None) or message.job_id
    await agent.send_update(task_id, {"progress": 0.5})
    await agent.send_response(task_id, message.payload)


async def handle_request(agent: Any, session: Session, message: Any) -> None:
    """Do a task that the peer's agent asked for; what it is called says how."""
    task_id = getattr(message, "task_id", None) or message.job_id
    name = getattr(message, "task_name", None) or getattr(message, "job_name", None)
    payload = message.payload
    if name == "stream":
        await agent.send_stream_start(task_id, {"parts": 2})
        await agent.send_stream_data(task_id, {"part": 1})
        await agent.send_stream_data(task_id, {"part": 2})
        await agent.send_stream_end(task_id, {"last": True})
    elif name == "urgent":
        await agent.send_update(task_id, {"progress": 1.0}, urgent=True)
        await agent.send_response(task_id, payload, urgent=True)
    elif name == "fail":
        await agent.send_response(task_id, {"why": "no stock"}, status=session.stack.names["TaskStatus"].FAILED)
    elif name == "raise":
        raise RuntimeError("no such thing")
    elif name == "wait":
        await asyncio.Event().wait()
    else:
        await agent.send_response(task_id, payload)
