"""Records what the real serializers of Pipecat write, one JSON object a line.

Run it with the interpreter of an environment that has the package, in this folder:

    python record_vectors.py pipecat 1.14.0 > pipecat-1.14.0.jsonl
    python record_vectors.py pipecat-subagents 0.6.0 > pipecat-subagents-0.6.0.jsonl
    python record_vectors.py merge pipecat-1.*.jsonl > vectors/pipecat.jsonl

With the package crossbus on PYTHONPATH it also records what that makes of the same messages:

    python record_vectors.py protobuf > vectors/protobuf.jsonl

It goes through the classes of the bus messages and of the frames that the package has, and writes each with only what
its constructor wants, and with everything.
"""

import dataclasses
import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any

PAYLOAD: dict[str, Any] = {
    "n": 3,
    "x": 3.0,
    "big": 2**60,
    "huge": 2**200,
    "min": -(2**63),
    "b": b"\x00\xff",
    "none": None,
    "list": [1, 1.0, None, [], {}, "é😀"],
    "empty": {},
    "__proto__": 1,
    "constructor": True,
    "": 0,
    "é😀": "é😀",
    "inf": float("inf"),
    "-inf": float("-inf"),
    "nan": float("nan"),
    "-0": -0.0,
    "large": 1e300,
}

# Classes that are only the base of others, or that never leave the process.
BASES = {"BusMessage", "BusDataMessage", "BusSystemMessage", "BusUIDataMessage"}
LOCAL = ("Local", "AddAgent", "AddWorker")


class Recorder:
    """Makes instances of one package's classes, and writes them with its serializer."""

    def __init__(self, dialect: str) -> None:
        import pipecat.frames.frames as frames
        import pipecat.processors.frameworks.rtvi.frames as rtvi
        from pipecat.processors.frame_processor import FrameDirection

        self.frames = frames
        self.frame_modules = [frames, rtvi]
        self.down, self.up = FrameDirection.DOWNSTREAM, FrameDirection.UPSTREAM
        if dialect == "pipecat":
            import pipecat.bus.messages as messages
            import pipecat.bus.ui.messages as ui
            from pipecat.bus.serializers.json import JSONMessageSerializer
            from pipecat.pipeline.job_context import JobStatus as Status
            from pipecat.registry.types import WorkerRegistryEntry as Entry

            self.message_modules = [messages, ui]
            self.serializer: Any = JSONMessageSerializer()
        else:
            import pipecat_subagents.bus.messages as messages  # type: ignore[no-redef]
            from pipecat_subagents.agents.task_context import TaskStatus as Status  # type: ignore
            from pipecat_subagents.bus.serializers import JSONMessageSerializer  # type: ignore
            from pipecat_subagents.types import AgentRegistryEntry as Entry  # type: ignore

            self.message_modules = [messages]
            self.serializer = JSONMessageSerializer()
        self.messages: Any = messages
        self.status: Any = Status
        self.entry: Any = Entry
        self.tools = self.make_tools()
        self.context = self.make_context(tools=self.tools, tool_choice="auto")

    def make_tools(self) -> Any:
        try:
            from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
            from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
        except ImportError:
            from pipecat.adapters.schemas.function_schema import FunctionSchema  # type: ignore
            from pipecat.adapters.schemas.tools_schema import ToolsSchema  # type: ignore
        properties = {"x": {"type": "string"}}
        function = FunctionSchema(name="f", description="d", properties=properties, required=["x"])
        return ToolsSchema(standard_tools=[function])

    def make_context(self, **rest: Any) -> Any:
        from pipecat.processors.aggregators.llm_context import LLMContext, LLMSpecificMessage

        specific = LLMSpecificMessage(llm="acme", message={"role": "x", "content": b"\x01"})
        parts = [{"type": "text", "text": "x"}]
        messages = [{"role": "user", "content": "Hi"}, {"role": "user", "content": parts}, specific]
        return LLMContext(messages=messages, **rest)

    def value(self, name: str, annotation: Any) -> Any:
        """A value for a field, by its name and type; None where there is none to make up."""
        kind = annotation if isinstance(annotation, str) else str(annotation)
        frames = self.frames
        named: dict[str, Any] = {
            "messages": lambda: [{"role": "user", "content": "x"}],
            "context": lambda: self.context,
            "tools": lambda: self.tools,
            "direction": lambda: self.up,
            "frame": lambda: self.fixed(frames.TextFrame("hi")),
            "function_calls": lambda: [
                frames.ExternalFunctionCall("f", "1")
                if "External" in kind
                else frames.FunctionCallFromLLM("f", "1", {"a": 1}, self.context)
            ],
            "properties": lambda: frames.FunctionCallResultProperties(run_llm=True),
        }
        if name in named:
            return named[name]()
        if name == "status" and "Status" in kind:
            return self.status("completed")
        if "RegistryEntry" in kind:
            full = self.entry(name="b", parent="a", active=True, bridged=True, started_at=5)
            return [self.entry(name="a"), full]
        if name in ("agents", "workers"):
            return ["a", "b"]
        if "KeypadEntry" in kind:
            key = frames.KeypadEntry("1")
            return [key] if "list" in kind else key
        if "ErrorCategory" in kind:
            from pipecat.utils.errors import ErrorCategory

            return ErrorCategory.CONNECTIVITY
        if "Metrics" in kind:
            from pipecat.metrics.metrics import LLMTokenUsage, LLMUsageMetricsData, TTFBMetricsData

            usage = LLMTokenUsage(prompt_tokens=1, completion_tokens=2, total_tokens=3)
            return [
                TTFBMetricsData(processor="p", value=0.5),
                LLMUsageMetricsData(processor="p", value=usage),
            ]
        if "Language" in kind:
            from pipecat.transcriptions.language import Language

            return Language.EN_US
        plain: tuple[tuple[str, Any], ...] = (
            ("bytes", b"\x00\x01\x02\x03"),
            ("bool", True),
            ("tuple", None),
            ("int", 7),
            # Given as an int, which Python takes for a float and writes as an int.
            ("float", 2),
            ("str", "s"),
            ("dict", dict(PAYLOAD)),
            ("Mapping", dict(PAYLOAD)),
            ("Any", dict(PAYLOAD)),
        )
        return next((value for word, value in plain if word in kind), None)

    def fixed(self, thing: Any) -> Any:
        """Gives what is counted or timed a fixed value, so that releases can be compared."""
        if hasattr(thing, "id") and hasattr(thing, "name"):
            thing.id, thing.name = 7, f"{type(thing).__name__}#7"
        if isinstance(getattr(thing, "timestamp", None), float):
            thing.timestamp = 1767225600.25
        if isinstance(getattr(thing, "flush_id", None), int):
            thing.flush_id = 9
        return thing

    def make(self, cls: type[Any], full: bool) -> Any:
        arguments: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            missing = dataclasses.MISSING
            required = field.default is missing and field.default_factory is missing
            if field.init and (required or full):
                value = self.value(field.name, field.type)
                if value is not None or required:
                    arguments[field.name] = value
        return self.fixed(cls(**arguments))

    def frame_message(self, frame: Any, **rest: Any) -> Any:
        message = self.messages.BusFrameMessage(source="voice", frame=frame, **rest)
        return self.fixed(message)

    def all(self) -> Iterator[tuple[str, Any]]:
        for module in self.message_modules:
            for name, cls in vars(module).items():
                if not dataclasses.is_dataclass(cls) or not name.startswith("Bus"):
                    continue
                if name in BASES or any(word in name for word in LOCAL):
                    continue
                yield f"{name}, minimal", self.make(cls, False)  # type: ignore[arg-type]
                yield f"{name}, full", self.make(cls, True)  # type: ignore[arg-type]
        for module in self.frame_modules:
            for name, cls in vars(module).items():
                is_frame = isinstance(cls, type) and issubclass(cls, self.frames.Frame)
                if not is_frame or cls.__module__ != module.__name__:
                    continue
                for full in (False, True):
                    try:
                        frame = self.make(cls, full)
                    except ValueError:
                        # Some want one of two fields.
                        continue
                    if full:
                        frame.pts, frame.metadata = 123, {"k": 1.0}
                        frame.transport_source, frame.transport_destination = "a", "b"
                        frame.broadcast_sibling_id = 9
                        yield f"{name}, full", self.frame_message(frame, direction=self.up, bridge="b")
                    else:
                        message = self.frame_message(frame, target="t", direction=self.down)
                        yield f"{name}, minimal", message
        yield from self.own()

    def own(self) -> Iterator[tuple[str, Any]]:
        from acme_types import AcmeFrame, AcmeMood, AcmeOrder

        mine = AcmeFrame(n=1, x=1.0, mood=AcmeMood.HAPPY, order=AcmeOrder(item="anvil"), what=PAYLOAD)
        yield "an own frame class", self.frame_message(self.fixed(mine), direction=self.down)
        for label, rest in (
            ("without tools", {}),
            ("with a tool choice", {"tools": self.tools, "tool_choice": {"type": "function"}}),
        ):
            frame = self.frames.LLMContextFrame(context=self.make_context(**rest))
            yield f"a context {label}", self.frame_message(self.fixed(frame), direction=self.up)

    def write_protobuf(self) -> None:
        """Writes each message twice: in JSON, and in Protocol Buffers."""
        from acme_types import AcmeFrame, AcmeMood, AcmeOrder
        from crossbus import ProtobufMessageSerializer

        protobuf = ProtobufMessageSerializer(types=[AcmeFrame, AcmeMood, AcmeOrder])
        for label, message in self.all():
            wire = self.serializer.serialize(message).decode()
            encoded = protobuf.serialize(message).hex()
            print(json.dumps({"label": label, "wire": wire, "protobuf": encoded}))

    def write(self, version: str) -> None:
        for label, message in self.all():
            wire = self.serializer.serialize(message)
            text = wire.decode() if isinstance(wire, bytes) else wire
            print(json.dumps({"label": label, "versions": [version], "wire": text}))


def merge(paths: list[str]) -> None:
    """Joins recordings: one line for each wire, with all the releases that write it."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in paths:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                one = json.loads(line)
                found.setdefault((one["label"], one["wire"]), []).extend(one["versions"])
    for (label, wire), versions in found.items():
        print(json.dumps({"label": label, "versions": versions, "wire": wire}))


def main() -> None:
    if sys.argv[1] == "merge":
        merge(sys.argv[2:])
        return
    warnings.simplefilter("ignore")
    from loguru import logger

    logger.remove()
    if sys.argv[1] == "protobuf":
        Recorder("pipecat").write_protobuf()
    else:
        Recorder(sys.argv[1]).write(sys.argv[2])


if __name__ == "__main__":
    main()
