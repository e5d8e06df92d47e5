"""Types that an application might have of its own, for tests across languages."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pipecat.frames.frames import DataFrame
from pydantic import BaseModel


class AcmeMood(Enum):
    """An enumeration, which crosses by the name of the member."""

    HAPPY = 1


class AcmeOrder(BaseModel):
    """A pydantic model, which crosses with its class."""

    item: str
    price: float = 0.0


@dataclass
class AcmeFrame(DataFrame):
    """A frame class of an application."""

    n: int = 0
    x: float = 0.0
    mood: AcmeMood | None = None
    order: AcmeOrder | None = None
    what: dict[str, Any] = field(default_factory=dict)
