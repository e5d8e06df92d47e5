"""Records what Pipecat's own context aggregators make of conversations, for conversation.test.ts.

Run it with a Python that has pipecat-ai 1.14 and write what it prints to recorded-conversations.jsonl:

    python test/conversation/record_conversations.py > test/conversation/recorded-conversations.jsonl

Each conversation is a list of frames that come through the bridge of a pipeline, which stands between the user's
aggregator and the assistant's. The record holds the messages of the context after the last one, and each context
that was sent into the bridge meanwhile: after which step, in which direction, with how many messages.

In JSON ``{"$double": 3}`` stands for the float 3.0, and ``{"$int": "..."}`` for an integer of any size. The prose
that Pipecat gives to models about functions in the background is left out: ours is our own.
"""

import asyncio
import json
import re
import sys
from dataclasses import dataclass, field, fields
from typing import Any, cast

from loguru import logger
from pipecat import version
from pipecat.frames import frames
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    FunctionCallFromLLM,
    FunctionCallResultProperties,
    LLMContextFrame,
    StartFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.utils.text.base_text_aggregator import TextType
from pipecat.workers.runner import WorkerRunner

# How long a frame may take to go through, in seconds.
SETTLE = 0.03


@dataclass
class Step:
    """A frame that comes through the bridge, or a turn of the user (kind ``user``)."""

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)
    direction: str = "DOWNSTREAM"


def step(kind: str, **values: Any) -> Step:
    """Makes a step whose frame goes downstream."""
    return Step(kind, values)


def up(kind: str, **values: Any) -> Step:
    """Makes a step whose frame goes upstream."""
    return Step(kind, values, "UPSTREAM")


START = step("llmFullResponseStart")
END = step("llmFullResponseEnd")
INTERRUPTION = step("interruption")


def user(content: str) -> Step:
    """Makes a turn of the user."""
    return step("user", content=content)


def says(*texts: str) -> list[Step]:
    """Makes a whole reply."""
    return [START, *(step("llmText", text=text) for text in texts), END]


def append(*messages: Any, run: bool | None = None) -> Step:
    """Makes a request to append messages."""
    return step("llmMessagesAppend", messages=list(messages), runLlm=run)


def announced(*ids: str) -> Step:
    """Makes the announcement of function calls."""
    calls = [{"functionName": "look", "toolCallId": id, "arguments": {}} for id in ids]
    return step("functionCallsStarted", functionCalls=calls)


def running(
    id: str, group: str | None = None, background: bool = False, arguments: Any = None
) -> Step:
    """Makes the frame that tells that a function is running."""
    return step(
        "functionCallInProgress",
        functionName="look",
        toolCallId=id,
        arguments=arguments or {"at": id},
        cancelOnInterruption=not background,
        groupId=group,
    )


def result(id: str, value: Any, run: bool | None = None, **properties: bool | None) -> Step:
    """Makes the frame with a function's result."""
    return step(
        "functionCallResult",
        functionName="look",
        toolCallId=id,
        arguments={"at": id},
        result=value,
        runLlm=run,
        properties=properties or None,
    )


def cancelled(id: str, run: bool = False) -> Step:
    """Makes the frame that tells that a function was cancelled."""
    return step("functionCallCancel", functionName="look", toolCallId=id, runLlm=run)


def about_function(role: str = "developer", **values: Any) -> dict[str, Any]:
    """Makes a message like those that tell the model of function 2, but for some values."""
    payload = {"type": "async_tool", "status": "running", "tool_call_id": "2", **values}
    return {"role": role, "content": json.dumps(payload)}


def text(kind: str, value: str, **values: Any) -> list[Step]:
    """Makes a reply of a single text frame between two words of the model."""
    one, two = step("llmText", text="one"), step("llmText", text="two")
    return [START, one, step(kind, text=value, **values), two, END]


GREETING = {"role": "developer", "content": "Greet the user."}
TYPES = {
    "n": 3,
    "x": {"$double": 3},
    "big": {"$int": str(2**70)},
    "none": None,
    "é": ["\u2028", '"\\\n', True],
}

# What counts as no result.
NOTHING: list[Any] = [None, False, 0, "", [], {}]

CONVERSATIONS: dict[str, list[Step]] = {
    "a greeting": [append(GREETING, run=True), *says("Hel", "lo", " there.")],
    "messages without a run": [
        append(GREETING),
        append(GREETING, run=False),
        up("llmMessagesAppend", messages=[GREETING]),
    ],
    "messages that come upstream": [up("llmMessagesAppend", messages=[GREETING], runLlm=True)],
    "other messages": [
        append(GREETING),
        step("llmMessagesUpdate", messages=[GREETING, GREETING], runLlm=True),
        up("llmMessagesUpdate", messages=[GREETING], runLlm=True),
        step("llmMessagesUpdate", messages=[]),
    ],
    "runs in both directions": [append(GREETING), step("llmRun"), up("llmRun")],
    "turns": [user("Hi"), *says("Hi", " you"), user("Bye"), *says("Bye")],
    "a turn during a reply": [user("Hi"), START, step("llmText", text="Hi"), user("Bye"), END],
    "an interruption": [*says("a")[:-1], INTERRUPTION, END, *says("b")],
    "an interruption before any text": [START, INTERRUPTION, *says("b")],
    "a reply that starts twice": [START, *says("a", "b")],
    "a reply that ends twice": [*says("a"), END, END],
    "an empty reply": [START, END, START, step("llmText", text=""), END],
    "a reply that comes upstream": [
        START,
        up("llmText", text="a"),
        up("llmFullResponseEnd"),
        *says("b"),
    ],
    "text with spaces": [START, step("llmText", text=" a "), step("llmText", text=" b\n"), END],
    "text without spaces": text("text", "x"),
    "text without spaces, twice": [START, step("text", text="a"), step("text", text="b"), END],
    "text with spaces at its ends": text("text", " x "),
    "text said to have its spaces": text("text", "x", includesInterFrameSpaces=True),
    "text said to lack its spaces": text("llmText", "x", includesInterFrameSpaces=False),
    "text that isn't for the context": text("text", "x", appendToContext=False),
    "text that a vision model wrote": text("visionText", "x"),
    "text that is spoken": text("ttsText", "x", aggregatedBy="word"),
    "text that is spoken, from other text": text(
        "ttsText", "x", aggregatedBy="word", rawText="<x>"
    ),
    "text that is spoken, not for the context": text(
        "ttsText", "x", aggregatedBy="word", appendToContext=False
    ),
    "no text that is spoken, from other text": text(
        "ttsText", "", aggregatedBy="word", rawText="<x>"
    ),
    "text that was gathered": text("aggregatedText", "x", aggregatedBy="sentence"),
    "text that the user said": text("transcription", "x", userId="u", timestamp="t"),
    "text that the user seems to say": text("interimTranscription", "x", userId="u", timestamp="t"),
    "text that was translated": text("translation", "x", userId="u", timestamp="t"),
    "a vision model's reply": [
        step("visionFullResponseStart"),
        step("visionText", text="a"),
        step("visionFullResponseEnd"),
    ],
    "something spoken": [
        step("ttsStarted"),
        step("ttsText", text="a", aggregatedBy="word"),
        step("ttsText", text="b", aggregatedBy="word"),
        step("llmAssistantPushAggregation"),
    ],
    "something spoken that isn't for the context": [
        step("ttsStarted", appendToContext=False),
        step("ttsText", text="a", aggregatedBy="word"),
        step("llmAssistantPushAggregation"),
    ],
    "something spoken during a reply": [START, step("llmText", text="a"), step("ttsStarted"), END],
    "a marker alone": [START, step("llmMarker", marker="○"), END],
    "a marker alone before a reply": [
        START,
        step("llmMarker", marker="○"),
        step("llmText", text="a"),
        END,
    ],
    "a marker in a reply": [
        START,
        step("llmMarker", marker="●", appendToContextImmediately=False),
        step("llmText", text="a"),
        END,
    ],
    "a marker upstream": [up("llmMarker", marker="○")],
    "a thought": [
        step("llmThoughtStart"),
        START,
        step("llmThoughtText", text="hm"),
        step("llmText", text="a"),
        step("llmThoughtEnd"),
        END,
    ],
    "a function": [
        *says()[:1],
        announced("1"),
        running("1"),
        END,
        result("1", {"ok": True}),
        *says("Done"),
    ],
    "a function, as it goes upstream": [
        up("functionCallsStarted", functionCalls=[]),
        up("functionCallInProgress", functionName="f", toolCallId="1", arguments={}),
        up("functionCallResult", functionName="f", toolCallId="1", arguments={}, result="x"),
    ],
    "a function with all types": [running("1", arguments=TYPES), result("1", TYPES)],
    "a function that wasn't announced": [running("1"), result("1", "x")],
    "a function with text for result": [running("1"), result("1", "x\n")],
    **{
        f"a function whose result is {value!r}": [
            running("1"),
            result("1", value, run=True),
            user("?"),
        ]
        for value in NOTHING
    },
    "a function whose result is 0.0": [running("1"), result("1", {"$double": 0}, runLlm=True)],
    "a function that is to run nothing": [running("1"), result("1", "x", run=False)],
    "properties before the frame's word": [
        running("1"),
        running("2"),
        result("1", "x", run=True, runLlm=False),
        result("2", "x", run=False, runLlm=True),
    ],
    "properties that don't say": [running("1"), result("1", "x", run=False, isFinal=True)],
    "a result of no call": [result("1", "x")],
    "a result of a call that was announced only": [announced("1"), result("1", "x", run=True)],
    "a result that comes twice": [running("1"), result("1", "x"), result("1", "y")],
    "a group": [running("1", "g"), running("2", "g"), result("2", "b"), result("1", "a")],
    "a group without a name": [
        running("1", ""),
        running("2", ""),
        result("2", "b"),
        result("1", "a"),
    ],
    "a group and another": [
        running("1", "g"),
        running("2", "h"),
        running("3"),
        result("1", "a"),
        result("3", "c"),
        result("2", "b"),
    ],
    "a group whose last result runs nothing": [
        running("1", "g"),
        running("2", "g"),
        result("1", "a", run=True),
        result("2", None),
    ],
    "an update of a function that isn't in the background": [
        running("1"),
        result("1", "a", isFinal=False),
        result("1", "b"),
    ],
    "a function in the background": [running("1", background=True), result("1", "a")],
    "a function in the background, and a turn": [
        running("1", background=True),
        *says("Wait"),
        user("Hi"),
        result("1", "a"),
        result("1", "b"),
    ],
    "a function in the background, and a reply": [
        running("1", background=True),
        *says("Wait"),
        result("1", "a"),
    ],
    "a function in the background with updates": [
        running("1", "g", background=True),
        result("1", "a", isFinal=False),
        result("1", None, isFinal=False, runLlm=True),
        result("1", "b", isFinal=False, runLlm=False),
        result("1", "c"),
    ],
    "functions in the background": [
        running("1", "g", background=True),
        running("2", "g", background=True),
        result("1", "a", isFinal=False),
        result("2", "b"),
        result("1", None),
    ],
    "a function in the background after the messages were replaced": [
        running("1", background=True),
        running("2"),
        step("llmMessagesUpdate", messages=[]),
        result("1", "a"),
        result("2", "b"),
    ],
    "a function in the background, and another": [
        running("1", background=True),
        running("2"),
        result("1", "a"),
    ],
    **{
        f"a function in the background, and a message like {message}": [
            running("1", background=True),
            append(message),
            result("1", "a"),
        ]
        for message in (
            about_function(),
            about_function(status="finished", result="b"),
            about_function(role="user"),
            about_function(role="system"),
            about_function(type="other"),
            about_function(status="odd"),
            about_function(tool_call_id=2),
            about_function(tool_call_id="1"),
            {"role": "developer", "content": "null"},
            {"role": "developer", "content": "[]"},
            {"role": "developer", "content": "so"},
            {"role": "developer", "content": [{"type": "text", "text": "so"}]},
            {"role": "assistant", "content": "so"},
        )
    },
    "a cancelled function": [running("1"), cancelled("1"), result("1", "a")],
    "a cancelled function in the background": [
        running("1", background=True),
        cancelled("1", run=True),
        cancelled("1", run=True),
    ],
    "a cancelled function of a group": [
        running("1", "g"),
        running("2", "g"),
        cancelled("1", run=True),
        cancelled("2", run=True),
        cancelled("3", run=True),
    ],
    "a result while the bot speaks": [
        running("1"),
        running("2"),
        step("botStartedSpeaking"),
        result("1", "a"),
        result("2", "b"),
        append(GREETING, run=True),
        cancelled("2", run=True),
        step("botStoppedSpeaking"),
        step("botStoppedSpeaking"),
    ],
    "an interruption while a result waits": [
        running("1"),
        step("botStartedSpeaking"),
        result("1", "a"),
        INTERRUPTION,
        step("botStoppedSpeaking"),
    ],
    "a run while a result waits": [
        running("1"),
        step("botStartedSpeaking"),
        result("1", "a"),
        step("llmRun"),
        step("botStoppedSpeaking"),
    ],
    "a result while the user speaks": [
        running("1"),
        running("2"),
        step("userStartedSpeaking"),
        result("1", "a"),
        step("userStoppedSpeaking"),
        result("2", "b", run=False),
        append(GREETING),
    ],
    "a result while the user speaks, and a reply": [
        running("1"),
        running("2"),
        step("userStartedSpeaking"),
        result("1", "a"),
        step("userStoppedSpeaking"),
        START,
        result("2", "b", run=False),
    ],
    "a result while both speak": [
        running("1"),
        step("botStartedSpeaking"),
        result("1", "a"),
        step("userStartedSpeaking"),
        step("botStoppedSpeaking"),
        step("userStoppedSpeaking"),
        append(GREETING),
    ],
    "a cancelled function while the user speaks": [
        running("1"),
        step("userStartedSpeaking"),
        cancelled("1", run=True),
        step("userStoppedSpeaking"),
        append(GREETING),
    ],
    "messages while the user speaks": [
        step("userStartedSpeaking"),
        append(GREETING, run=True),
        step("userStoppedSpeaking"),
        result("1", "x"),
        append(GREETING),
        append(GREETING),
    ],
    "a tool choice": [step("llmSetToolChoice", toolChoice="none"), step("llmRun")],
}


def plain(value: Any) -> Any:
    """Reads what stands for a number."""
    if isinstance(value, dict):
        if "$double" in value:
            return float(value["$double"])
        if "$int" in value:
            return int(value["$int"])
        return {key: plain(member) for key, member in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def snake_case(name: str) -> str:
    """Writes the name of a field as Python does."""
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), name)


def make(step: Step) -> Frame:
    """Makes the frame of a step."""
    class_name = re.sub(
        "^(Llm|Tts)", lambda match: match[0].upper(), step.kind[0].upper() + step.kind[1:]
    )
    cls = getattr(frames, class_name + "Frame")
    values = {snake_case(key): plain(value) for key, value in step.fields.items()}
    if "aggregated_by" in values:
        values["text_type"] = TextType(values.pop("aggregated_by"))
    if (properties := values.get("properties")) is not None:
        values["properties"] = FunctionCallResultProperties(
            **{snake_case(key): value for key, value in properties.items()}
        )
    if "function_calls" in values:
        values["function_calls"] = [
            FunctionCallFromLLM(
                **{snake_case(key): value for key, value in call.items()}, context=LLMContext()
            )
            for call in values["function_calls"]
        ]
    init = {item.name for item in fields(cls) if item.init}
    frame: Frame = cls(**{key: value for key, value in values.items() if key in init})
    for key, value in values.items():
        if key not in init:
            setattr(frame, key, value)
    return frame


class Bridge(FrameProcessor):
    """Stands where a bridge does: it takes every frame of the pipeline, and notes the contexts."""

    def __init__(self) -> None:
        """Makes a bridge that has seen nothing."""
        super().__init__()
        self.step = -1
        self.sent: list[dict[str, Any]] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Takes a frame."""
        await super().process_frame(frame, direction)
        if isinstance(frame, StartFrame | EndFrame | CancelFrame):
            await self.push_frame(frame, direction)
        elif isinstance(frame, LLMContextFrame):
            self.sent.append(
                {
                    "step": self.step,
                    "direction": direction.name,
                    "messages": len(frame.context.messages),
                }
            )


def without_prose(message: dict[str, Any]) -> dict[str, Any]:
    """Leaves out what Pipecat explains to models."""
    content = message.get("content")
    if not isinstance(content, str) or '"async_tool"' not in content:
        return message
    payload = json.loads(content)
    payload.pop("description", None)
    if str(payload.get("result")).startswith("CANCELLED"):
        payload["result"] = "CANCELLED"
    return {**message, "content": json.dumps(payload)}


async def play(name: str, steps: list[Step]) -> dict[str, Any]:
    """Plays a conversation, and returns its record."""
    context = LLMContext()
    pair = LLMContextAggregatorPair(context)
    bridge = Bridge()
    pipeline = Pipeline([pair.user(), bridge, pair.assistant()])
    worker = PipelineWorker(pipeline, cancel_on_idle_timeout=False, enable_rtvi=False)
    started = asyncio.Event()

    async def on_started(*_: Any) -> None:
        started.set()

    worker.add_event_handler("on_pipeline_started", on_started)

    async def send() -> None:
        await started.wait()
        for index, step in enumerate(steps):
            bridge.step = index
            if step.kind == "user":
                message: Any = {"role": "user", "content": step.fields["content"]}
                await worker.queue_frame(frames.LLMMessagesAppendFrame([message], run_llm=True))
            else:
                await bridge.push_frame(make(step), FrameDirection[step.direction])
            await asyncio.sleep(SETTLE)
        await worker.queue_frame(EndFrame())

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    messages: list[Any] = []

    async def note() -> None:
        await send()
        messages.extend(without_prose(cast(Any, message)) for message in context.messages)

    await asyncio.gather(runner.run(), note())
    choice = context.tool_choice
    return {
        "name": name,
        "steps": [
            {
                "kind": step.kind,
                **({} if step.direction == "DOWNSTREAM" else {"direction": step.direction}),
                "fields": {key: value for key, value in step.fields.items() if value is not None},
            }
            for step in steps
        ],
        "messages": messages,
        "toolChoice": choice if isinstance(choice, str) else None,
        "sent": bridge.sent,
    }


async def main() -> None:
    """Plays all conversations, and prints a line for each."""
    logger.remove()
    print(
        f"recording {len(CONVERSATIONS)} conversations with pipecat-ai {version()}", file=sys.stderr
    )
    for name, steps in CONVERSATIONS.items():
        print(json.dumps(await play(name, steps)))


if __name__ == "__main__":
    asyncio.run(main())
