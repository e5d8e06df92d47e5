"""Classes as an application has them."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from enum import Enum, IntEnum
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from pipecat.frames.frames import DataFrame, SystemFrame
from pydantic import BaseModel

from crossbus.v1 import options_pb2


class Mood(Enum):
    """An Enum, which travels by the name of its member."""

    HAPPY = 1
    SAD = "s"


class Size(str, Enum):  # noqa: UP042
    """An Enum that is text, and arrives as text."""

    BIG = "big"


class Level(IntEnum):
    """An Enum that is a number, and arrives as one."""

    HIGH = 3


@dataclass
class Point:
    """A dataclass."""

    x: float
    y: int | None
    label: str | None = "origin"
    seen: bool = field(default=False, init=False)


class Model(BaseModel):
    """A pydantic model."""

    name: str
    points: list[int] = []
    note: str | None = None


@dataclass
class AcmeFrame(DataFrame):
    """A frame."""

    text: str
    mood: Mood = Mood.HAPPY
    point: Point | None = None
    model: Model | None = None
    data: dict[str, Any] | None = None


@dataclass
class OtherAcmeFrame(SystemFrame):
    """Another one, which the tests don't register."""

    text: str = ""


class Callable:
    """An object of no class that can travel, which can be called."""

    def __call__(self) -> None:
        """Do nothing."""


def made(name: str, *bases: type, fields: Any = (), module: str = __name__) -> Any:
    """Make a dataclass, where its bases are only known when the tests run."""
    cls = make_dataclass(name, fields, bases=bases, kw_only=bool(fields))
    # Not in its namespace: from Python 3.12 on the module of whoever makes it overwrites that.
    cls.__module__ = module
    return cls


def protobuf_class(name: str, *, system: bool = False) -> type[Message]:
    """Make a message type, as protoc would from the application's schema."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"acme/{name.lower()}.proto",
        package="acme.v1",
        syntax="proto3",
        dependency=["crossbus/v1/options.proto"],
    )
    message = file.message_type.add(name=name)
    message.field.add(
        name="city",
        number=1,
        type=descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
        label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
    )
    if system:
        extensions: Any = message.options.Extensions
        extensions[options_pb2.priority] = options_pb2.PRIORITY_SYSTEM
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"acme.v1.{name}"))


Weather: Any = protobuf_class("Weather")
Alarm: Any = protobuf_class("Alarm", system=True)
Unknown: Any = protobuf_class("Unknown")
