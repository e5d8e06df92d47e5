"""How a peer tells a test what arrived: the text of each field, in the vocabulary of pipecat-ai-subagents."""

import dataclasses
from enum import Enum
from typing import Any

from google.protobuf.message import Message
from pipecat.frames.frames import Frame
from pipecat.processors.aggregators.llm_context import LLMContext

_MISSING = object()


def old_name(name: str) -> str:
    """Turn a name of pipecat-ai, with its workers and jobs, into that of the older package."""
    for new, old in (("Worker", "Agent"), ("worker", "agent"), ("Job", "Task"), ("job", "task")):
        name = name.replace(new, old)
    return name


def describe(value: Any) -> dict[str, Any]:
    """Describe a message or a frame by the name of its class and the text of its fields."""
    return {
        "type": old_name(type(value).__name__),
        "fields": {
            old_name(field.name): describe(inner) if isinstance(inner, Frame) else show(inner)
            for field in dataclasses.fields(value)
            if (inner := getattr(value, field.name, _MISSING)) is not _MISSING
        },
    }


def show(value: Any) -> str:
    """Write a value as Python source, so that nothing is lost of its type."""
    if isinstance(value, LLMContext):
        tools = getattr(value.tools, "standard_tools", None)
        shown = "None" if tools is None else show([tool.to_default_dict() for tool in tools])
        choice = value.tool_choice if isinstance(value.tool_choice, (str, dict)) else None
        return f"LLMContext(messages={show(value.get_messages())}, tools={shown}, tool_choice={choice!r})"
    if isinstance(value, str):
        text = str(value)
        return repr(text) if len(text) <= 1000 else f"{text[:10]!r}... ({len(text)} characters)"
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Message):
        return f"{value.DESCRIPTOR.full_name} {value.SerializeToString().hex()}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        inner = ", ".join(f"{field.name}={show(getattr(value, field.name))}" for field in fields)
        return f"{type(value).__name__}({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(show(item) for item in value) + "]"
    return repr(value)
