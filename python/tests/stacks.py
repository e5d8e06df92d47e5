"""The runners, agents and proxies of either package, unmodified, in one vocabulary."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from crossbus.dialects import Dialect


class Inbox:
    """What an agent has been sent, and which agents it was told of."""

    def __init__(self) -> None:
        """Begin empty."""
        self.messages: asyncio.Queue[Any] = asyncio.Queue()
        self.ready: asyncio.Queue[str] = asyncio.Queue()

    async def next(self) -> Any:
        """Wait for the next message."""
        return await asyncio.wait_for(self.messages.get(), 10)

    async def next_ready(self) -> str:
        """Wait for the name of the next agent that is ready."""
        return await asyncio.wait_for(self.ready.get(), 10)


class Stack(Protocol):
    """What differs between the packages."""

    def runner(self, bus: Any = None) -> Any:
        """Make a runner."""

    def agent(self, name: str, runner: Any, inbox: Inbox) -> Any:
        """Make an agent that answers tasks with their payload."""

    def client(self, runner: Any, url: str, names: tuple[str, str], **options: Any) -> Any:
        """Make the proxy that connects, from the first name to the second."""

    def server(self, runner: Any, websocket: Any, names: tuple[str, str], **options: Any) -> Any:
        """Make the proxy that was connected to."""

    async def add(self, runner: Any, agent: Any) -> None:
        """Add an agent to a runner."""

    async def run(self, runner: Any) -> None:
        """Run until the runner is ended."""

    async def send(self, agent: Any, message: Any) -> None:
        """Send a message from an agent."""

    async def watch(self, agent: Any, name: str) -> None:
        """Have an agent told when another is ready."""

    async def ask(self, agent: Any, target: str, payload: Any) -> Any:
        """Have a task done, and give the response."""

    def redis_bus(self, **options: Any) -> Any:
        """Make a bus over Redis."""


def stack_of(dialect: Dialect) -> Stack:
    """Give what a package has."""
    return _workers() if dialect == "pipecat" else _agents()


def _workers() -> Stack:
    from pipecat.bus.network.redis import RedisBus
    from pipecat.workers.base_worker import BaseWorker
    from pipecat.workers.proxy.websocket.client import WebSocketProxyClient
    from pipecat.workers.proxy.websocket.server import WebSocketProxyServer
    from pipecat.workers.runner import WorkerRunner

    class Worker(BaseWorker):
        inbox: Inbox

        async def on_bus_message(self, message: Any) -> None:
            await super().on_bus_message(message)
            if message.target == self.name:
                self.inbox.messages.put_nowait(message)

        async def on_worker_ready(self, data: Any) -> None:
            await super().on_worker_ready(data)
            self.inbox.ready.put_nowait(data.worker_name)

        async def on_job_request(self, message: Any) -> None:
            await super().on_job_request(message)
            await self.send_job_response(message.job_id, message.payload)

    class Workers:
        def runner(self, bus: Any = None) -> Any:
            return WorkerRunner(handle_sigint=False, **({} if bus is None else {"bus": bus}))

        def agent(self, name: str, runner: Any, inbox: Inbox) -> Any:
            worker = Worker(name)
            worker.inbox = inbox
            return worker

        def client(self, runner: Any, url: str, names: tuple[str, str], **options: Any) -> Any:
            local, remote = names
            return WebSocketProxyClient(
                "client",
                url=url,
                local_worker_name=local,
                remote_worker_name=remote,
                active=True,
                **options,
            )

        def server(
            self, runner: Any, websocket: Any, names: tuple[str, str], **options: Any
        ) -> Any:
            local, remote = names
            return WebSocketProxyServer(
                "server",
                websocket=websocket,
                worker_name=local,
                remote_worker_name=remote,
                **options,
            )

        async def add(self, runner: Any, agent: Any) -> None:
            await runner.add_workers(agent)

        async def run(self, runner: Any) -> None:
            await runner.run(auto_end=False)

        async def send(self, agent: Any, message: Any) -> None:
            await agent.send_bus_message(message)

        async def watch(self, agent: Any, name: str) -> None:
            await agent.watch_workers(name)

        async def ask(self, agent: Any, target: str, payload: Any) -> Any:
            async with agent.job(target, payload=payload, timeout=8) as job:
                async for _ in job:
                    pass
            return job.response

        def redis_bus(self, **options: Any) -> Any:
            return RedisBus(**options)

    return Workers()


def _agents() -> Stack:
    from pipecat_subagents.agents import BaseAgent
    from pipecat_subagents.agents.proxy.websocket.client import WebSocketProxyClientAgent
    from pipecat_subagents.agents.proxy.websocket.server import WebSocketProxyServerAgent
    from pipecat_subagents.bus.network.redis import RedisBus
    from pipecat_subagents.runner import AgentRunner

    class Agent(BaseAgent):
        inbox: Inbox

        async def on_bus_message(self, message: Any) -> None:
            await super().on_bus_message(message)
            if message.target == self.name:
                self.inbox.messages.put_nowait(message)

        async def on_agent_ready(self, data: Any) -> None:
            await super().on_agent_ready(data)
            self.inbox.ready.put_nowait(data.agent_name)

        async def on_task_request(self, message: Any) -> None:
            await super().on_task_request(message)
            await self.send_task_response(message.task_id, message.payload)

    class Agents:
        def runner(self, bus: Any = None) -> Any:
            return AgentRunner(handle_sigint=False, bus=bus)

        def agent(self, name: str, runner: Any, inbox: Inbox) -> Any:
            agent = Agent(name, bus=runner.bus)
            agent.inbox = inbox
            return agent

        def client(self, runner: Any, url: str, names: tuple[str, str], **options: Any) -> Any:
            local, remote = names
            return WebSocketProxyClientAgent(
                "client",
                bus=runner.bus,
                url=url,
                local_agent_name=local,
                remote_agent_name=remote,
                **options,
            )

        def server(
            self, runner: Any, websocket: Any, names: tuple[str, str], **options: Any
        ) -> Any:
            local, remote = names
            return WebSocketProxyServerAgent(
                "server",
                bus=runner.bus,
                websocket=websocket,
                agent_name=local,
                remote_agent_name=remote,
                **options,
            )

        async def add(self, runner: Any, agent: Any) -> None:
            await runner.add_agent(agent)

        async def run(self, runner: Any) -> None:
            await runner.run()

        async def send(self, agent: Any, message: Any) -> None:
            await agent.send_message(message)

        async def watch(self, agent: Any, name: str) -> None:
            await agent.watch_agent(name)

        async def ask(self, agent: Any, target: str, payload: Any) -> Any:
            async with agent.task(target, payload=payload, timeout=8) as task:
                async for _ in task:
                    pass
            return task.response

        def redis_bus(self, **options: Any) -> Any:
            return RedisBus(**options)

    return Agents()
