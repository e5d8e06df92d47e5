"""What the serializer raises."""

from __future__ import annotations


class CrossbusError(ValueError):
    """A message can't travel. It says where in the message the problem is, and what to do.

    Attributes:
        path: Where the problem is, for example ``frame.metadata.user``. Empty for the message.
        problem: What is wrong there.
    """

    def __init__(self, problem: str, path: str = "") -> None:
        """Make an error about what stands at ``path``."""
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def __str__(self) -> str:
        """Say where the problem is and what it is."""
        return f"{self.path}: {self.problem}" if self.path else self.problem

    def within(self, key: str | int) -> None:
        """Put a step before the path: the key, or the index, of what holds the problem."""
        step = f"[{key}]" if isinstance(key, int) else key
        joint = "." if self.path and not self.path.startswith("[") else ""
        self.path = f"{step}{joint}{self.path}"


class SerializationError(CrossbusError):
    """A message can't be written: it holds what the schema and the serializer don't know."""


class DeserializationError(CrossbusError):
    """Bytes that came in are no message that the serializer knows."""
