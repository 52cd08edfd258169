"""Entry point of the function that processes changes of compliance."""

from __future__ import annotations

import os

from platform_runtime.clients import cloudtrail_client
from platform_runtime.herald import Bulletin, HeraldSettings
from platform_runtime.observability import Observability
from platform_runtime.telling import telling_handler

from process_config_change.bulletin import bulletin_about
from process_config_change.change import ComplianceChange
from process_config_change.trail import Trail

_SETTINGS = HeraldSettings.from_environment(os.environ)
_OBSERVABILITY = Observability(_SETTINGS.observability)


def _interpret(body: str) -> Bulletin | None:
    change = ComplianceChange.parse(body)
    if not change.is_news:
        return None
    trail = Trail(cloudtrail_client(), log=_OBSERVABILITY.logger.warning)
    return bulletin_about(change, trail.last_change(change.resource_id))


handler = telling_handler(_SETTINGS, _OBSERVABILITY, _interpret)
