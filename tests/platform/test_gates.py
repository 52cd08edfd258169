"""The rule packs: no finding in any provided environment that is not acknowledged with its reason."""

import pytest

from configuration import load_environment
from configuration.loading import available_environments
from ops.gates import lint_findings, nag_findings, templates_by_region
from tests.synthesis import Assembly, environment, everything, synthesise

pytestmark = pytest.mark.long


def test_cfn_lint_finds_nothing_for_the_regions_of_an_environment(provided: Assembly) -> None:
    assert list(lint_findings(templates_by_region(provided.directory))) == []


@pytest.mark.parametrize("name", available_environments())
def test_cdk_nag_finds_nothing_in_an_environment(name: str) -> None:
    assert list(nag_findings(load_environment(name))) == []


def test_cdk_nag_finds_nothing_in_a_single_region() -> None:
    assert list(nag_findings(environment(regions=1))) == []


def test_neither_finds_anything_where_everything_is_switched_on() -> None:
    assert list(nag_findings(everything())) == []
    assert list(lint_findings(templates_by_region(synthesise(everything()).directory))) == []
