"""Settings of the canary, from its environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from platform_runtime.environment import Variables
from platform_runtime.observability import ObservabilitySettings

_URL = r"https://[^\s?#]+"


@dataclass(frozen=True)
class Settings:
    """Where the canary asks: the URL of each target by the name under which its metrics are known."""

    observability: ObservabilitySettings
    targets: Mapping[str, str]
    timeout_seconds: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read and verify everything, and raise InvalidEnvironmentError naming every mistake."""
        variables = Variables(environ)
        settings = cls(
            observability=ObservabilitySettings.read(variables),
            targets={
                "public": variables.text("PUBLIC_URL", pattern=_URL, rule="an https:// address"),
                "regional": variables.text("REGIONAL_URL", pattern=_URL, rule="an https:// address"),
            },
            timeout_seconds=variables.whole_number("TIMEOUT_SECONDS", at_least=1, at_most=20),
        )
        variables.verify()
        return settings
