"""The two Python packages that have a bus, and which of them a process uses."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Literal, get_args

Dialect = Literal["pipecat", "pipecat-subagents"]
"""A package that has a bus: pipecat-ai from 1.3 on, or pipecat-ai-subagents."""


@dataclass(frozen=True)
class _Package:
    """What tells one package from the other."""

    distribution: str
    bus: str
    #: Modules that only a process that uses the package imports, and none that Crossbus does.
    signs_of_use: tuple[str, ...]


_PACKAGES: dict[Dialect, _Package] = {
    "pipecat": _Package("pipecat-ai", "pipecat.bus", ()),
    "pipecat-subagents": _Package(
        "pipecat-ai-subagents",
        "pipecat_subagents.bus",
        ("pipecat_subagents.agents", "pipecat_subagents.runner"),
    ),
}

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
"""Both dialects."""

_NONE_INSTALLED = (
    "neither pipecat-ai 1.3 or newer nor pipecat-ai-subagents can be imported; "
    "install the one whose bus this process uses"
)

#: Why a package's bus couldn't be imported.
_reasons: dict[Dialect, ImportError] = {}

#: The release of pipecat-ai whose bus outlives an exception in a subscriber.
_OUTLIVES_EXCEPTIONS = (1, 5)


def check_dialect(dialect: str) -> Dialect:
    """Give the dialect of that name. Raises ValueError for what is none."""
    for known in DIALECTS:
        if dialect == known:
            return known
    raise ValueError(f"dialect must be one of {', '.join(DIALECTS)}, not {dialect!r}")


@cache
def bus_module(dialect: Dialect, name: str = "") -> ModuleType | None:
    """Give a module of a package's bus, or None when the package isn't installed."""
    try:
        return import_module(_PACKAGES[dialect].bus + name)
    except ImportError as error:
        _reasons[dialect] = error
        return None


def installed() -> tuple[Dialect, ...]:
    """Say which of the packages can be imported."""
    return tuple(dialect for dialect in DIALECTS if bus_module(dialect) is not None)


def current_dialect() -> Dialect:
    """Say which package this process uses.

    That is the one that is installed. pipecat-ai-subagents brings pipecat-ai with it, which has
    had a bus of its own since 1.3; so where both are there it is pipecat-ai-subagents if the
    process has imported its agents or its runner, else pipecat-ai.

    Raises:
        ImportError: Neither is installed.
    """
    found = installed()
    if not found:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in _reasons.items())
        raise ImportError(f"{_NONE_INSTALLED} ({reasons})")
    if len(found) == 1:
        return found[0]
    for dialect in found:
        if any(module in sys.modules for module in _PACKAGES[dialect].signs_of_use):
            return dialect
    return "pipecat"


def outlives_exceptions(dialect: Dialect) -> bool:
    """Say whether a proxy of the package lives on when its serializer raises.

    In pipecat-ai the bus logs what a subscriber raises, from 1.5 on. Before that, and in
    pipecat-ai-subagents, the task ends that hands the subscriber its messages, and the server
    proxy of pipecat-ai-subagents takes any exception for a lost connection.
    """
    if dialect != "pipecat":
        return False
    try:
        parts = version(_PACKAGES[dialect].distribution).split(".")
        return (int(parts[0]), int(parts[1])) >= _OUTLIVES_EXCEPTIONS
    except (PackageNotFoundError, ValueError, IndexError):
        return True
