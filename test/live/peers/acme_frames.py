"""Frames of an application's own, which the schema knows nothing of."""

from dataclasses import dataclass, field
from typing import Any

from pipecat.frames.frames import DataFrame


@dataclass
class AcmePart:
    """What stands within a frame of the application's."""

    name: str
    weight: float = 1.0


@dataclass
class AcmeOrderFrame(DataFrame):
    """A frame with fields of every kind."""

    item: str = ""
    quantity: int = 0
    photo: bytes = b""
    part: AcmePart | None = None
    tags: list[Any] = field(default_factory=list)
