"""What comes out is what Pipecat's own serializer would have given, types included."""

from __future__ import annotations

from typing import Any

import samples

from crossbus import ProtobufMessageSerializer
from crossbus.dialects import Dialect


def test_every_message_arrives_as_through_json(
    dialect: Dialect, serializer: ProtobufMessageSerializer, json_serializer: Any
) -> None:
    differences = []
    count = 0
    for message in samples.messages(dialect):
        count += 1
        try:
            expected = json_serializer.deserialize(json_serializer.serialize(message))
        except TypeError:
            # That of pipecat-ai-subagents can't read a conversation without tools where
            # pipecat-ai is 1.8 or newer.
            assert dialect == "pipecat-subagents"
            expected = message
        actual = serializer.deserialize(serializer.serialize(message))
        if samples.describe(actual) != samples.describe(expected):
            differences.append((samples.describe(expected), samples.describe(actual)))
    assert differences == []
    assert count > 100
