"""Running checks against a deployed platform."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest.mock import Mock

import pytest

from ops.local.check import CheckFailedError, Context
from ops.local.exercise import Outcome, exercise
from ops.local.mailbox import Mailbox
from tests.synthesis import environment


@dataclass
class Saying:
    """A check that does what it is told."""

    name: str
    act: Callable[[Context], str]

    def run(self, context: Context) -> str:
        return self.act(context)


@pytest.fixture
def context() -> Context:
    return Context(environment=environment(), target=Mock(), patience_seconds=5)


def fail(text: str) -> Callable[[Context], str]:
    def act(_context: Context) -> str:
        raise CheckFailedError(text)

    return act


def test_each_check_is_reported_with_its_evidence_or_its_failure(context: Context) -> None:
    reported: list[Outcome] = []
    checks = [Saying("good", lambda _: "seen"), Saying("bad", fail("not seen"))]
    outcomes = exercise(context, checks, reported.append)
    assert [(outcome.name, outcome.passed, outcome.evidence) for outcome in outcomes] == [
        ("good", True, "seen"),
        ("bad", False, "not seen"),
    ]
    assert sorted(outcome.name for outcome in reported) == ["bad", "good"]


def test_a_check_that_breaks_is_a_failed_check_and_the_others_go_on(context: Context) -> None:
    def broken(_context: Context) -> str:
        raise KeyError("Items")

    outcomes = exercise(context, [Saying("broken", broken), Saying("good", lambda _: "seen")], lambda _: None)
    assert [outcome.passed for outcome in outcomes] == [False, True]
    assert outcomes[0].evidence == "KeyError: 'Items'"


def test_checks_run_side_by_side(context: Context) -> None:
    together = threading.Barrier(3, timeout=5)
    checks = [Saying(str(number), lambda _: str(together.wait() >= 0)) for number in range(3)]
    assert all(outcome.passed for outcome in exercise(context, checks, lambda _: None))


def test_what_checks_share_is_made_once_and_cleaned_up_at_the_end(context: Context) -> None:
    steps: list[str] = []

    @contextlib.contextmanager
    def make() -> Iterator[str]:
        steps.append("made")
        yield "shared"
        steps.append("cleaned up")

    checks = [Saying(str(number), lambda used: used.shared("key", make)) for number in range(4)]
    checks.append(Saying("bad", fail("no")))
    outcomes = exercise(context, checks, lambda _: None)
    assert [outcome.evidence for outcome in outcomes] == ["shared"] * 4 + ["no"]
    assert steps == ["made", "cleaned up"]


def test_waiting_ends_with_the_first_answer(context: Context) -> None:
    answers = iter([None, None, "there"])
    assert context.until("it", lambda: next(answers)) == "there"


def test_waiting_in_vain_says_for_what_and_how_long(context: Context) -> None:
    context.patience_seconds = 0.3
    with pytest.raises(CheckFailedError, match="in vain for the other shoe"):
        context.until("the other shoe", lambda: None)


def test_an_interruption_ends_every_wait_at_once(context: Context) -> None:
    context.patience_seconds = 60

    def interrupt(_outcome: Outcome) -> None:
        raise KeyboardInterrupt

    waiting = Saying("waiting", lambda used: used.until("something", lambda: None))
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        exercise(context, [waiting, Saying("good", lambda _: "seen")], interrupt)
    assert time.monotonic() - started < 10


def test_messages_that_another_check_has_read_are_found_all_the_same(context: Context) -> None:
    batches = [[{"MessageId": str(number), "Body": f'{{"number": {number}}}'} for number in range(3)]]

    def receive(**_asked: Any) -> dict[str, Any]:
        return {"Messages": batches.pop()} if batches else {}

    mailbox = Mailbox(Mock(receive_message=receive), "queue")
    for number in (2, 0, 1):
        found = mailbox.find(context, "it", lambda body, wanted=number: bool(body["number"] == wanted))  # type: ignore[misc]
        assert found == {"number": number}
