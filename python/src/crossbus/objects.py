"""Objects of Python made from their members."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from crossbus.classes import class_name
from crossbus.errors import DeserializationError


@dataclasses.dataclass(frozen=True)
class _Plan:
    """How a dataclass is made."""

    #: The fields that its constructor takes.
    init: frozenset[str]
    #: Those of them that it can't do without.
    needed: tuple[str, ...]
    #: All its fields.
    fields: frozenset[str]


@cache
def _plan(cls: type) -> _Plan:
    fields = dataclasses.fields(cls)
    needed = (
        f.name
        for f in fields
        if f.init and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    )
    return _Plan(
        init=frozenset(f.name for f in fields if f.init),
        needed=tuple(needed),
        fields=frozenset(f.name for f in fields),
    )


def construct(cls: type, members: Mapping[str, Any]) -> Any:
    """Make an object of a dataclass or a pydantic model.

    As in Pipecat's JSON what the constructor needs and the members lack is None, since a member
    that is None doesn't travel; and what the constructor doesn't take is set afterwards.

    Raises:
        DeserializationError: The class doesn't take the members.
    """
    try:
        if issubclass(cls, BaseModel):
            return cls.model_validate(dict(members))
        plan = _plan(cls)  # type: ignore[arg-type]
        init: dict[str, Any] = dict.fromkeys(plan.needed)
        init.update({name: value for name, value in members.items() if name in plan.init})
        made = cls(**init)
        for name, value in members.items():
            if name not in plan.init:
                if name not in plan.fields:
                    _check_free(cls, name)
                setattr(made, name, value)
    except DeserializationError:
        raise
    except Exception as error:
        raise DeserializationError(f"{class_name(cls)} can't be made of this: {error}") from error
    return made


def _check_free(cls: type, name: str) -> None:
    """Check that a member which the class doesn't know replaces nothing of it."""
    if name.startswith("_") or callable(getattr(cls, name, None)):
        raise DeserializationError("is no field, and can't be set", name)
