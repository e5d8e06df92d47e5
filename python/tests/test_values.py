"""Plain data keeps its types, and what breaks a rule is refused."""

from __future__ import annotations

import math
from typing import Any

import own_types
import pytest
import samples

from crossbus import DeserializationError, ProtobufMessageSerializer, SerializationError
from crossbus.dialects import Dialect
from crossbus.v1.message_pb2 import BusMessage
from crossbus.v1.value_pb2 import Value

REQUEST = {
    "pipecat": ("BusJobRequestMessage", "job_id"),
    "pipecat-subagents": ("BusTaskRequestMessage", "task_id"),
}


def request(dialect: Dialect, messages: Any, payload: Any) -> Any:
    name, field = REQUEST[dialect]
    return getattr(messages, name)(source="a", target="b", **{field: "t"}, payload=payload)


def there_and_back(serializer: ProtobufMessageSerializer, message: Any) -> Any:
    return serializer.deserialize(serializer.serialize(message)).payload


def test_types_survive(
    dialect: Dialect, messages: Any, serializer: ProtobufMessageSerializer
) -> None:
    payload = {"n": 3, "x": 3.0, "big": 2**60, "b": b"\x00\xff", "none": None}
    back = there_and_back(serializer, request(dialect, messages, payload))
    assert back == payload
    assert list(back) == list(payload)
    assert [type(v) for v in back.values()] == [int, float, int, bytes, type(None)]


@pytest.mark.parametrize(
    "value",
    [
        *(0, 1, -1, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**64, -(2**71), 2**71),
        *(
            True,
            False,
            None,
            "",
            "a\x00b",
            "\U0001f600",
            b"",
            0.0,
            -0.0,
            1e308,
            math.inf,
            -math.inf,
        ),
        *([], {}, [[]], {"": {}}, {"__type__": "os.system", "__data__": 1}, {"_": 1}),
    ],
    ids=repr,
)
def test_values_survive(
    dialect: Dialect, messages: Any, serializer: ProtobufMessageSerializer, value: Any
) -> None:
    back = there_and_back(serializer, request(dialect, messages, {"v": value}))
    assert samples.describe(back["v"]) == samples.describe(value)


def test_values_arrive_as_through_json(
    dialect: Dialect, messages: Any, serializer: ProtobufMessageSerializer, json_serializer: Any
) -> None:
    odd = {
        "tuple": (1, 2),
        "set": {1},
        "bytearray": bytearray(b"x"),
        "function": print,
        "class": int,
        "callable": own_types.Callable(),
        "exception": ValueError("x"),
        "object": object(),
        "list": [(), 1],
        "str": own_types.Size.BIG,
        "int": own_types.Level.HIGH,
        "nan": math.nan,
        1: "int key",
        1.5: "float key",
        None: "None key",
        False: "bool key",
        own_types.Size.BIG: "text key",
    }
    message = request(dialect, messages, odd)
    expected = json_serializer.deserialize(json_serializer.serialize(message)).payload
    back = there_and_back(serializer, message)
    assert samples.describe(back) == samples.describe(expected)


def test_protobuf_messages_leave_none_and_a_warning_with_the_way_out(
    dialect: Dialect, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr("crossbus.values.warn", warnings.append)
    weather = own_types.Weather(city="Kyiv")
    serializer = ProtobufMessageSerializer(types=[own_types.Weather], dialect=dialect)
    assert there_and_back(serializer, request(dialect, messages, {"w": weather})) == {"w": None}
    fields = {field.name: value for field, value in weather.ListFields()}
    assert there_and_back(serializer, request(dialect, messages, fields)) == {"city": "Kyiv"}
    [warning] = warnings
    assert "Weather doesn't travel among plain values" in warning
    assert "give its fields in a dictionary, or send it in a CustomBusMessage" in warning


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth - 1):
        value = [value] if level % 2 else {"k": value}
    return value


def test_nesting_has_a_limit(
    dialect: Dialect, messages: Any, serializer: ProtobufMessageSerializer
) -> None:
    deepest = nested(32)
    assert there_and_back(serializer, request(dialect, messages, deepest)) == deepest
    with pytest.raises(
        SerializationError, match=r"payload\[0\]\.k.*: values may nest at most 32 levels"
    ):
        serializer.serialize(request(dialect, messages, nested(33)))
    endless: dict[str, Any] = {}
    endless["self"] = endless
    with pytest.raises(SerializationError, match="32 levels"):
        serializer.serialize(request(dialect, messages, endless))


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"a": [{"b": "\ud800"}]}, r"payload\.a\[0\]\.b: the text is no valid Unicode"),
        ({"\ud800": 1}, r"payload: the key '\\ud800' is no valid Unicode"),
        ({(1, 2): 1}, r"payload: a key of a dictionary must be text, not a builtins.tuple"),
        ({1: "a", "1": "b"}, "payload: two keys of the dictionary read '1' as text"),
        ({"m": own_types.Mood.SAD}, r"payload\.m: the class own_types.Mood isn't registered"),
        ([own_types.Point(1.0, 2)], r"payload\[0\]: .*types=\[Point\]"),
        ({"m": own_types.Model(name="n")}, r"payload\.m: the class own_types.Model isn't"),
    ],
)
def test_what_cannot_travel_says_where_it_is(
    dialect: Dialect,
    messages: Any,
    serializer: ProtobufMessageSerializer,
    payload: Any,
    problem: str,
) -> None:
    with pytest.raises(SerializationError, match=problem):
        serializer.serialize(request(dialect, messages, payload))


def test_the_deepest_value_in_the_deepest_place_can_be_read(
    dialect: Dialect, messages: Any, frames: Any, serializer: ProtobufMessageSerializer
) -> None:
    def dicts(depth: int) -> Any:
        value: Any = 1
        for _ in range(depth - 1):
            value = {"k": value}
        return value

    def call(arguments: Any, message: Any) -> Any:
        context = samples.context(tools=False)
        context.add_message(message)
        made = frames.FunctionCallFromLLM(
            function_name="f", tool_call_id="c", arguments=arguments, context=context
        )
        frame = frames.FunctionCallsStartedFrame(function_calls=[made])
        return samples.frame_message(messages.BusFrameMessage, frame)

    # Of the 100 messages that may stand in each other, a conversation in a call takes one more.
    message = call(dicts(32), dicts(31))
    back = serializer.deserialize(serializer.serialize(message))
    assert samples.describe(back.frame) == samples.describe(message.frame)
    with pytest.raises(SerializationError, match="32 levels"):
        serializer.serialize(call(dicts(33), {}))
    with pytest.raises(SerializationError, match="32 levels"):
        serializer.serialize(call({}, dicts(32)))


def struct(value: Value, *entries: tuple[str, Value | None]) -> None:
    value.struct_value.SetInParent()
    for key, content in entries:
        entry = value.struct_value.entries.add(key=key)
        if content is not None:
            entry.value.CopyFrom(content)


def an_int(number: int) -> Value:
    return Value(int_value=number)


def too_deep() -> Value:
    value = an_int(1)
    for _ in range(32):
        outer = Value()
        outer.list_value.values.append(value)
        value = outer
    return value


def a_struct(*entries: tuple[str, Value | None]) -> Value:
    value = Value()
    struct(value, *entries)
    return value


def a_typed(name: str, content: Value | None) -> Value:
    value = Value()
    value.typed_value.type_name = name
    if content is not None:
        value.typed_value.value.CopyFrom(content)
    return value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (Value(), "payload: the value has no kind"),
        (Value(null_value=3), "payload: a null must be 0"),  # type: ignore[arg-type]
        (a_struct(("a", an_int(1)), ("a", an_int(2))), "payload: the key 'a' occurs twice"),
        (a_struct(("a", None)), r"payload\.a: has no value"),
        (a_struct(("a", Value())), r"payload\.a: the value has no kind"),
        (too_deep(), "values may nest at most 32 levels"),
        (Value(big_int_value=b""), "a big integer must need more than 64 bits"),
        (Value(big_int_value=b"\x7f" * 8), "a big integer must need more than 64 bits"),
        (Value(big_int_value=b"\x00" + b"\x7f" * 8), "in as few bytes as hold it"),
        (Value(big_int_value=b"\xff" + b"\x80" * 8), "in as few bytes as hold it"),
        (a_typed("", an_int(1)), "payload: the class '' is neither on the schema"),
        (a_typed("os.system", a_struct()), "the class 'os.system' is neither on the schema"),
        (a_typed("acme.Thing", a_struct()), r"give it to the serializer with types=\[...\]"),
        (a_typed("own_types.Point", None), "the typed value has no content"),
        (a_typed("own_types.Point", an_int(1)), "must be a dictionary"),
        (a_typed("own_types.Mood", Value(string_value="ANGRY")), "'ANGRY' is no member of"),
        (a_typed("own_types.Mood", an_int(1)), "is no member of own_types.Mood"),
        (a_typed("own_types.Model", a_struct()), "own_types.Model can't be made of this"),
        (a_typed("own_types.Point", a_struct(("__class__", an_int(1)))), "can't be set"),
        (a_typed("own_types.Point", a_struct(("__init__", an_int(1)))), "can't be set"),
    ],
)
def test_invalid_values_are_refused(
    dialect: Dialect, messages: Any, value: Value, problem: str
) -> None:
    serializer = ProtobufMessageSerializer(
        dialect=dialect, types=[own_types.Point, own_types.Mood, own_types.Model]
    )
    message = BusMessage.FromString(serializer.serialize(request(dialect, messages, None)))
    message.task_request.payload.CopyFrom(value)
    with pytest.raises(DeserializationError, match=problem):
        serializer.deserialize(message.SerializeToString())
