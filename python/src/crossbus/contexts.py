"""The two classes of Pipecat that are no dataclasses: conversations, and the tools in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossbus.classes import Classes
from crossbus.errors import DeserializationError

#: The mark of a message in one model's own form, in Pipecat's JSON.
_SPECIFIC = "__specific__"


class Contexts:
    """Takes conversations and tools to pieces, and puts them together."""

    def __init__(self, classes: Classes) -> None:
        """Use the classes of an installed package."""
        self._classes = classes
        self._special = tuple(c for c in (classes.context, classes.tools) if c is not None)
        # What stands for tools that weren't given has moved between releases, and may be OpenAI's.
        empty = classes.context() if classes.context is not None else None
        self._sentinel: type = type(getattr(empty, "tools", None))

    def is_special(self, value: object) -> bool:
        """Say whether an object is a conversation or tools."""
        return isinstance(value, self._special)

    def is_special_class(self, cls: type) -> bool:
        """Say whether a class is that of conversations or that of tools."""
        return cls in self._special

    def special_class(self, value: object) -> type:
        """Give the class, of those two, of an object."""
        return next(cls for cls in self._special if isinstance(value, cls))

    def is_sentinel(self, value: object) -> bool:
        """Say whether a value stands for one that wasn't given."""
        return isinstance(value, self._sentinel)

    def members(self, value: object) -> dict[str, object] | None:
        """Give what an object holds, as plain data; None for one of another class."""
        if self._classes.context is not None and isinstance(value, self._classes.context):
            return self.members_of_context(value)
        if self._classes.tools is not None and isinstance(value, self._classes.tools):
            return self.members_of_tools(value)
        return None

    def members_of_context(self, context: Any) -> dict[str, object]:
        """Give the messages, the tools and the choice of tools of a conversation."""
        messages = [self._plain_message(message) for message in context.messages]
        members: dict[str, object] = {"messages": messages}
        if not self.is_sentinel(context.tools):
            members["tools"] = self.members_of_tools(context.tools)
        if not self.is_sentinel(context.tool_choice):
            members["tool_choice"] = context.tool_choice
        return members

    def members_of_tools(self, tools: Any) -> dict[str, object]:
        """Give tools as plain data."""
        members: dict[str, object] = {
            "standard_tools": [_plain(tool.to_default_dict()) for tool in tools.standard_tools]
        }
        if tools.custom_tools:
            members["custom_tools"] = {
                adapter.value: _plain(custom) for adapter, custom in tools.custom_tools.items()
            }
        return members

    def tools_of_list(self, tools: list[Any]) -> Any:
        """Make tools of a list of them; None for a list that holds something else."""
        schema = self._classes.beside_tools("FunctionSchema") if self._classes.tools else None
        if schema is None or not tools:
            return None
        if not all(isinstance(tool, schema) or callable(tool) for tool in tools):
            return None
        assert self._classes.tools is not None
        return self._classes.tools(standard_tools=tools)

    def build(self, cls: type, members: Mapping[str, Any]) -> Any:
        """Make a conversation, or tools, of what :meth:`members` gives."""
        if cls is self._classes.context:
            return self.context_of(members)
        return self.tools_of(members)

    def context_of(self, members: Mapping[str, Any]) -> Any:
        """Make a conversation. Its tools may be a list, as they were until pipecat-ai 1.5."""
        messages = members.get("messages")
        if not isinstance(messages, list):
            raise DeserializationError("must be a list", "messages")
        given: dict[str, Any] = {"messages": [self._message(message) for message in messages]}
        if "tools" in members:
            tools = members["tools"]
            if isinstance(tools, list):
                tools = {"standard_tools": tools}
            given["tools"] = tools if self.is_special(tools) else self.tools_of(tools)
        if "tool_choice" in members:
            given["tool_choice"] = members["tool_choice"]
        assert self._classes.context is not None
        return self._classes.context(**given)

    def tools_of(self, members: Any) -> Any:
        """Make tools of plain data. Raises DeserializationError for what is no tools."""
        if not isinstance(members, Mapping) or not isinstance(members.get("standard_tools"), list):
            raise DeserializationError("must have a list of tools, standard_tools")
        tools = [self._tool(tool) for tool in members["standard_tools"]]
        custom = members.get("custom_tools")
        try:
            adapter = self._classes.beside_tools("AdapterType")
            keyed = None if custom is None else {adapter(k): tool for k, tool in custom.items()}
        except (AttributeError, ValueError) as error:
            raise DeserializationError(str(error), "custom_tools") from error
        assert self._classes.tools is not None
        return self._classes.tools(standard_tools=tools, custom_tools=keyed)

    def _tool(self, tool: Any) -> Any:
        if not isinstance(tool, Mapping) or not isinstance(tool.get("name"), str):
            raise DeserializationError("a tool must be a dictionary with a name", "standard_tools")
        parameters = tool.get("parameters", {})
        if not isinstance(parameters, Mapping):
            raise DeserializationError("must be a dictionary", "standard_tools.parameters")
        return self._classes.beside_tools("FunctionSchema")(
            name=tool["name"],
            description=tool.get("description", ""),
            properties=parameters.get("properties", {}),
            required=parameters.get("required", []),
        )

    def _plain_message(self, message: Any) -> Any:
        """Give a message as JSON has it, so that a peer that speaks JSON can be passed it."""
        specific = self._classes.specific_message
        if specific is None or not isinstance(message, specific):
            return message
        own: Any = message
        return {_SPECIFIC: True, "llm": own.llm, "message": own.message}

    def _message(self, message: Any) -> Any:
        """Make a message of a conversation; one in a model's own form comes as JSON has it."""
        if not isinstance(message, Mapping) or not message.get(_SPECIFIC):
            return message
        if self._classes.specific_message is None or not {"llm", "message"} <= message.keys():
            raise DeserializationError("a message in a model's own form needs llm and message")
        return self._classes.specific_message(llm=message["llm"], message=message["message"])


def _plain(value: Any) -> Any:
    """Give a description of a tool with lists for tuples, as JSON has it."""
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
