"""How far the process is on its way to its end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Lifecycle:
    """``draining`` from the first request to end on; ``closing`` once nobody new is let in."""

    draining: bool = False
    closing: bool = False
