"""Bus messages of Python from ``crossbus.v1.BusMessage``."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from crossbus import schema
from crossbus.classes import Classes, class_name
from crossbus.contexts import Contexts
from crossbus.custom import CustomBusMessage
from crossbus.errors import CrossbusError, DeserializationError
from crossbus.objects import construct
from crossbus.schema import FieldKind, SchemaField
from crossbus.v1.frame_pb2 import Frame
from crossbus.v1.message_pb2 import BusMessage, CustomMessage
from crossbus.v1.value_pb2 import Struct
from crossbus.values import Values, first_level, unknown

Members = dict[str, Any]
"""What an object is made of, by name."""

#: How many messages there are from the outermost to the body, a frame, and its kind.
_BODY_DEPTH = 2
_FRAME_DEPTH = 3
_KIND_DEPTH = 4

#: The fields that aren't cases of the body: an unknown one of these is one that a newer peer added.
_ENVELOPE = range(1, 10)
#: The fields that are common to all frames.
_COMMON = range(6, 16)

_TYPE_URL_PREFIX = "type.googleapis.com/"


class Reader:
    """Reads bus messages of one package."""

    def __init__(self, classes: Classes) -> None:
        """Make a reader that makes messages of those classes."""
        self._classes = classes
        self._values = Values(classes)
        self._contexts = Contexts(classes)

    def bus_message(self, data: bytes) -> Any:
        """Read a bus message. Raises DeserializationError for what is none that is known here."""
        try:
            message = BusMessage.FromString(data)
        except (DecodeError, ValueError) as error:
            raise DeserializationError(f"the bytes are no BusMessage: {error}") from error
        body = message.WhichOneof("body")
        _check_case(message, _ENVELOPE, body, "body")
        match body:
            case "custom":
                return self._custom(message)
            case "other":
                return self._other(message)
            case _:
                return self._known(message, str(body))

    def _known(self, message: BusMessage, body: str) -> Any:
        name = schema.body_classes(self._classes.dialect).get(body)
        cls = self._classes.bodies.get(body)
        if cls is None:
            raise DeserializationError(self._missing(body, name))
        content: Any = getattr(message, body)
        members = self._fields(message, 1)
        members |= self._frame_fields(message)
        if body == "frame":
            try:
                members["frame"] = self._frame(content)
            except CrossbusError as error:
                error.within("frame")
                raise
        members |= self._fields(content, _BODY_DEPTH, skip=("frame",))
        self._extra(message.extra, members, message.DESCRIPTOR, content.DESCRIPTOR)
        return construct(cls, members)

    def _other(self, message: BusMessage) -> Any:
        cls = self._other_class(message.other.type_name, self._classes.bus_message)
        members = self._fields(message, 1)
        self._extra(message.other.fields, members, message.DESCRIPTOR)
        return construct(cls, members)

    def _custom(self, message: BusMessage) -> Any:
        content = self._custom_content(message.custom)
        members = self._fields(message, 1)
        made = CustomBusMessage(
            source=members["source"],
            target=members.get("target"),
            message=content,
            dialect=self._classes.dialect,
        )
        for name, value in self._frame_fields(message).items():
            setattr(made, name, value)
        return made

    def _custom_content(self, custom: CustomMessage) -> Message:
        url = custom.message.type_url
        name = url.removeprefix(_TYPE_URL_PREFIX)
        cls = self._classes.messages.get(name) if url.startswith(_TYPE_URL_PREFIX) else None
        if cls is None:
            raise DeserializationError(
                f"the message type {name!r} isn't registered; give its class to the serializer "
                "with types=[...]",
                "message",
            )
        try:
            return cls.FromString(custom.message.value)
        except (DecodeError, ValueError) as error:
            raise DeserializationError(f"the bytes are no {name}: {error}", "message") from error

    def _frame(self, message: Any) -> Any:
        if not message.HasField("frame"):
            raise DeserializationError("is missing")
        frame: Frame = message.frame
        kind = frame.WhichOneof("kind")
        _check_case(frame, _COMMON, kind, "kind")
        members = self._fields(frame, _FRAME_DEPTH)
        if kind == "other":
            cls = self._other_class(frame.other.type_name, self._classes.frame)
            self._extra(frame.other.fields, members, frame.DESCRIPTOR)
            return construct(cls, members)
        found = self._classes.frames.get(str(kind))
        if found is None:
            raise DeserializationError(
                self._missing(str(kind), schema.frame_classes().get(str(kind)))
            )
        content: Any = getattr(frame, str(kind))
        members |= self._fields(content, _KIND_DEPTH)
        self._extra(frame.extra, members, frame.DESCRIPTOR, content.DESCRIPTOR)
        return construct(found, members)

    def _other_class(self, name: str, base: type) -> type:
        """Give a class that isn't on the schema, and is what it should be."""
        cls = self._classes.by_name.get(name)
        if cls is None:
            raise unknown(name)
        is_message = issubclass(cls, self._classes.bus_message)
        should_be_message = base is self._classes.bus_message
        is_right = issubclass(cls, base) and is_message is should_be_message
        if self._classes.is_of_schema(name) or not is_right:
            raise DeserializationError(f"the class {name!r} doesn't belong here")
        return cls

    def _missing(self, case: str, name: str | None) -> str:
        if name is None:
            return f"{case} has no class in {self._classes.dialect}"
        return f"the release of pipecat-ai that is installed has no {name}"

    def _frame_fields(self, message: BusMessage) -> Members:
        if not message.HasField("frame_fields"):
            return {}
        return self._fields(message.frame_fields, _BODY_DEPTH)

    def _extra(self, extra: Struct, members: Members, *known: Any) -> None:
        """Add the members that the schema doesn't know."""
        for name, value in self._values.read_struct(extra).items():
            is_known = name in members or any(
                name in schema.fields_of(d, self._classes.dialect).by_name for d in known
            )
            if is_known or name.startswith("_"):
                raise DeserializationError("must be no field of the schema, nor start with _", name)
            members[name] = value

    def _fields(self, message: Any, depth: int, skip: Container[str] = ()) -> Members:
        """Read the fields of a message that are set."""
        members: Members = {}
        for field in schema.fields_of(message.DESCRIPTOR, self._classes.dialect).all:
            name = field.python_name
            if field.name in skip:
                continue
            if field.has_presence and not message.HasField(field.name):
                if field.is_required:
                    raise DeserializationError("is missing", name)
                continue
            if name in members:
                raise DeserializationError("has two values", name)
            try:
                members[name] = self._field(field, getattr(message, field.name), depth)
            except CrossbusError as error:
                error.within(name)
                raise
        return members

    def _field(self, field: SchemaField, value: Any, depth: int) -> Any:
        if not field.is_repeated:
            return self._single(field, value, depth)
        items: list[Any] = []
        for index, item in enumerate(value):
            try:
                items.append(self._single(field, item, depth))
            except CrossbusError as error:
                error.within(index)
                raise
        return items

    def _single(self, field: SchemaField, value: Any, depth: int) -> Any:
        match field.kind:
            case FieldKind.SCALAR:
                return value
            case FieldKind.ENUM:
                return self._enum(field, value)
            case FieldKind.VALUE:
                return self._values.read(value, first_level(depth + 1))
            case FieldKind.STRUCT:
                return self._values.read_struct(value, first_level(depth + 1))
            case _:
                return self._object(field, value, depth + 1)

    def _object(self, field: SchemaField, value: Any, depth: int) -> Any:
        assert field.message is not None
        members = self._fields(value, depth)
        name = field.message.full_name
        cls = self._classes.nested.get(name)
        if name not in schema.nested_classes(self._classes.dialect):
            return members
        if cls is None:
            raise DeserializationError(f"there is no {name} in the release that is installed")
        if self._contexts.is_special_class(cls):
            # Of these Pipecat's JSON takes no other members either.
            return self._contexts.build(cls, members)
        self._extra(value.extra, members, value.DESCRIPTOR)
        return construct(cls, members)

    def _enum(self, field: SchemaField, number: int) -> Any:
        assert field.enum is not None
        cls: Any = self._classes.enums.get(field.enum.full_name)
        for name, known in schema.enum_members(field.enum).items():
            if known == number:
                return name if cls is None else cls[name]
        wanted = field.enum.name if cls is None else class_name(cls)
        raise DeserializationError(f"{number} is no member of {wanted}")


def _check_case(message: Message, others: range, case: str | None, what: str) -> None:
    """Check that a message has a case, and none that only a newer peer knows."""
    fields: Any = UnknownFieldSet(message)
    unknown_case = next((f.field_number for f in fields if f.field_number not in others), None)
    if unknown_case is not None:
        raise DeserializationError(
            f"the {what} is case {unknown_case}, which only a newer version of crossbus knows"
        )
    if case is None:
        raise DeserializationError(f"the {what} is missing")
