"""The whole platform of a two-region environment, deployed with IAM enforced, used, and destroyed.

By the code of ``make local``. What an area shows of itself there (``ops/local/checks``) is shown here too.
"""

from __future__ import annotations

from collections import Counter

import pytest

from local_aws.stand_ins import STAND_INS
from ops.local.inventory import Kind
from tests.deployment import full_run
from tests.deployment.full_run import FullRun

pytestmark = [pytest.mark.deployment, pytest.mark.xdist_group("deployment")]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> FullRun:
    """One run for every test here; a step of it that fails says why."""
    return full_run.run(tmp_path_factory.mktemp("deployment") / ".local")


def test_every_check_passes(lived: FullRun) -> None:
    failed = [f"{outcome.name}: {outcome.evidence}" for outcome in lived.outcomes if not outcome.passed]
    assert not failed, "\n".join(failed)


def test_samples_are_processed_and_refused_in_every_region(lived: FullRun) -> None:
    for region in lived.regions:
        shown = [outcome.name for outcome in lived.outcomes if outcome.passed and outcome.name.startswith(region)]
        assert any(name.endswith("is processed") for name in shown), shown
        assert any(name.endswith("is refused") for name in shown), shown


def test_no_stack_is_missing_or_empty(lived: FullRun) -> None:
    assert set(lived.counts) == set(lived.synthesised)
    assert [stack.name for stack, kinds in lived.counts.items() if not kinds.total()] == []
    assert {stack.region for stack in lived.counts} == set(lived.regions)


def test_most_of_it_is_more_than_a_stand_in(lived: FullRun) -> None:
    total: Counter[Kind] = sum(lived.counts.values(), Counter())
    assert all(total[kind] > 0 for kind in Kind), total
    assert total[Kind.STAND_IN] < total.total() / 20, total


def test_only_what_is_declared_to_be_is_a_stand_in(lived: FullRun) -> None:
    assert lived.stand_ins <= {one.name for one in STAND_INS}


def test_nothing_is_left_after_the_destruction(lived: FullRun) -> None:
    assert lived.stacks_left == []
    assert lived.resources > 300
    assert lived.resources_left == []
