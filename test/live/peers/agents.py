"""The stack of pipecat-ai-subagents, with its agents and tasks."""

from typing import Any

from describe import show
from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.pipeline.pipeline import Pipeline
from pipecat_subagents.agents import BaseAgent
from pipecat_subagents.agents.proxy.websocket.client import WebSocketProxyClientAgent
from pipecat_subagents.agents.proxy.websocket.server import WebSocketProxyServerAgent
from pipecat_subagents.agents.task_context import TaskStatus
from pipecat_subagents.agents.task_decorator import task
from pipecat_subagents.bus import BusFrameMessage
from pipecat_subagents.bus import messages as bus_messages
from pipecat_subagents.bus.bridge_processor import BusBridgeProcessor
from pipecat_subagents.bus.serializers import JSONMessageSerializer
from pipecat_subagents.runner import AgentRunner
from pipecat_subagents.types import AgentRegistryEntry
from session import Observer, Session, handle_decorated, handle_request


class _Agent(BaseAgent):
    """An agent that tells of what happens to it."""

    def __init__(self, session: Session, runner: AgentRunner) -> None:
        self.session = session
        bridged = session.bridges if session.kind == "segment" else None
        super().__init__(session.name, bus=runner.bus, active=session.active, bridged=bridged)

    async def build_pipeline(self) -> Pipeline:
        session = self.session
        if session.kind == "segment":
            return Pipeline([Observer(session, "assistant")])
        if session.kind == "media":
            bridge = BusBridgeProcessor(bus=self.bus, agent_name=session.name, bridge=session.bridge)
            return Pipeline([Observer(session, "before"), bridge, Observer(session, "after")])
        return await super().build_pipeline()

    async def on_bus_message(self, message: Any) -> None:
        await super().on_bus_message(message)
        self.session.arrived(message)

    async def on_activated(self, args: dict[str, Any] | None) -> None:
        await super().on_activated(args)
        self.session.tell("activated", args=show(args))

    async def on_deactivated(self) -> None:
        await super().on_deactivated()
        self.session.tell("deactivated")

    async def on_agent_ready(self, data: Any) -> None:
        await super().on_agent_ready(data)
        self.session.tell("ready", agent=data.agent_name, runner=data.runner)

    @task(name="decorated")
    async def do_decorated(self, message: Any) -> None:
        await handle_decorated(self, message)

    async def on_task_request(self, message: Any) -> None:
        await handle_request(self, self.session, message)

    async def on_task_update_requested(self, message: Any) -> None:
        await self.send_task_update(message.task_id, {"asked": True})

    async def on_task_cancelled(self, message: Any) -> None:
        self.session.tell("cancelled", id=message.task_id, reason=message.reason)

    async def send_update(self, task_id: str, update: Any, **options: Any) -> None:
        await self.send_task_update(task_id, update, **options)

    async def send_response(self, task_id: str, response: Any, **options: Any) -> None:
        await self.send_task_response(task_id, response, **options)

    async def send_stream_start(self, task_id: str, data: Any) -> None:
        await self.send_task_stream_start(task_id, data)

    async def send_stream_data(self, task_id: str, data: Any) -> None:
        await self.send_task_stream_data(task_id, data)

    async def send_stream_end(self, task_id: str, data: Any) -> None:
        await self.send_task_stream_end(task_id, data)


class AgentsStack:
    """See `session.Stack`."""

    connects_by_itself = True
    names = {
        **{
            name: cls
            for name, cls in vars(bus_messages).items()
            if name.startswith("Bus") and isinstance(cls, type)
        },
        "AgentRegistryEntry": AgentRegistryEntry,
        "TaskStatus": TaskStatus,
        "FunctionSchema": FunctionSchema,
        "ToolsSchema": ToolsSchema,
    }

    def runner(self) -> AgentRunner:
        return AgentRunner(handle_sigint=False)

    def agent(self, session: Session, runner: AgentRunner) -> BaseAgent:
        return _Agent(session, runner)

    def client(self, session: Session, runner: AgentRunner) -> WebSocketProxyClientAgent:
        assert session.url is not None
        return WebSocketProxyClientAgent(
            "proxy",
            bus=runner.bus,
            url=session.url,
            remote_agent_name=session.remote,
            local_agent_name=session.name,
            forward_messages=(BusFrameMessage,),
            serializer=session.serializer,
        )

    def server(self, session: Session, runner: AgentRunner, websocket: Any) -> WebSocketProxyServerAgent:
        return WebSocketProxyServerAgent(
            "proxy",
            bus=runner.bus,
            websocket=websocket,
            agent_name=session.name,
            remote_agent_name=session.remote,
            forward_messages=(BusFrameMessage,),
            serializer=session.serializer,
        )

    def json_serializer(self) -> JSONMessageSerializer:
        return JSONMessageSerializer()

    async def add(self, runner: AgentRunner, agent: BaseAgent) -> None:
        await runner.add_agent(agent)

    async def run(self, runner: AgentRunner) -> None:
        await runner.run()

    async def watch(self, agent: BaseAgent, name: str) -> None:
        await agent.watch_agent(name)

    def request(self, agent: BaseAgent, name: str, payload: Any) -> Any:
        return agent.task(agent.session.remote, name=name, payload=payload, timeout=8)

    async def cancel_request(self, agent: BaseAgent, task_id: str, reason: str | None) -> None:
        await agent.cancel_task(task_id, reason=reason)
