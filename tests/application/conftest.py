"""Starts the default application for a test and ends it afterwards."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import pytest

from tests.application.harness import RunningApplication, module_command


class Start(Protocol):
    """Starts the application with environment variables, by its module unless another command is given."""

    def __call__(self, *, command: Sequence[str] = ..., **variables: str) -> RunningApplication: ...


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[RunningApplication] = []

    def start_one(*, command: Sequence[str] = module_command(), **variables: str) -> RunningApplication:
        application = RunningApplication(variables, command)
        running.append(application)
        return application

    yield start_one
    for application in running:
        application.close()


@pytest.fixture(scope="module")
def application() -> Iterator[RunningApplication]:
    """One process with the defaults, for the tests of a module that leave it as it is."""
    running = RunningApplication({}, module_command())
    yield running
    running.close()
