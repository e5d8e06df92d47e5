"""Classes of one's own."""

from __future__ import annotations

from typing import Any

import own_types
import pytest
import samples
from own_types import AcmeFrame, Alarm, Model, Mood, OtherAcmeFrame, Point, Unknown, Weather, made

from crossbus import CustomBusMessage, DeserializationError, SerializationError
from crossbus import ProtobufMessageSerializer as Serializer
from crossbus.dialects import Dialect
from crossbus.v1.message_pb2 import BusMessage

TYPES = [AcmeFrame, Point, Model, Mood, Weather, Alarm]


@pytest.fixture
def own(dialect: Dialect) -> Serializer:
    return Serializer(types=TYPES, dialect=dialect, on_unserializable="raise")


def acme() -> AcmeFrame:
    point = Point(1.0, None, label=None)
    point.seen = True
    frame = AcmeFrame("x", Mood.SAD, point, Model(name="m", points=[1]), {"p": [point], "n": 2**60})
    frame.pts = 5
    return frame


def test_a_frame_arrives_as_through_json(
    own: Serializer, json_serializer: Any, messages: Any, up: Any
) -> None:
    message = samples.frame_message(messages.BusFrameMessage, acme())
    expected = json_serializer.deserialize(json_serializer.serialize(message))
    data = own.serialize(message)
    frame = BusMessage.FromString(data).frame.frame
    assert frame.other.type_name == "own_types.AcmeFrame"
    assert frame.pts == 5
    back = own.deserialize(data)
    assert samples.describe(back) == samples.describe(expected)
    assert type(back.frame) is AcmeFrame
    assert back.frame.mood is Mood.SAD
    assert (back.frame.data or {})["n"] == 2**60


def test_a_message_arrives_as_through_json(
    dialect: Dialect, json_serializer: Any, messages: Any
) -> None:
    fields = [("text", str), ("point", Any, None)]
    base = messages.BusSystemMessage
    cls = made("AcmeMessage", base, fields=fields)
    own_types.AcmeMessage = cls  # type: ignore[attr-defined]
    serializer = Serializer(types=[cls, Point], dialect=dialect)
    message = cls(source="a", target="b", text="x", point=Point(0.5, 1))
    data = serializer.serialize(message)
    assert BusMessage.FromString(data).other.type_name == "own_types.AcmeMessage"
    expected = json_serializer.deserialize(json_serializer.serialize(message))
    back = serializer.deserialize(data)
    assert samples.describe(back) == samples.describe(expected)
    assert (type(back), back.target, back.point) == (cls, "b", Point(0.5, 1))


def test_classes_that_are_not_registered_are_refused_both_ways(
    own: Serializer, dialect: Dialect, messages: Any
) -> None:
    message = samples.frame_message(messages.BusFrameMessage, OtherAcmeFrame())
    problem = r"frame: the class own_types.OtherAcmeFrame isn't registered; .*\[OtherAcmeFrame\]"
    with pytest.raises(SerializationError, match=problem):
        own.serialize(message)
    data = Serializer(types=[OtherAcmeFrame], dialect=dialect).serialize(message)
    with pytest.raises(DeserializationError, match=r"frame: the class 'own_types.OtherAcmeFrame'"):
        own.deserialize(data)


def test_a_class_of_pipecat_that_is_derived_from_must_be_registered(
    dialect: Dialect, messages: Any, frames: Any
) -> None:
    derived = made("Derived", frames.TextFrame)
    message = samples.frame_message(messages.BusFrameMessage, derived("x"))
    with pytest.raises(SerializationError, match=r"own_types.Derived isn't registered"):
        Serializer(dialect=dialect, on_unserializable="raise").serialize(message)
    serializer = Serializer(types=[derived], dialect=dialect)
    back = serializer.deserialize(serializer.serialize(message))
    assert (type(back.frame), back.frame.text) == (derived, "x")


@pytest.mark.parametrize(
    ("types", "error", "problem"),
    [
        (["AcmeFrame"], TypeError, "types must be classes, not 'AcmeFrame'"),
        ([acme()], TypeError, "types must be classes"),
        ([dict], TypeError, "builtins.dict can't travel: it must be a dataclass"),
        ([own_types.Callable], TypeError, "own_types.Callable can't travel"),
        (
            [Point, made("Point")],
            ValueError,
            "two classes by the name of own_types.Point",
        ),
        (
            [made("TextFrame", module="pipecat.frames.frames")],
            ValueError,
            "a class by the name of pipecat.frames.frames.TextFrame, which the schema has",
        ),
    ],
)
def test_types_are_checked(
    dialect: Dialect, types: Any, error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem):
        Serializer(types=types, dialect=dialect)


def test_a_local_message_cannot_be_registered(dialect: Dialect, messages: Any) -> None:
    local = made("Local", messages.BusDataMessage, messages.BusLocalMessage)
    with pytest.raises(ValueError, match=r"own_types.Local can't travel"):
        Serializer(types=[local], dialect=dialect)


def test_registering_a_class_of_pipecat_changes_nothing(
    dialect: Dialect, messages: Any, frames: Any
) -> None:
    message = samples.frame_message(messages.BusFrameMessage, frames.TextFrame(text="x"))
    registered = Serializer(types=[frames.TextFrame, Point, Point], dialect=dialect)
    assert registered.serialize(message) == Serializer(dialect=dialect).serialize(message)


@pytest.mark.parametrize(("cls", "system"), [(Weather, False), (Alarm, True)])
def test_a_message_type_of_ones_own(
    own: Serializer, dialect: Dialect, messages: Any, cls: Any, system: bool
) -> None:
    message = CustomBusMessage(source="a", target="b", message=cls(city="Kyiv"), dialect=dialect)
    assert isinstance(message, CustomBusMessage)
    assert isinstance(message, messages.BusSystemMessage) is system
    assert isinstance(message, messages.BusDataMessage) is not system
    data = own.serialize(message)
    any_message = BusMessage.FromString(data).custom.message
    assert any_message.type_url == f"type.googleapis.com/{cls.DESCRIPTOR.full_name}"
    back = own.deserialize(data)
    assert samples.describe_custom(back) == samples.describe_custom(message)
    assert type(back) is type(message)


def test_a_message_type_of_ones_own_must_be_registered(own: Serializer, dialect: Dialect) -> None:
    message = CustomBusMessage(source="a", message=Unknown(city="x"), dialect=dialect)
    with pytest.raises(SerializationError, match=r"message: .*Unknown isn't registered"):
        own.serialize(message)
    data = Serializer(types=[Unknown], dialect=dialect).serialize(message)
    with pytest.raises(DeserializationError, match=r"the message type 'acme.v1.Unknown' isn't"):
        own.deserialize(data)
    parsed = BusMessage.FromString(data)
    for url in ("acme.v1.Weather", "example.com/acme.v1.Weather", ""):
        parsed.custom.message.type_url = url
        with pytest.raises(DeserializationError, match="isn't registered"):
            own.deserialize(parsed.SerializeToString())
    parsed.custom.message.type_url = "type.googleapis.com/acme.v1.Weather"
    parsed.custom.message.value = b"\xff"
    with pytest.raises(DeserializationError, match=r"message: the bytes are no acme\.v1\.Weather"):
        own.deserialize(parsed.SerializeToString())


def test_a_custom_message_needs_a_message(dialect: Dialect) -> None:
    with pytest.raises(TypeError, match="message= must be a message"):
        CustomBusMessage(source="a", message={}, dialect=dialect)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        CustomBusMessage(source="a", message=Weather(), nonsense=1)  # type: ignore[call-arg]
