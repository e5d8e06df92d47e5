"""Bus messages of Python as ``crossbus.v1.BusMessage``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from enum import Enum
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from crossbus import schema
from crossbus.classes import Classes, class_name
from crossbus.contexts import Contexts
from crossbus.custom import CustomBusMessage
from crossbus.errors import CrossbusError, SerializationError
from crossbus.schema import FieldKind, SchemaField
from crossbus.v1.frame_pb2 import Frame
from crossbus.v1.message_pb2 import BusMessage
from crossbus.v1.value_pb2 import Struct
from crossbus.values import Values, first_level, plain_text, unregistered

Members = dict[str, Any]
"""What an object holds, by name."""

#: How many messages there are from the outermost to the body, a frame, and its kind.
_BODY_DEPTH = 2
_FRAME_DEPTH = 3
_KIND_DEPTH = 4

_UINT32 = range(2**32)
_INT64 = range(-(2**63), 2**63)
_PLAIN = (str, int, float, bytes, list, dict)

_TYPE_URL_PREFIX = "type.googleapis.com/"


class Writer:
    """Writes the bus messages of one package."""

    def __init__(self, classes: Classes) -> None:
        """Make a writer for messages that consist of those classes."""
        self._classes = classes
        self._values = Values(classes)
        self._contexts = Contexts(classes)

    def bus_message(self, message: Any) -> BusMessage:
        """Write a bus message. Raises SerializationError for one that can't travel."""
        cls = type(message)
        if isinstance(message, self._classes.local_message):
            raise SerializationError(f"a {class_name(cls)} must stay on its bus")
        out = BusMessage()
        body = self._classes.body_of.get(cls)
        if isinstance(message, CustomBusMessage):
            self._custom(message, out)
        elif body is not None:
            self._known(message, body, out)
        elif self._classes.knows(cls):
            self._other(message, out)
        else:
            raise unregistered(cls)
        return out

    def _known(self, message: Any, body: str, out: BusMessage) -> None:
        members = _members(message)
        content = getattr(out, body)
        content.SetInParent()
        self._take(out, members, 1)
        if body == "frame":
            try:
                self._frame(members.pop("frame", None), content.frame)
            except CrossbusError as error:
                error.within("frame")
                raise
        self._take(content, members, _BODY_DEPTH)
        self._take_frame_fields(members, out)
        self._extra(members, out.extra)

    def _other(self, message: Any, out: BusMessage) -> None:
        members = self._values.members_of(message)
        self._take(out, members, 1)
        out.other.type_name = class_name(type(message))
        self._values.write_struct(members, out.other.fields)

    def _custom(self, message: CustomBusMessage, out: BusMessage) -> None:
        content = message.message
        name = content.DESCRIPTOR.full_name
        if self._classes.messages.get(name) is not type(content):
            raise unregistered(type(content), "message")
        members = _members(message)
        del members["message"]
        self._take(out, members, 1)
        self._take_frame_fields(members, out)
        try:
            out.custom.message.Pack(content, _TYPE_URL_PREFIX)
        except Exception as error:
            raise SerializationError(f"can't be written: {error}", "message") from error

    def _frame(self, frame: Any, out: Frame) -> None:
        cls = type(frame)
        kind = self._classes.kind_of.get(cls)
        if kind is None:
            self._other_frame(frame, out)
            return
        members = _members(frame)
        content = getattr(out, kind)
        content.SetInParent()
        self._take(out, members, _FRAME_DEPTH)
        self._take(content, members, _KIND_DEPTH)
        self._extra(members, out.extra)

    def _other_frame(self, frame: Any, out: Frame) -> None:
        cls = type(frame)
        is_frame = isinstance(frame, self._classes.frame)
        if not is_frame or isinstance(frame, self._classes.bus_message):
            raise SerializationError(f"must be a frame, not a {class_name(cls)}")
        if not self._classes.knows(cls):
            raise unregistered(cls)
        members = self._values.members_of(frame)
        self._take(out, members, _FRAME_DEPTH)
        out.other.type_name = class_name(cls)
        self._values.write_struct(members, out.other.fields)

    def _take_frame_fields(self, members: Members, out: BusMessage) -> None:
        """Write what a message has like a frame, if it has any of it."""
        before = len(members)
        fields = BusMessage().frame_fields
        self._take(fields, members, _BODY_DEPTH)
        if len(members) < before:
            out.frame_fields.CopyFrom(fields)

    def _extra(self, members: Members, out: Struct) -> None:
        """Write the members that the schema doesn't know."""
        kept = {n: v for n, v in members.items() if v is not None and not self._values.is_lost(v)}
        for name in kept:
            if name.startswith("_"):
                raise SerializationError("a field must not start with _ to travel", name)
        if kept:
            self._values.write_struct(kept, out)

    def _take(self, out: Message, members: Members, depth: int) -> None:
        """Write the fields of ``out`` from members, and remove those."""
        for name, fields in schema.fields_of(out.DESCRIPTOR, self._classes.dialect).by_name.items():
            value = members.pop(name, None)
            field, value = self._choose(fields, value)
            try:
                if value is not None:
                    self._field(field, value, out, depth)
                elif field.is_required:
                    raise SerializationError("must not be None")
            except CrossbusError as error:
                error.within(name)
                raise

    def _choose(self, fields: Iterable[SchemaField], value: Any) -> tuple[SchemaField, Any]:
        """Of two fields of one name choose that of a class, or the one for what isn't of it."""
        first, *others = fields
        if not others:
            return first, value
        if isinstance(value, list):
            value = self._contexts.tools_of_list(value) or value
        is_object = self._contexts.is_special(value)
        of_class = (f for f in (first, *others) if (f.kind is FieldKind.MESSAGE) is is_object)
        return next(of_class, first), value

    def _field(self, field: SchemaField, value: Any, out: Message, depth: int) -> None:
        if not field.is_repeated:
            self._single(field, value, out, depth)
            return
        if not isinstance(value, list):
            raise SerializationError(f"must be a list, not a {class_name(type(value))}")
        items = getattr(out, field.name)
        for index, item in enumerate(value):
            try:
                if field.kind is FieldKind.VALUE:
                    self._values.write(item, items.add(), first_level(depth + 1))
                else:
                    self._object(field, item, items.add(), depth + 1)
            except CrossbusError as error:
                error.within(index)
                raise

    def _single(self, field: SchemaField, value: Any, out: Message, depth: int) -> None:
        match field.kind:
            case FieldKind.SCALAR:
                setattr(out, field.name, _scalar(field, value))
            case FieldKind.ENUM:
                setattr(out, field.name, self._enum(field, value))
            case FieldKind.VALUE:
                if not self._values.is_lost(value):
                    self._values.write(value, getattr(out, field.name), first_level(depth + 1))
                elif field.is_required:
                    raise SerializationError(f"a {class_name(type(value))} can't travel")
            case FieldKind.STRUCT:
                if not isinstance(value, dict):
                    raise SerializationError(f"must be a dict, not a {class_name(type(value))}")
                self._values.write_struct(value, getattr(out, field.name), first_level(depth + 1))
            case _:
                nested = getattr(out, field.name)
                self._object(field, value, nested, depth + 1)
                if out.DESCRIPTOR.full_name == "crossbus.v1.LLMContext":
                    # In JSON the tools of a conversation are no object of a class.
                    nested.ClearField("type_name")

    def _object(self, field: SchemaField, value: Any, out: Any, depth: int) -> None:
        assert field.message is not None
        out.SetInParent()
        members = self._members_of_object(field.message, value)
        self._take(out, members, depth)
        if self._contexts.is_special(value):
            nested = schema.nested_classes(self._classes.dialect)[field.message.full_name]
            name = class_name(self._contexts.special_class(value))
            if name != nested.class_names[-1]:
                out.type_name = name
        elif "extra" in out.DESCRIPTOR.fields_by_name:
            self._extra(members, out.extra)

    def _members_of_object(self, message: Descriptor, value: Any) -> Members:
        """Give the members of an object of the class that stands there, or of a dictionary."""
        cls = self._classes.nested.get(message.full_name)
        if message.full_name not in schema.nested_classes(self._classes.dialect):
            if isinstance(value, dict):
                return dict(value)
            raise SerializationError(f"must be a dict, not a {class_name(type(value))}")
        if cls is None or self._classes.nested_of.get(type(value)) != message.full_name:
            special = self._contexts.members(value) if cls and isinstance(value, cls) else None
            if special is None:
                wanted = message.name if cls is None else class_name(cls)
                raise SerializationError(f"must be a {wanted}, not a {class_name(type(value))}")
        if cls is self._classes.context:
            members = self._contexts.members_of_context(value)
            if "tools" in members:
                members["tools"] = value.tools
            return members
        return self._contexts.members(value) or _members(value)

    def _enum(self, field: SchemaField, value: Any) -> int:
        assert field.enum is not None
        cls = self._classes.enums.get(field.enum.full_name)
        name: Any = None
        if cls is None:
            name = plain_text(value) if isinstance(value, str) else None
        elif isinstance(value, cls) and isinstance(value, Enum):
            name = value.name
        number = schema.enum_members(field.enum).get(name)
        if number is None:
            wanted = field.enum.name if cls is None else class_name(cls)
            raise SerializationError(f"{value!r} is no member of {wanted}")
        return number


def _members(value: Any) -> Members:
    """Give the members of an object of a class that the schema has.

    Beside the fields that is what was set on the object that may come from a newer peer.
    """
    members = {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
    for name, member in vars(value).items():
        if name not in members and not name.startswith("_") and isinstance(member, _PLAIN):
            members[name] = member
    return members


def _scalar(field: SchemaField, value: Any) -> Any:
    """Check that a scalar is of its type."""
    wanted = field.python_type
    if wanted is str and isinstance(value, str):
        text = plain_text(value)
        if not _is_unicode(text):
            raise SerializationError("the text is no valid Unicode: it has lone surrogates")
        return text
    if wanted is bytes and isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if wanted is bool and isinstance(value, bool):
        return value
    if wanted is int and isinstance(value, int) and not isinstance(value, bool):
        if value not in (_UINT32 if field.is_uint32 else _INT64):
            raise SerializationError(f"{value} is out of range")
        return int(value)
    assert wanted is not None
    raise SerializationError(f"must be {wanted.__name__}, not {class_name(type(value))}")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
