"""The stack of pipecat-ai 1.3 and newer, with its workers and jobs."""

from collections.abc import Callable
from typing import Any

from describe import old_name, show
from pipecat import bus
from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.bus import BusFrameMessage
from pipecat.bus import messages as bus_messages
from pipecat.bus.bridge_processor import BusBridgeProcessor
from pipecat.bus.serializers import JSONMessageSerializer
from pipecat.pipeline.job_context import JobStatus
from pipecat.pipeline.job_decorator import job
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.registry.types import WorkerRegistryEntry
from pipecat.workers.base_worker import BaseWorker
from pipecat.workers.proxy.websocket.client import WebSocketProxyClient
from pipecat.workers.proxy.websocket.server import WebSocketProxyServer
from pipecat.workers.runner import WorkerRunner
from session import Observer, Session, handle_decorated, handle_request


def _in_old_words(cls: type) -> Callable[..., Any]:
    """Make a class take the names of fields that the older package has."""

    def make(**fields: Any) -> Any:
        new = {"task_id": "job_id", "task_name": "job_name", "agents": "workers"}
        return cls(**{new.get(name, name): value for name, value in fields.items()})

    return make


class _Observed(BaseWorker):
    """Tells of what happens to a worker."""

    session: Session

    async def on_bus_message(self, message: Any) -> None:
        await super().on_bus_message(message)
        self.session.arrived(message)

    async def on_activated(self, args: dict[str, Any] | None) -> None:
        await super().on_activated(args)
        self.session.tell("activated", args=show(args))

    async def on_deactivated(self) -> None:
        await super().on_deactivated()
        self.session.tell("deactivated")

    async def on_worker_ready(self, data: Any) -> None:
        await super().on_worker_ready(data)
        self.session.tell("ready", agent=data.worker_name, runner=data.runner)

    @job(name="decorated")
    async def do_decorated(self, message: Any) -> None:
        await handle_decorated(self, message)

    async def on_job_request(self, message: Any) -> None:
        await handle_request(self, self.session, message)

    async def on_job_update_requested(self, message: Any) -> None:
        await self.send_job_update(message.job_id, {"asked": True})

    async def on_job_cancelled(self, message: Any) -> None:
        self.session.tell("cancelled", id=message.job_id, reason=message.reason)

    async def send_update(self, job_id: str, update: Any, **options: Any) -> None:
        await self.send_job_update(job_id, update, **options)

    async def send_response(self, job_id: str, response: Any, **options: Any) -> None:
        await self.send_job_response(job_id, response, **options)

    async def send_stream_start(self, job_id: str, data: Any) -> None:
        await self.send_job_stream_start(job_id, data)

    async def send_stream_data(self, job_id: str, data: Any) -> None:
        await self.send_job_stream_data(job_id, data)

    async def send_stream_end(self, job_id: str, data: Any) -> None:
        await self.send_job_stream_end(job_id, data)


class _Worker(_Observed):
    """A worker without a pipeline."""

    def __init__(self, session: Session) -> None:
        self.session = session
        super().__init__(session.name, active=session.active)


class _Pipeline(_Observed, PipelineWorker):
    """A worker with a pipeline."""

    def __init__(self, session: Session, pipeline: Pipeline, bridged: tuple[str, ...] | None) -> None:
        self.session = session
        super().__init__(
            pipeline,
            name=session.name,
            active=session.active,
            bridged=bridged,
            enable_rtvi=False,
            enable_turn_tracking=False,
            idle_timeout_secs=None,
        )


class WorkersStack:
    """See `session.Stack`."""

    connects_by_itself = False
    names = {
        **{
            old_name(name): _in_old_words(cls) if issubclass(cls, bus.BusMessage) else cls
            for module in (bus, bus_messages)
            for name, cls in vars(module).items()
            if name.startswith("Bus") and isinstance(cls, type)
        },
        "BusFrameMessage": BusFrameMessage,
        "AgentRegistryEntry": WorkerRegistryEntry,
        "TaskStatus": JobStatus,
        "FunctionSchema": FunctionSchema,
        "ToolsSchema": ToolsSchema,
    }

    def runner(self) -> WorkerRunner:
        return WorkerRunner(handle_sigint=False)

    def agent(self, session: Session, runner: WorkerRunner) -> BaseWorker:
        if session.kind == "segment":
            return _Pipeline(session, Pipeline([Observer(session, "assistant")]), session.bridges)
        if session.kind == "media":
            bridge = BusBridgeProcessor(bus=runner.bus, worker_name=session.name, bridge=session.bridge)
            return _Pipeline(session, Pipeline([Observer(session, "before"), bridge, Observer(session, "after")]), None)
        return _Worker(session)

    def client(self, session: Session, runner: WorkerRunner) -> WebSocketProxyClient:
        assert session.url is not None
        return WebSocketProxyClient(
            "proxy",
            url=session.url,
            remote_worker_name=session.remote,
            local_worker_name=session.name,
            forward_messages=(BusFrameMessage,),
            serializer=session.serializer,
        )

    def server(self, session: Session, runner: WorkerRunner, websocket: Any) -> WebSocketProxyServer:
        return WebSocketProxyServer(
            "proxy",
            websocket=websocket,
            worker_name=session.name,
            remote_worker_name=session.remote,
            forward_messages=(BusFrameMessage,),
            serializer=session.serializer,
        )

    def json_serializer(self) -> JSONMessageSerializer:
        return JSONMessageSerializer()

    async def add(self, runner: WorkerRunner, agent: BaseWorker) -> None:
        await runner.add_workers(agent)

    async def run(self, runner: WorkerRunner) -> None:
        await runner.run(auto_end=False)

    async def watch(self, agent: BaseWorker, name: str) -> None:
        await agent.watch_workers(name)

    def request(self, agent: BaseWorker, name: str, payload: Any) -> Any:
        return agent.job(agent.session.remote, name=name, payload=payload, timeout=8)

    async def cancel_request(self, agent: BaseWorker, task_id: str, reason: str | None) -> None:
        await agent.cancel_job_group(task_id, reason=reason)
