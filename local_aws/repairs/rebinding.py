"""Putting another function in the place of one of MiniStack's, wherever it is known by name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def rebind(original: Callable[..., Any], replacement: Callable[..., Any]) -> None:
    """Replace a function in every module of MiniStack that has imported it so far; later ones import the new one."""
    name = original.__name__
    for module in [module for path, module in sys.modules.items() if path.partition(".")[0] == "ministack"]:
        if getattr(module, name, None) is original:
            setattr(module, name, replacement)
