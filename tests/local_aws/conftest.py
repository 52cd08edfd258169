"""One server with IAM enforced for all tests of the local AWS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.process import LocalAws

pytest.register_assert_rewrite("tests.local_aws.added_types", "tests.local_aws.stacks")

ACCOUNT = "111122223333"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A running server that enforces IAM."""
    log = tmp_path_factory.mktemp("local-aws") / "server.log"
    with LocalAws(account=ACCOUNT, enforce_iam=True, log_file=log, node_modules=_node_modules()) as running:
        yield running


def _node_modules() -> Path | None:
    folder = Path(__file__).parents[2] / "node_modules"
    return folder if folder.is_dir() else None
