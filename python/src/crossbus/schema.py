"""What the schema says about Python: its classes and its fields, from the options on it.

There is no other table: a name of a class or a field that is not in the .proto files is not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from google.protobuf.message import Message

from crossbus.dialects import Dialect
from crossbus.v1 import frame_kinds_pb2, frame_pb2, message_pb2, options_pb2, value_pb2

_FILES = (value_pb2, frame_kinds_pb2, frame_pb2, message_pb2)

#: What is no member of a Python object: what it is, and what is spread among its members.
_NO_MEMBERS = frozenset({"type_name", "flat", "extra", "frame_fields"})

_VALUE = value_pb2.Value.DESCRIPTOR.full_name
_STRUCT = value_pb2.Struct.DESCRIPTOR.full_name

#: The types of the scalars that fields have which Python sees.
_PYTHON_TYPES: Mapping[int, type] = {
    FieldDescriptor.TYPE_STRING: str,
    FieldDescriptor.TYPE_BYTES: bytes,
    FieldDescriptor.TYPE_BOOL: bool,
    FieldDescriptor.TYPE_INT64: int,
    FieldDescriptor.TYPE_UINT32: int,
}


class FieldKind(Enum):
    """What a field holds."""

    SCALAR = auto()
    ENUM = auto()
    VALUE = auto()
    STRUCT = auto()
    MESSAGE = auto()


@dataclass(frozen=True)
class SchemaField:
    """A field of the schema as Python has it."""

    #: What the schema calls it.
    name: str
    #: What Python calls it.
    python_name: str
    kind: FieldKind
    is_repeated: bool
    #: Whether a message can't do without it.
    is_required: bool
    #: Whether the schema tells its absence from its default.
    has_presence: bool
    #: Of a scalar, the type in Python.
    python_type: type | None
    #: Of an integer, whether it has 32 bits and no sign rather than 64.
    is_uint32: bool
    #: Of an enumeration.
    enum: EnumDescriptor | None
    #: Of a message that is neither a Value nor a Struct.
    message: Descriptor | None


@dataclass(frozen=True)
class Fields:
    """The fields of a message, outside of oneofs, that are members of the Python object."""

    all: tuple[SchemaField, ...]
    #: By their names in Python: as a rule one each, two where Python takes either of two types.
    by_name: Mapping[str, tuple[SchemaField, ...]]


@dataclass(frozen=True)
class Nested:
    """A message that stands within others and is a class in Python."""

    message: Descriptor
    #: The names that the class has had, the newest first.
    class_names: tuple[str, ...]


@cache
def fields_of(message: Descriptor, dialect: Dialect) -> Fields:
    """Read the fields of a message."""
    proto = DescriptorProto()
    message.CopyToProto(proto)
    found = tuple(
        _field(message.fields_by_name[field.name], field, dialect)
        for field in proto.field
        if field.name not in _NO_MEMBERS
        and (field.proto3_optional or not field.HasField("oneof_index"))
    )
    names = dict.fromkeys(field.python_name for field in found)
    by_name = {name: tuple(f for f in found if f.python_name == name) for name in names}
    return Fields(found, by_name)


def _field(field: FieldDescriptor, proto: FieldDescriptorProto, dialect: Dialect) -> SchemaField:
    options = _option(field, options_pb2.python_field)
    name = (options.pipecat if dialect == "pipecat" else "") or options.name or field.name
    kind = _kind(field)
    has_presence = proto.proto3_optional or field.message_type is not None
    is_repeated = proto.label == FieldDescriptorProto.LABEL_REPEATED
    is_nested = kind is FieldKind.MESSAGE or kind is FieldKind.STRUCT
    return SchemaField(
        name=field.name,
        python_name=name,
        kind=kind,
        is_repeated=is_repeated,
        is_required=options.required or not has_presence,
        has_presence=has_presence and not is_repeated,
        python_type=_PYTHON_TYPES[field.type] if kind is FieldKind.SCALAR else None,
        is_uint32=field.type == FieldDescriptor.TYPE_UINT32,
        enum=field.enum_type,
        message=field.message_type if is_nested else None,
    )


def _kind(field: FieldDescriptor) -> FieldKind:
    if field.enum_type is not None:
        return FieldKind.ENUM
    if field.message_type is None:
        return FieldKind.SCALAR
    kinds = {_VALUE: FieldKind.VALUE, _STRUCT: FieldKind.STRUCT}
    return kinds.get(field.message_type.full_name, FieldKind.MESSAGE)


@cache
def body_classes(dialect: Dialect) -> Mapping[str, str]:
    """Give the class of each case of a bus message that the dialect has."""
    cases = _cases(message_pb2.BusMessage, "body", options_pb2.body_case)
    return _without_empty(
        (name, case.pipecat if dialect == "pipecat" else case.pipecat_subagents)
        for name, case in cases
    )


@cache
def frame_classes() -> Mapping[str, str]:
    """Give the class of each kind of frame."""
    cases = _cases(frame_pb2.Frame, "kind", options_pb2.frame_kind)
    return _without_empty((name, case.pipecat) for name, case in cases)


@cache
def nested_classes(dialect: Dialect) -> Mapping[str, Nested]:
    """Give the messages that are classes in Python, by their names in the schema."""
    found: dict[str, Nested] = {}
    for file in _FILES:
        for message in file.DESCRIPTOR.message_types_by_name.values():
            options = _option(message, options_pb2.python_class)
            subagents = options.pipecat_subagents if dialect == "pipecat-subagents" else ""
            names = (options.moved_to, subagents or options.pipecat)
            if options.pipecat:
                found[message.full_name] = Nested(message, tuple(n for n in names if n))
    return found


@cache
def enum_classes() -> Mapping[str, str]:
    """Give the classes of the enumerations that are classes in Python."""
    return _without_empty(
        (enum.full_name, _option(enum, options_pb2.python_enum))
        for file in _FILES
        for enum in file.DESCRIPTOR.enum_types_by_name.values()
    )


@cache
def enum_members(enum: EnumDescriptor) -> Mapping[str, int]:
    """Give the members of an enumeration by their names in Python, without the unspecified one."""
    prefix = "".join(f"_{c}" if c.isupper() else c.upper() for c in enum.name)[1:] + "_"
    is_class = enum.full_name in enum_classes()
    names = {value.name.removeprefix(prefix): value.number for value in enum.values if value.number}
    return names if is_class else {name.lower(): number for name, number in names.items()}


def _cases(message: type[Message], oneof: str, extension: Any) -> Iterator[tuple[str, Any]]:
    for field in message.DESCRIPTOR.oneofs_by_name[oneof].fields:
        yield field.name, _option(field, extension)


def _option(descriptor: Any, extension: Any) -> Any:
    """Give an option of ours on something of the schema."""
    return descriptor.GetOptions().Extensions[extension]


def _without_empty(rows: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    return {key: value for key, value in rows if value}
