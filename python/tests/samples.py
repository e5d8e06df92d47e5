"""Messages and frames of the installed package, with every field filled."""

from __future__ import annotations

import dataclasses
import inspect
import warnings
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from typing import Any

from crossbus import schema
from crossbus.dialects import Dialect

PAYLOAD: dict[str, Any] = {
    "n": 3,
    "x": 3.0,
    "big": 2**60,
    "huge": -(2**70),
    "b": b"\x00\xff",
    "none": None,
    "yes": True,
    "text": "café \U0001f600",
    "list": [1, 1.0, [], {}, "1"],
    "nan": float("nan"),
    "inf": float("-inf"),
    "zero": -0.0,
}
"""A payload of every plain type."""


def resolve(name: str) -> Any:
    """Give the class by a name, or None where the release lacks it."""
    module, _, attribute = name.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return getattr(import_module(module), attribute, None)
        except ImportError:
            return None


def context(*, tools: bool = True) -> Any:
    """Make a conversation."""
    llm_context = import_module("pipecat.processors.aggregators.llm_context")
    messages = [
        {"role": "user", "content": "Hi", "numbers": [1, 1.0, 2**60]},
        llm_context.LLMSpecificMessage(llm="anthropic", message={"thinking": b"\x01"}),
    ]
    given: dict[str, Any] = {"messages": messages}
    if tools:
        given |= {"tools": tools_schema(), "tool_choice": "auto"}
    return llm_context.LLMContext(**given)


def tools_schema(**more: Any) -> Any:
    """Make tools."""
    module = import_module("pipecat.processors.aggregators.llm_context")
    function_schema = inspect.getmodule(module.ToolsSchema).FunctionSchema  # type: ignore[union-attr]
    weather = function_schema(
        name="weather",
        description="The weather in a city",
        properties={"city": {"type": "string", "maxLength": 40}},
        required=["city"],
    )
    return module.ToolsSchema(standard_tools=[weather], **more)


_BY_NAME: dict[str, Any] = {
    "audio": b"\x00\x01\x02\x03",
    "num_channels": 1,
    "sample_rate": 16000,
    "direction": None,
    "status": "completed",
    "job_id": "j1",
    "task_id": "j1",
    "messages": [{"role": "user", "content": "Hi"}],
    "metadata": {"n": 1, "x": 1.0},
    "started_at": 1700000000.25,
    "start_secs": 0,
    "volume": 1,
    "gain": 0.5,
    "markers": ["a", "b"],
    "button": "1",
    "buttons": ["1", "2"],
    "text_type": "sentence",
    "aggregated_by": "sentence",
    "type": "url",
    "tool_choice": "auto",
    "timestamp": 5,
    "category": None,
    "processor": None,
    "exception": None,
    "transform": None,
    "service": None,
    "event": None,
    "result_callback": None,
    "on_context_updated": None,
    "worker": None,
    "agent": None,
}

_BY_TYPE: tuple[tuple[str, Any], ...] = (
    ("dict", PAYLOAD),
    ("Mapping", {"temperature": 1}),
    ("bytes", b"\x00\xff"),
    ("bool", True),
    ("str", "text"),
    ("int", 7),
    ("float", 0.25),
    ("Any", PAYLOAD),
)


def _annotation(field: dataclasses.Field[Any]) -> str:
    return field.type.__name__ if type(field.type) is type else str(field.type)


def _sample(name: str, annotation: str) -> Any:
    if name == "timestamp" and annotation.startswith("str"):
        return "2026-01-01"
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name == "context" and "LLMContext" in annotation:
        return context()
    if "ToolsSchema" in annotation:
        return tools_schema()
    if annotation.startswith("list[str]"):
        return ["a", "b"]
    if annotation.startswith(("list", "Sequence")):
        return []
    for text, value in _BY_TYPE:
        if annotation.startswith(text):
            return value
    return None


def fill(cls: type, **given: Any) -> Any:
    """Make an object with something in every field of a plain type."""
    fields = dataclasses.fields(cls)
    init = {f.name: _sample(f.name, _annotation(f)) for f in fields if f.init}
    init = {n: v for n, v in init.items() if v is not None or _is_needed(cls, n)}
    made = cls(**(init | given))
    for f in fields:
        value = None if f.init else _sample(f.name, _annotation(f))
        if value is not None and f.name not in ("id", "name", "fatal"):
            setattr(made, f.name, value)
    return made


def bare(cls: type, **given: Any) -> Any:
    """Make an object with as little in it as its class allows."""
    needed = [f for f in dataclasses.fields(cls) if f.init and _is_needed(cls, f.name)]
    init = {f.name: _sample(f.name, _annotation(f)) for f in needed}
    if "OutputDTMF" in cls.__name__:
        init["button"] = "1"
    return cls(**(init | given))


def _is_needed(cls: type, name: str) -> bool:
    field = next(f for f in dataclasses.fields(cls) if f.name == name)
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def frames() -> Iterator[Any]:
    """Give frames of every class of the schema that is installed, filled and bare."""
    for name in schema.frame_classes().values():
        cls = resolve(name)
        if cls is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield from (fill(cls), bare(cls))
    frames_module = import_module("pipecat.frames.frames")
    call = frames_module.FunctionCallFromLLM(
        function_name="f", tool_call_id="c", arguments={"n": 1}, context=context()
    )
    yield frames_module.FunctionCallsStartedFrame(function_calls=[call, call])
    properties = frames_module.FunctionCallResultProperties(run_llm=False, is_final=False)
    yield frames_module.FunctionCallResultFrame(
        function_name="f", tool_call_id="c", arguments={}, result=[1.0], properties=properties
    )
    yield frames_module.LLMContextFrame(context=context(tools=False))
    yield frames_module.LLMSetToolsFrame(tools=[{"name": "raw"}])
    external = getattr(frames_module, "ExternalFunctionCallsStartedFrame", None)
    if external is not None:
        one = frames_module.ExternalFunctionCall(function_name="f", tool_call_id="c")
        yield external(function_calls=[one])
    language = import_module("pipecat.transcriptions.language").Language
    yield frames_module.TranscriptionFrame(
        text="hi", user_id="u", timestamp="t", language=language.EN_US
    )


def stock_frames() -> Iterator[Any]:
    """Give frames that Pipecat has and the schema doesn't, with what they hold."""
    frames_module = import_module("pipecat.frames.frames")
    metrics = import_module("pipecat.metrics.metrics")
    usage = metrics.LLMTokenUsage(prompt_tokens=1, completion_tokens=2, total_tokens=3)
    yield frames_module.MetricsFrame(
        data=[
            metrics.TTFBMetricsData(processor="p", model="m", value=0.5),
            metrics.LLMUsageMetricsData(processor="p", value=usage),
        ]
    )
    yield frames_module.SpeechControlParamsFrame(vad_params=frames_module.VADParams())
    image = frames_module.OutputImageRawFrame(image=b"\x01", size=None, format="RGB")
    yield frames_module.SpriteFrame(images=[image])
    category = getattr(frames_module, "ErrorCategory", None)
    if category is not None:
        yield frames_module.ErrorFrame(error="no", category=category.QUOTA)
    request = frames_module.UserImageRequestFrame(user_id="u")
    yield frames_module.UserImageRawFrame(image=b"\x01", size=None, format="RGB", request=request)


def messages(dialect: Dialect) -> Iterator[Any]:
    """Give bus messages of every class of the schema that is installed, filled and bare."""
    for case, name in schema.body_classes(dialect).items():
        cls = resolve(name)
        if cls is None:
            continue
        if case == "frame":
            yield from (frame_message(cls, frame) for frame in frames())
            yield from (frame_message(cls, frame) for frame in stock_frames())
        elif case == "agent_registry":
            yield registry(dialect, cls)
        else:
            yield fill(cls, source="a", target="b")
            yield bare(cls, source="a")


def frame_message(cls: Any, frame: Any) -> Any:
    """Put a frame into a bus message."""
    direction = import_module("pipecat.processors.frame_processor").FrameDirection
    return cls(source="a", frame=frame, direction=direction.UPSTREAM, bridge="voice")


def registry(dialect: Dialect, cls: Any) -> Any:
    """Make an announcement."""
    nested = schema.nested_classes(dialect)["crossbus.v1.AgentRegistryEntry"]
    entry = resolve(nested.class_names[0])
    entries = [entry(name="x"), fill(entry)]
    field = "workers" if dialect == "pipecat" else "agents"
    return cls(source="r", runner="runner-1", **{field: entries})


def describe(value: Any) -> Any:
    """Describe a value so that two descriptions are equal when value, types and members are."""
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, Enum):
        return (name, value.name)
    if isinstance(value, dict):
        return (name, [(key, describe(member)) for key, member in value.items()])
    if isinstance(value, list | tuple):
        return (name, [describe(item) for item in value])
    if hasattr(value, "to_default_dict"):
        return (name, describe(value.to_default_dict()))
    if isinstance(value, str | int | float | bytes | type(None)):
        return (name, repr(value))
    members = dict(vars(value))
    if dataclasses.is_dataclass(value):
        members |= {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return (name, {key: describe(member) for key, member in sorted(members.items())})


def describe_custom(message: Any) -> Any:
    """Describe a message that carries a Protocol Buffers message."""
    names = [f.name for f in dataclasses.fields(message) if f.name != "message"]
    members = {name: getattr(message, name) for name in names}
    return (describe(members), message.message.SerializeToString(deterministic=True))
