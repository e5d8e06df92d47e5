"""Any plain datum, and objects of registered classes within it, as a ``crossbus.v1.Value``.

It goes by the rules of Pipecat's JSON serializer, so that what travels and what doesn't is the same
with both; but int, float, bytes, None and integers of any size keep their types.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from google.protobuf.message import Message
from pydantic import BaseModel

from crossbus.classes import Classes, class_name
from crossbus.contexts import Contexts
from crossbus.errors import CrossbusError, DeserializationError, SerializationError
from crossbus.log import warn
from crossbus.objects import construct
from crossbus.v1.value_pb2 import NULL_UNSPECIFIED, Struct, Value

MAX_LEVELS = 32
"""How deep values may nest. One without content of its own is one level."""

#: How many messages may stand around a Value, itself included, for it to have all its levels.
_FULL_DEPTH = 6

_INT64 = range(-(2**63), 2**63)

#: What :meth:`Values.is_lost` finds in a value of Python.
_PLAIN = (str, int, float, bool, type(None), dict, list, bytes)


def first_level(depth: int) -> int:
    """Give the level at which a Value begins, of so many messages around it and itself."""
    return 2 if depth > _FULL_DEPTH else 1


def plain_text(text: str) -> str:
    """Give the text of a string, without the class that it may have beside."""
    return str.__str__(text)


class Values:
    """Writes and reads values, with the classes that may travel."""

    def __init__(self, classes: Classes) -> None:
        """Make a writer and reader for those classes."""
        self._classes = classes
        self._contexts = Contexts(classes)

    def is_lost(self, value: object) -> bool:
        """Say whether a value doesn't travel and leaves None behind, as in Pipecat's JSON.

        That is so for functions and classes, and, with a warning, for tuples, sets, exceptions and
        whatever else is neither plain, an Enum, a dataclass nor a pydantic model.
        """
        if isinstance(value, (*_PLAIN, Enum, BaseModel)):
            return False
        if callable(value):
            return True
        cls = type(value)
        if self._contexts.is_special(value) or dataclasses.is_dataclass(cls):
            return False
        if isinstance(value, Message):
            warn(
                f"Crossbus: a {class_name(cls)} doesn't travel among plain values, and arrives as "
                "None; give its fields in a dictionary, or send it in a CustomBusMessage"
            )
        elif not self._contexts.is_sentinel(value):
            warn(f"Crossbus: a {class_name(cls)} doesn't travel, and arrives as None")
        return True

    def write(self, value: object, out: Value, level: int = 1) -> None:
        """Write a value that stands at ``level``. Raises SerializationError."""
        _check_level(level, SerializationError)
        match value:
            case None:
                out.null_value = NULL_UNSPECIFIED
            case bool():
                out.bool_value = value
            case str():
                _write_text(value, out)
            case int():
                _write_int(int(value), out)
            case float():
                out.double_value = float(value)
            case Enum():
                self._check_registered(type(value))
                _check_level(level + 1, SerializationError)
                out.typed_value.type_name = class_name(type(value))
                out.typed_value.value.string_value = value.name
            case dict():
                self.write_struct(value, out.struct_value, level)
            case list():
                self._write_list(value, out, level)
            case bytes():
                out.bytes_value = bytes(value)
            case _ if self.is_lost(value):
                out.null_value = NULL_UNSPECIFIED
            case _:
                self._write_object(value, out, level)

    def write_struct(self, members: Mapping[Any, object], out: Struct, level: int = 1) -> None:
        """Write a dictionary that stands at ``level``. Raises SerializationError."""
        _check_level(level, SerializationError)
        out.SetInParent()
        seen: set[str] = set()
        for key, value in members.items():
            text = _key(key)
            if text in seen:
                raise SerializationError(f"two keys of the dictionary read {text!r} as text")
            seen.add(text)
            entry = out.entries.add()
            try:
                entry.key = text
            except ValueError as error:
                raise SerializationError(f"the key {text!r} is no valid Unicode") from error
            try:
                self.write(value, entry.value, level + 1)
            except CrossbusError as error:
                error.within(text)
                raise

    def _write_list(self, values: list[object], out: Value, level: int) -> None:
        items = out.list_value
        items.SetInParent()
        for index, item in enumerate(values):
            try:
                self.write(item, items.values.add(), level + 1)
            except CrossbusError as error:
                error.within(index)
                raise

    def _write_object(self, value: object, out: Value, level: int) -> None:
        cls = type(value)
        members = self._contexts.members(value)
        name = class_name(cls)
        if members is None:
            self._check_registered(cls)
            members = self.members_of(value)
        else:
            # A class of one's own that is a conversation arrives as one, as in Pipecat's JSON.
            name = class_name(self._contexts.special_class(value))
        out.typed_value.type_name = name
        content = out.typed_value.value
        self.write_struct(members, content.struct_value, level + 1)

    def members_of(self, value: object) -> dict[str, object]:
        """Give the members of an object that travel: those that aren't None and don't get lost."""
        members: Mapping[str, object]
        if isinstance(value, BaseModel):
            members = vars(value)
            return {name: v for name, v in members.items() if v is not None}
        assert dataclasses.is_dataclass(value)
        members = {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
        return {n: v for n, v in members.items() if v is not None and not self.is_lost(v)}

    def _check_registered(self, cls: type) -> None:
        if not self._classes.knows(cls):
            raise unregistered(cls)

    def read(self, value: Value, level: int = 1) -> Any:
        """Read a value that stands at ``level``. Raises DeserializationError for an invalid one."""
        _check_level(level, DeserializationError)
        kind = value.WhichOneof("kind")
        reader = _READERS.get(kind or "")
        if reader is not None:
            return reader(value)
        match kind:
            case "list_value":
                return self._read_list(value, level)
            case "struct_value":
                return self.read_struct(value.struct_value, level)
            case "typed_value":
                return self._read_typed(value, level)
            case _:
                raise DeserializationError("the value has no kind that the schema knows")

    def read_struct(self, struct: Struct, level: int = 1) -> dict[str, Any]:
        """Read a dictionary that stands at ``level``, by the rules of :meth:`read`."""
        _check_level(level, DeserializationError)
        members: dict[str, Any] = {}
        for entry in struct.entries:
            key = entry.key
            if key in members:
                raise DeserializationError(f"the key {key!r} occurs twice")
            if not entry.HasField("value"):
                raise DeserializationError("has no value", key)
            try:
                members[key] = self.read(entry.value, level + 1)
            except CrossbusError as error:
                error.within(key)
                raise
        return members

    def _read_list(self, value: Value, level: int) -> list[Any]:
        items: list[Any] = []
        for index, item in enumerate(value.list_value.values):
            try:
                items.append(self.read(item, level + 1))
            except CrossbusError as error:
                error.within(index)
                raise
        return items

    def _read_typed(self, value: Value, level: int) -> Any:
        typed = value.typed_value
        if not typed.HasField("value"):
            raise DeserializationError("the typed value has no content")
        cls = self._classes.by_name.get(typed.type_name)
        if cls is None:
            raise unknown(typed.type_name)
        _check_level(level + 1, DeserializationError)
        if issubclass(cls, Enum):
            return _member(cls, typed.value)
        if typed.value.WhichOneof("kind") != "struct_value":
            raise DeserializationError(f"the content of a {typed.type_name} must be a dictionary")
        members = self.read_struct(typed.value.struct_value, level + 1)
        if self._contexts.is_special_class(cls):
            return self._contexts.build(cls, members)
        return construct(cls, members)


def _check_level(level: int, error: type[CrossbusError]) -> None:
    if level > MAX_LEVELS:
        raise error(f"values may nest at most {MAX_LEVELS} levels deep")


def unregistered(cls: type, path: str = "") -> SerializationError:
    """Make the error for an object of a class that may not travel."""
    name = class_name(cls)
    return SerializationError(
        f"the class {name} isn't registered; give it to the serializer: types=[{cls.__name__}]",
        path,
    )


def unknown(name: str) -> DeserializationError:
    """Make the error for the name of a class that isn't known here."""
    return DeserializationError(
        f"the class {name!r} is neither on the schema, in this release, nor registered; "
        "if it is one of your own give it to the serializer with types=[...]"
    )


def _write_text(text: str, out: Value) -> None:
    try:
        out.string_value = plain_text(text)
    except ValueError as error:
        raise SerializationError("the text is no valid Unicode: it has lone surrogates") from error


def _write_int(value: int, out: Value) -> None:
    if value in _INT64:
        out.int_value = value
        return
    magnitude = ~value if value < 0 else value
    out.big_int_value = value.to_bytes(magnitude.bit_length() // 8 + 1, "big", signed=True)


def _key(key: object) -> str:
    """Give the text of a key, as Python's json does."""
    match key:
        case str():
            return plain_text(key)
        case None:
            return "null"
        case bool():
            return "true" if key else "false"
        case int():
            return int.__repr__(key)
        case float():
            return float.__repr__(key)
        case _:
            raise SerializationError(
                f"a key of a dictionary must be text, not a {class_name(type(key))}"
            )


def _read_null(value: Value) -> None:
    if value.null_value != NULL_UNSPECIFIED:
        raise DeserializationError("a null must be 0")


def _read_big_int(value: Value) -> int:
    data = value.big_int_value
    number = int.from_bytes(data, "big", signed=True)
    is_minimal = len(data) == (~number if number < 0 else number).bit_length() // 8 + 1
    if len(data) <= 8 or not is_minimal:
        raise DeserializationError(
            "a big integer must need more than 64 bits, in as few bytes as hold it"
        )
    return number


_READERS: dict[str, Callable[[Value], Any]] = {
    "null_value": _read_null,
    "bool_value": lambda value: value.bool_value,
    "int_value": lambda value: value.int_value,
    "double_value": lambda value: value.double_value,
    "string_value": lambda value: value.string_value,
    "bytes_value": lambda value: value.bytes_value,
    "big_int_value": _read_big_int,
}


def _member(cls: type[Enum], value: Value) -> Enum:
    name = value.string_value
    if value.WhichOneof("kind") != "string_value" or name not in cls.__members__:
        raise DeserializationError(f"{name!r} is no member of {class_name(cls)}")
    return cls[name]
