"""What the tests share."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import distributions
from typing import Any

import pytest

from crossbus import ProtobufMessageSerializer
from crossbus.dialects import DIALECTS, Dialect, bus_module, installed


def pytest_report_header() -> list[str]:
    """Say what the tests run against."""
    wanted = ("pipecat-ai", "pipecat-ai-subagents", "protobuf")
    found = sorted({f"{d.name} {d.version}" for d in distributions() if d.name in wanted})
    missing = [name for name in DIALECTS if name not in installed()]
    return [
        f"buses of: {', '.join(installed()) or 'no package'} ({', '.join(found)})",
        *(f"skipped: everything about {name}, which isn't installed here" for name in missing),
    ]


@pytest.fixture(params=installed())
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Each of the packages that are installed."""
    name: Dialect = request.param
    return name


@pytest.fixture
def messages(dialect: Dialect) -> Any:
    """The module with the bus messages of the package."""
    return bus_module(dialect, ".messages")


@pytest.fixture
def json_serializer(dialect: Dialect) -> Any:
    """The package's own serializer."""
    module = bus_module(dialect, ".serializers.json")
    assert module is not None
    return module.JSONMessageSerializer()


@pytest.fixture
def serializer(dialect: Dialect) -> ProtobufMessageSerializer:
    """A serializer that raises."""
    return ProtobufMessageSerializer(dialect=dialect, on_unserializable="raise")


@pytest.fixture
def frames() -> Any:
    """The module with the frames."""
    return import_module("pipecat.frames.frames")


@pytest.fixture
def up() -> Any:
    """The direction upstream."""
    return import_module("pipecat.processors.frame_processor").FrameDirection.UPSTREAM
