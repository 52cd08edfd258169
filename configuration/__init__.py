"""One typed, validated description of an environment; everything below it is a function of these values."""

from configuration.loading import ConfigurationError, Problem, load_environment
from configuration.model import Domain, Environment, Region
from configuration.names import Names

__all__ = [
    "ConfigurationError",
    "Domain",
    "Environment",
    "Names",
    "Problem",
    "Region",
    "load_environment",
]
