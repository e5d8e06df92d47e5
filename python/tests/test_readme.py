"""The README's code says what is there."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from crossbus.dialects import bus_module, installed

README = Path(__file__).parent.parent / "README.md"

BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def imports() -> list[tuple[str, str]]:
    """Give what the blocks import, each once."""
    found = {
        (node.module or "", alias.name): None
        for block in BLOCKS
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return list(found)


@pytest.mark.parametrize(("module", "name"), imports())
def test_what_it_imports_is_there(module: str, name: str) -> None:
    if module.startswith("shop."):
        # It is the reader's.
        return
    package = "pipecat-subagents" if module.startswith("pipecat_subagents") else "pipecat"
    is_new = module.startswith(("pipecat.bus", "pipecat.workers"))
    if (package == "pipecat-subagents" or is_new) and package not in installed():
        pytest.skip(f"{package} with a bus isn't installed here")
    assert hasattr(import_module(module), name)


def test_it_shows_both_packages() -> None:
    modules = {module.partition(".")[0] for module, _ in imports()}
    assert {"crossbus", "pipecat", "pipecat_subagents"} <= modules
    assert bus_module(installed()[0]) is not None
