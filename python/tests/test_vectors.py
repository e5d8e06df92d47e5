"""The recorded bytes that both languages agree on: the TypeScript side's tests read them too."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

from crossbus import ProtobufMessageSerializer
from crossbus.dialects import installed

RECORDED = Path(__file__).parents[2] / "test" / "python"
#: The release that they were recorded with; an older one lacks some of the classes.
RELEASE = "1.14.0"


def test_recorded_bytes_are_read_and_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    path = RECORDED / "vectors" / "protobuf.jsonl"
    if not path.exists():
        pytest.skip("there are recorded bytes in a clone of the repository only")
    if "pipecat" not in installed() or version("pipecat-ai") != RELEASE:
        pytest.skip(f"the bytes were recorded with pipecat-ai {RELEASE}")
    monkeypatch.syspath_prepend(str(RECORDED))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    own = import_module("acme_types")
    serializer = ProtobufMessageSerializer(types=[own.AcmeFrame, own.AcmeMood, own.AcmeOrder])
    vectors = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(vectors) > 300
    for vector in vectors:
        message = serializer.deserialize(bytes.fromhex(vector["protobuf"]))
        assert message is not None
        encoded = serializer.serialize(message)
        assert encoded is not None
        assert encoded.hex() == vector["protobuf"], vector["label"]
