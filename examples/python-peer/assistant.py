"""Serves the assistant of the Acme shop, a stock LLM worker of Pipecat, to whoever connects.

Usage: assistant.py [--port N] [--dialect pipecat|protobuf]
"""

import signal
import socket
import sys
from typing import Any

import uvicorn
from command_line import log_warnings_only, make_serializer, parser
from fastapi import FastAPI, WebSocket
from pipecat.bus import BusFrameMessage
from pipecat.services.llm_service import FunctionCallParams
from pipecat.workers.llm import LLMWorker, tool
from pipecat.workers.proxy.websocket.server import WebSocketProxyServer
from pipecat.workers.runner import WorkerRunner
from scripted_llm import ScriptedLLM

PRICES = {"rocket skate": 149, "anvil": 39, "portable hole": 89}

options = parser("Serves the assistant of the Acme shop over WebSockets.")
options.add_argument(
    "--port",
    type=int,
    default=8765,
    help="the port to listen at, 0 for any that is free (default 8765)",
)
given = options.parse_args()
app = FastAPI()


class Assistant(LLMWorker):
    """The assistant. The other end of the bridge keeps the conversation."""

    @tool
    async def find_price(self, params: FunctionCallParams, product: str) -> None:
        """Find the price of a product.

        Args:
            product: What the product is called, in the singular.
        """
        await params.result_callback({"product": product, "dollars": PRICES[product]})


@app.websocket("/ws")
async def serve(websocket: WebSocket) -> None:
    """Serve one customer, with a runner, a bus and an assistant of their own."""
    await websocket.accept()
    runner = WorkerRunner(handle_sigint=False)
    proxy = WebSocketProxyServer(
        "gateway",
        websocket=websocket,
        worker_name="assistant",
        remote_worker_name="acme",
        forward_messages=(BusFrameMessage,),
        serializer=make_serializer(given.dialect),
    )

    @proxy.event_handler("on_client_disconnected")
    async def on_client_disconnected(_proxy: WebSocketProxyServer, _websocket: WebSocket) -> None:
        await runner.cancel()

    await runner.add_workers(proxy, Assistant("assistant", llm=ScriptedLLM(), bridged=()))
    await runner.run()


def leave(_signal: int, _frame: Any) -> None:
    """End with success: the server, which is closed by then, raises the signal once more."""
    sys.exit(0)


def main() -> None:
    """Serve until a signal comes."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    log_warnings_only()
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=3)
    )
    with socket.create_server(("127.0.0.1", given.port)) as listening:
        print(f"listening on ws://127.0.0.1:{listening.getsockname()[1]}/ws", flush=True)
        server.run(sockets=[listening])


if __name__ == "__main__":
    main()
