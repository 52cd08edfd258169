"""Every template of the home region as it was when somebody last looked; `make snapshots` accepts what changed.

A snapshot asserts nothing by itself. It shows in a review what a change of code means for what is deployed.
"""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from configuration.names import Stacks
from tests.synthesis import environment, synthesise

_ASSET_HASH = re.compile(r"[0-9a-f]{64}")
# What an application or a function carries in itself: its bytes belong to its source, and to Python's zlib.
_CARRIED = re.compile(r"[A-Za-z0-9+/]{1000,}={0,2}")


@pytest.mark.parametrize("service", list(Stacks))
def test_the_template_is_the_one_that_was_looked_at(service: Stacks, snapshot: SnapshotAssertion) -> None:
    # With a web ACL, which is what the stack at CloudFront's own region is for.
    described = environment(regions=2, cdn={"waf": {"enabled": True}})
    template = synthesise(described).of(service)[0].template
    assert _readable(template) == snapshot(extension_class=JSONSnapshotExtension)


def _readable(template: dict[str, Any]) -> Any:
    return json.loads(_CARRIED.sub("<carried>", _ASSET_HASH.sub("<asset hash>", json.dumps(template))))
