"""The closed table of the Python classes that may travel.

It holds the classes that the schema names, those of Pipecat itself that frames hold or are and the
schema doesn't have, and the ones a user registers. All are resolved once, before anything is read:
no name from the wire is ever imported.
"""

from __future__ import annotations

import dataclasses
import sys
import warnings
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any

from google.protobuf.message import Message
from pydantic import BaseModel

from crossbus import schema
from crossbus.dialects import Dialect, bus_module

#: Modules of pipecat-ai whose frames, and what frames hold, travel without having been registered.
_STOCK_MODULES = (
    "pipecat.frames.frames",
    "pipecat.metrics.metrics",
    "pipecat.audio.turn.smart_turn.base_smart_turn",
    "pipecat.processors.frameworks.rtvi.frames",
    "pipecat.processors.frameworks.rtvi.models",
)


def class_name(cls: type) -> str:
    """Give the name by which a class travels: its module, and its name without what holds it."""
    return f"{cls.__module__}.{cls.__name__}"


def is_model(cls: type) -> bool:
    """Say whether a class is one of those whose objects travel as an object of a class."""
    return issubclass(cls, Enum | BaseModel) or dataclasses.is_dataclass(cls)


class Registered:
    """The classes that a user has registered, checked."""

    def __init__(self, types: Iterable[type]) -> None:
        """Check the classes.

        Raises:
            TypeError: Something is no class whose objects could travel.
            ValueError: Two classes have the same name.
        """
        self.classes: dict[str, type] = {}
        #: Message types of the application's own, by their names in their schema.
        self.messages: dict[str, type[Message]] = {}
        for cls in types:
            if not isinstance(cls, type):
                raise TypeError(f"types must be classes, not {cls!r}")
            if issubclass(cls, Message):
                _add(self.messages, cls.DESCRIPTOR.full_name, cls)
            elif is_model(cls):
                _add(self.classes, class_name(cls), cls)
            else:
                raise TypeError(
                    f"{class_name(cls)} can't travel: it must be a dataclass, a pydantic model, "
                    "an Enum or a message that protoc generated"
                )


def _add(table: dict[str, Any], name: str, cls: type) -> None:
    if table.setdefault(name, cls) is not cls:
        raise ValueError(f"types has two classes by the name of {name}")


class Classes:
    """The classes of one dialect that may travel, both ways."""

    def __init__(self, dialect: Dialect, registered: Registered) -> None:
        """Resolve the classes.

        Raises:
            ImportError: The package isn't installed.
            ValueError: A registered class has the name of one that the schema has, or is a message
                that must stay on its bus.
        """
        messages = bus_module(dialect, ".messages")
        if messages is None:
            raise ImportError(f"there is no {dialect} with a bus here")
        self.dialect = dialect
        self.bus_message: type = messages.BusMessage
        self.local_message: type = messages.BusLocalMessage
        self.frame: type = _resolved("pipecat.frames.frames.Frame") or object
        self.messages: Mapping[str, type[Message]] = registered.messages

        #: All that may stand within others, by name.
        self.by_name: dict[str, type] = {}
        self._names_of_schema: set[str] = set()
        self.bodies = self._resolve(schema.body_classes(dialect))
        self.frames = self._resolve(schema.frame_classes())
        self.enums = self._resolve(schema.enum_classes())
        self.nested: dict[str, type] = {}
        for nested in schema.nested_classes(dialect).values():
            self._resolve_nested(nested)
        self.body_of = _reversed(self.bodies, schema.body_classes(dialect))
        self.kind_of = _reversed(self.frames, schema.frame_classes())
        self.nested_of = {cls: name for name, cls in self.nested.items()}

        for cls in _stock_classes():
            self.by_name.setdefault(class_name(cls), cls)
        for name, cls in registered.classes.items():
            self._register(name, cls)

        self.context = self.nested.get("crossbus.v1.LLMContext")
        self.tools = self.nested.get("crossbus.v1.ToolsSchema")
        self.specific_message = self.nested.get("crossbus.v1.LLMSpecificMessage")

    def is_of_schema(self, name: str) -> bool:
        """Say whether the schema has a class of that name, installed or not."""
        return name in self._names_of_schema

    def knows(self, cls: type) -> bool:
        """Say whether objects of a class may travel."""
        return self.by_name.get(class_name(cls)) is cls

    def beside_tools(self, name: str) -> Any:
        """Give what stands beside the class of tools, in its module, wherever that has moved."""
        assert self.tools is not None
        return getattr(sys.modules[self.tools.__module__], name)

    def _resolve(self, names: Mapping[str, str]) -> dict[str, type]:
        found: dict[str, type] = {}
        for key, name in names.items():
            self._names_of_schema.add(name)
            cls = _resolved(name)
            if cls is not None:
                found[key] = self.by_name[name] = cls
        return found

    def _resolve_nested(self, nested: schema.Nested) -> None:
        self._names_of_schema.update(nested.class_names)
        for name in nested.class_names:
            cls = _resolved(name)
            if cls is not None:
                self.nested[nested.message.full_name] = cls
                # What a peer with another release calls it is the same class.
                self.by_name.update(dict.fromkeys(nested.class_names, cls))
                return

    def _register(self, name: str, cls: type) -> None:
        if self.is_of_schema(name) and self.by_name.get(name) is not cls:
            raise ValueError(f"types has a class by the name of {name}, which the schema has")
        if issubclass(cls, self.local_message):
            raise ValueError(f"{name} can't travel: a BusLocalMessage stays on its bus")
        self.by_name[name] = cls


def _reversed(found: Mapping[str, type], names: Mapping[str, str]) -> dict[type, str]:
    """Give the keys by class, without those under which a class is known by an older name."""
    return {cls: key for key, cls in found.items() if class_name(cls) == names[key]}


@cache
def _resolved(name: str) -> type | None:
    """Give the class by a name of the schema; None where the installed release lacks it."""
    module, _, attribute = name.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            found = getattr(import_module(module), attribute, None)
        except ImportError:
            return None
    return found if isinstance(found, type) else None


@cache
def _stock_classes() -> tuple[type, ...]:
    """Give the classes of Pipecat that are frames, or that frames hold."""
    found: dict[type, None] = {}
    for name in _STOCK_MODULES:
        try:
            module = import_module(name)
        except ImportError:
            continue
        for member in vars(module).values():
            is_class = isinstance(member, type) and member.__module__.startswith("pipecat.")
            if is_class and is_model(member):
                found[member] = None
    return tuple(found)
