"""Entry point of the function that processes alarms."""

from __future__ import annotations

import os

from platform_runtime.herald import Bulletin, HeraldSettings
from platform_runtime.observability import Observability
from platform_runtime.telling import telling_handler

from process_alarm.alarm import Alarm
from process_alarm.bulletin import bulletin_about

_SETTINGS = HeraldSettings.from_environment(os.environ)


def _interpret(body: str) -> Bulletin:
    return bulletin_about(Alarm.parse(body, region=_SETTINGS.region))


handler = telling_handler(_SETTINGS, Observability(_SETTINGS.observability), _interpret)
