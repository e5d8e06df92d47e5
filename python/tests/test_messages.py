"""Messages that are none, and what becomes of them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
import samples

from crossbus import CrossbusError, DeserializationError, SerializationError
from crossbus import ProtobufMessageSerializer as Serializer
from crossbus.dialects import Dialect, bus_module, installed
from crossbus.v1.message_pb2 import BusMessage
from crossbus.v1.value_pb2 import Value


@pytest.fixture
def text(messages: Any, frames: Any, up: Any) -> Any:
    return messages.BusFrameMessage(source="a", frame=frames.TextFrame(text="x"), direction=up)


def parsed(serializer: Serializer, message: Any) -> BusMessage:
    return BusMessage.FromString(serializer.serialize(message))


def refused(serializer: Serializer, message: BusMessage, problem: str) -> None:
    with pytest.raises(DeserializationError, match=problem):
        serializer.deserialize(message.SerializeToString())


def test_no_bytes_are_no_message(serializer: Serializer) -> None:
    assert serializer.deserialize(b"") is None


@pytest.mark.parametrize("data", [b"\xff", b"{}", b"\x0a\x05ab", b"\x00", bytes(64)])
def test_other_bytes_are_refused(serializer: Serializer, data: bytes) -> None:
    with pytest.raises(DeserializationError):
        serializer.deserialize(data)


def test_every_truncation_is_refused_or_whole(serializer: Serializer, text: Any) -> None:
    data = serializer.serialize(text)
    whole = samples.describe(text.frame)
    refusals = 0
    for length in range(1, len(data)):
        try:
            message = serializer.deserialize(data[:length])
        except DeserializationError:
            refusals += 1
        else:
            # What a message has like a frame comes last, and may be absent.
            assert samples.describe(message.frame) == whole
    assert refusals > len(data) / 2


def test_changed_bytes_give_a_message_or_an_error(serializer: Serializer, dialect: Dialect) -> None:
    random = Random(1)
    samples_of_bytes = [serializer.serialize(message) for message in samples.messages(dialect)]
    refusals = 0
    for _ in range(4000):
        data = bytearray(random.choice(samples_of_bytes))
        for _ in range(random.randint(1, 3)):
            data[random.randrange(len(data))] = random.randrange(256)
        try:
            message = serializer.deserialize(bytes(data))
        except DeserializationError:
            refusals += 1
        else:
            assert isinstance(message.source, str)
            assert serializer.serialize(message)
    assert 0 < refusals < 4000


def test_a_message_needs_a_body_that_is_known(serializer: Serializer) -> None:
    refused(serializer, BusMessage(source="a"), "the body is missing")
    with pytest.raises(DeserializationError, match="the body is case 69, which only a newer"):
        serializer.deserialize(b"\x0a\x01a\xaa\x04\x00")


def test_a_case_beside_the_body_is_refused(serializer: Serializer, text: Any) -> None:
    with pytest.raises(DeserializationError, match="the body is case 69"):
        serializer.deserialize(serializer.serialize(text) + b"\xaa\x04\x00")


def test_what_a_newer_peer_adds_to_the_envelope_is_passed_over(
    serializer: Serializer, text: Any
) -> None:
    assert serializer.deserialize(serializer.serialize(text) + b"\x4a\x00").frame.text == "x"


def test_a_frame_needs_a_kind_that_is_known(serializer: Serializer, text: Any) -> None:
    message = parsed(serializer, text)
    message.frame.frame.ClearField("text")
    refused(serializer, message, "frame: the kind is missing")
    message.frame.ClearField("frame")
    refused(serializer, message, "frame: is missing")
    message.frame.frame.MergeFromString(b"\xc2\x0c\x00")
    # Field 200 is `other`, here without a class.
    refused(serializer, message, "frame: the class '' is neither")
    message.frame.frame.Clear()
    message.frame.frame.MergeFromString(b"\xca\x0c\x00")
    refused(serializer, message, "frame: the kind is case 201, which only a newer")


def test_a_direction_is_needed(serializer: Serializer, text: Any) -> None:
    message = parsed(serializer, text)
    for number in (0, 7):
        message.frame.direction = number  # type: ignore[assignment]
        refused(serializer, message, f"direction: {number} is no member of .*FrameDirection")


def test_what_python_needs_must_be_there(
    serializer: Serializer, messages: Any, frames: Any, up: Any
) -> None:
    audio = frames.InputAudioRawFrame(audio=b"\0\0", sample_rate=16000, num_channels=1)
    message = parsed(serializer, messages.BusFrameMessage(source="a", frame=audio, direction=up))
    broken = copy.deepcopy(message)
    broken.frame.frame.input_audio_raw.ClearField("sample_rate")
    refused(serializer, broken, "frame.sample_rate: is missing")
    broken = copy.deepcopy(message)
    broken.frame.frame.input_audio_raw.num_channels = 0
    refused(serializer, broken, "InputAudioRawFrame can't be made of this: .*zero")
    context = frames.LLMContextFrame(context=samples.context())
    message = parsed(serializer, messages.BusFrameMessage(source="a", frame=context, direction=up))
    broken = copy.deepcopy(message)
    broken.frame.frame.llm_context.ClearField("context")
    refused(serializer, broken, "frame.context: is missing")
    broken = copy.deepcopy(message)
    del broken.frame.frame.llm_context.context.tools.standard_tools[:]
    broken.frame.frame.llm_context.context.tools.standard_tools.add(int_value=1)
    refused(serializer, broken, r"frame\.context\.tools\.standard_tools: a tool must be a dict")


def test_a_message_in_a_models_own_form_is_as_json_has_it(
    serializer: Serializer, messages: Any, frames: Any, up: Any
) -> None:
    context = frames.LLMContextFrame(context=samples.context())
    message = parsed(serializer, messages.BusFrameMessage(source="a", frame=context, direction=up))
    own = message.frame.frame.llm_context.context.messages[1]
    assert [entry.key for entry in own.struct_value.entries] == ["__specific__", "llm", "message"]
    back = serializer.deserialize(message.SerializeToString())
    assert samples.describe(back.frame.context) == samples.describe(context.context)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("pipecat.frames.frames.TextFrame", "doesn't belong here"),
        ("pipecat.metrics.metrics.MetricsData", "doesn't belong here"),
        ("pipecat.frames.frames.DataFrame", None),
        ("pipecat.bus.messages.BusEndMessage", "doesn't belong here|neither on the schema"),
        ("pipecat_subagents.bus.messages.BusEndMessage", "doesn't belong|neither on the schema"),
        ("os.system", "neither on the schema"),
    ],
)
def test_a_class_only_stands_where_it_belongs(
    serializer: Serializer, text: Any, frames: Any, name: str, problem: str | None
) -> None:
    message = parsed(serializer, text)
    message.frame.frame.other.type_name = name
    if problem is None:
        assert type(serializer.deserialize(message.SerializeToString()).frame) is frames.DataFrame
    else:
        refused(serializer, message, f"^frame: .*({problem})")
    message = BusMessage(source="a")
    message.other.type_name = name
    refused(serializer, message, "doesn't belong here|neither on the schema")


def test_a_case_that_the_package_lacks_is_refused(serializer: Serializer, dialect: Dialect) -> None:
    message = BusMessage(source="a")
    message.ui_event.event_name = "e"
    if dialect == "pipecat":
        assert serializer.deserialize(message.SerializeToString()).event_name == "e"
    else:
        refused(serializer, message, "ui_event has no class in pipecat-subagents")


@pytest.mark.parametrize("name", ["text", "id", "frame", "source", "_private", "__class__"])
def test_unknown_fields_replace_nothing(serializer: Serializer, text: Any, name: str) -> None:
    message = parsed(serializer, text)
    message.frame.frame.extra.entries.add(key=name).value.int_value = 1
    if name in ("frame", "source"):
        assert getattr(serializer.deserialize(message.SerializeToString()).frame, name) == 1
    else:
        refused(serializer, message, f"frame.*{name}: must be no field of the schema")


def test_unknown_fields_survive_an_echo(serializer: Serializer, text: Any) -> None:
    message = parsed(serializer, text)
    for out in (message.extra, message.frame.frame.extra):
        out.entries.add(key="newer").value.CopyFrom(Value(double_value=3))
    message.trace_context.traceparent = "00-1-2-03"
    message.frame.hops = 2
    back = serializer.deserialize(message.SerializeToString())
    assert (back.newer, back.frame.newer, back.hops) == (3.0, 3.0, 2)
    assert back.trace_context == {"traceparent": "00-1-2-03"}
    assert parsed(serializer, back) == message


def test_fields_have_their_types(
    serializer: Serializer, messages: Any, frames: Any, up: Any
) -> None:
    def frame(**changes: Any) -> Any:
        made = frames.TranscriptionFrame(text="x", user_id="u", timestamp="t")
        for name, value in changes.items():
            setattr(made, name, value)
        return messages.BusFrameMessage(source="a", frame=made, direction=up)

    for changes, problem in (
        ({"text": None}, "frame.text: must not be None"),
        ({"text": 5}, "frame.text: must be str, not builtins.int"),
        ({"text": "\ud800"}, "frame.text: the text is no valid Unicode"),
        ({"finalized": 1}, "frame.finalized: must be bool, not builtins.int"),
        ({"pts": True}, "frame.pts: must be int, not builtins.bool"),
        ({"pts": 1.0}, "frame.pts: must be int, not builtins.float"),
        ({"pts": 2**63}, "frame.pts: .* is out of range"),
        ({"metadata": []}, "frame.metadata: must be a dict, not a builtins.list"),
        ({"metadata": {"a": {1: object, "1": 1}}}, r"frame.metadata.a: two keys"),
    ):
        with pytest.raises(SerializationError, match=problem):
            serializer.serialize(frame(**changes))
    for message, problem in (
        (messages.BusFrameMessage(source="a", frame=None, direction=up), "frame: must be a frame"),
        (messages.BusFrameMessage(source="a", frame=text, direction=up), "frame: must be a frame"),
        (
            messages.BusFrameMessage(source="a", frame=frames.LLMRunFrame(), direction="UPSTREAM"),
            "direction: 'UPSTREAM' is no member of",
        ),
        (
            messages.BusFrameMessage(
                source="a", frame=frames.LLMMessagesAppendFrame(messages=("x",)), direction=up
            ),
            "frame.messages: must be a list, not a builtins.tuple",
        ),
        (
            messages.BusFrameMessage(
                source="a", frame=frames.LLMContextFrame(context={}), direction=up
            ),
            "frame.context: must be a .*LLMContext, not a builtins.dict",
        ),
        (messages.BusEndMessage(source=None), "source: must not be None"),
    ):
        with pytest.raises(SerializationError, match=problem):
            serializer.serialize(message)


def test_a_bus_message_is_no_frame(serializer: Serializer, messages: Any, up: Any) -> None:
    inner = messages.BusEndMessage(source="a")
    message = messages.BusFrameMessage(source="a", frame=inner, direction=up)
    with pytest.raises(SerializationError, match=r"frame: must be a frame, not a .*BusEndMessage"):
        serializer.serialize(message)


def test_local_messages_stay(serializer: Serializer, messages: Any, dialect: Dialect) -> None:
    name = "Worker" if dialect == "pipecat" else "Agent"
    local = getattr(messages, f"Bus{name}LocalErrorMessage")(source="a", error="no")
    with pytest.raises(SerializationError, match="must stay on its bus"):
        serializer.serialize(local)


@pytest.mark.parametrize("message", [None, 1, "text", object(), {}])
def test_what_is_no_message_is_refused(serializer: Serializer, message: Any) -> None:
    with pytest.raises(SerializationError, match="is no bus message"):
        serializer.serialize(message)


def test_tools_as_a_list_arrive_as_tools(
    serializer: Serializer, messages: Any, frames: Any, up: Any
) -> None:
    async def weather(params: Any, city: str) -> None:
        """Give the weather.

        Args:
            params: What the model sent.
            city: A city.
        """

    tools = samples.tools_schema()
    frame = frames.LLMSetToolsFrame(tools=[*tools.standard_tools, weather])
    message = messages.BusFrameMessage(source="a", frame=frame, direction=up)
    back = serializer.deserialize(serializer.serialize(message)).frame.tools
    assert type(back) is type(tools)
    assert [tool.name for tool in back.standard_tools] == ["weather", "weather"]
    assert back.standard_tools[1].to_default_dict()["parameters"]["required"] == ["city"]


def test_custom_tools_survive(serializer: Serializer, messages: Any, frames: Any, up: Any) -> None:
    module = __import__("sys").modules[type(samples.tools_schema()).__module__]
    custom = {module.AdapterType.GEMINI: [{"google_search": {}, "n": (1, 1.0)}]}
    tools = samples.tools_schema(custom_tools=custom)
    frame = frames.LLMSetToolsFrame(tools=tools)
    message = messages.BusFrameMessage(source="a", frame=frame, direction=up)
    back = serializer.deserialize(serializer.serialize(message)).frame.tools
    gemini = module.AdapterType.GEMINI
    assert back.custom_tools == {gemini: [{"google_search": {}, "n": [1, 1.0]}]}


def test_too_large_messages_are_refused(dialect: Dialect, text: Any) -> None:
    size = len(Serializer(dialect=dialect).serialize(text))
    assert Serializer(dialect=dialect, max_bytes=size).serialize(text)
    small = Serializer(dialect=dialect, max_bytes=size - 1, on_unserializable="raise")
    with pytest.raises(
        SerializationError, match=f"takes {size} bytes, and max_bytes is {size - 1}"
    ):
        small.serialize(text)


def test_skipping_gives_an_empty_message(
    dialect: Dialect, messages: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    serializer = Serializer(dialect=dialect, on_unserializable="skip")

    @dataclass
    class Odd:
        x: int

    name = "BusActivateWorkerMessage" if dialect == "pipecat" else "BusActivateAgentMessage"
    assert serializer.serialize(getattr(messages, name)(source="a", args={"o": Odd(1)})) == b""


def test_the_default_is_what_the_proxies_survive(dialect: Dialect, messages: Any) -> None:
    from importlib.metadata import version

    newer = tuple(map(int, version("pipecat-ai").split(".")[:2])) >= (1, 5)
    if dialect == "pipecat" and newer:
        with pytest.raises(SerializationError):
            Serializer(dialect=dialect).serialize(messages.BusEndMessage(source=None))
    else:
        assert Serializer(dialect=dialect).serialize(messages.BusEndMessage(source=None)) == b""


def test_it_is_a_serializer_of_every_package_that_is_here() -> None:
    for dialect in installed():
        base = bus_module(dialect, ".serializers.base")
        assert base is not None
        assert issubclass(Serializer, base.MessageSerializer)


def test_errors_are_value_errors() -> None:
    assert issubclass(SerializationError, CrossbusError)
    assert issubclass(DeserializationError, CrossbusError)
    assert issubclass(CrossbusError, ValueError)
