"""A language model that needs no key and no network."""

import asyncio
import json
import re
from typing import Any
from uuid import uuid4

from pipecat.frames.frames import (
    Frame,
    FunctionCallFromLLM,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings

_ANSWERS = (
    (r"greet|hello|\bhi\b", "Welcome to Acme! I'm the assistant in Python. What can I do for you?"),
    (r"return|refund", "You can return anything within 30 days, as long as it hasn't gone off."),
    (r"thank|bye", "You're welcome. Mind the anvils on your way out!"),
)
_PRODUCT = r"rocket skate|anvil|portable hole"


class ScriptedLLM(LLMService):
    """Answers as the language models do that Pipecat has services for, but from a script.

    It streams its answers in words. Asked for a price it calls the function ``find_price``, and
    answers when the conversation comes back with the result.
    """

    def __init__(self) -> None:
        """Set none of the settings that language models have: Pipecat wants each of them said."""
        super().__init__(
            settings=LLMSettings(
                model="script",
                system_instruction=None,
                temperature=None,
                max_tokens=None,
                top_p=None,
                top_k=None,
                frequency_penalty=None,
                presence_penalty=None,
                seed=None,
                filter_incomplete_user_turns=None,
                user_turn_completion_config=None,
            )
        )

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer a conversation, and pass on all else."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(LLMFullResponseStartFrame())
        try:
            await self._answer(frame.context)
        finally:
            await self.push_frame(LLMFullResponseEndFrame())

    async def _answer(self, context: LLMContext) -> None:
        last: Any = context.get_messages()[-1]
        text = str(last["content"])
        if last["role"] == "tool":
            found = json.loads(text)
            await self._say(
                f"One {found['product']} is {found['dollars']} dollars. Shall I wrap it?"
            )
        elif answer := _find_answer(text):
            await self._say(answer)
        elif product := re.search(_PRODUCT, text, re.IGNORECASE):
            await self._call("find_price", {"product": product[0].lower()}, context)
        else:
            await self._say("I only know about prices and returns.")

    async def _say(self, text: str) -> None:
        for word in re.findall(r"\S+\s*", text):
            await self.push_frame(LLMTextFrame(word))
            await asyncio.sleep(0.015)

    async def _call(self, function: str, arguments: dict[str, Any], context: LLMContext) -> None:
        call = FunctionCallFromLLM(
            function_name=function,
            tool_call_id=str(uuid4()),
            arguments=arguments,
            context=context,
        )
        await self.run_function_calls([call])


def _find_answer(text: str) -> str | None:
    matching = (answer for about, answer in _ANSWERS if re.search(about, text, re.IGNORECASE))
    return next(matching, None)
