"""What every test of the platform shares."""

import pytest

from configuration import load_environment
from configuration.loading import available_environments
from tests.synthesis import Assembly, environment, synthesise


@pytest.fixture(scope="session", params=[1, 2, 3], ids=["1-region", "2-regions", "3-regions"])
def platform(request: pytest.FixtureRequest) -> Assembly:
    """The platform with one, two and three regions, as a test environment that keeps nothing."""
    return synthesise(environment(regions=request.param))


@pytest.fixture(scope="session", params=available_environments())
def provided(request: pytest.FixtureRequest) -> Assembly:
    """Each environment this project provides."""
    return synthesise(load_environment(request.param))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, whatever order the others are shuffled into."""
    items.sort(key=lambda item: all(item.get_closest_marker(name) is None for name in ("long", "deployment")))
