"""One server with IAM enforced for all tests of the local AWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.process import LocalAws
from local_aws.settings import Settings

pytest.register_assert_rewrite("tests.local_aws.added_types", "tests.local_aws.stacks")

ACCOUNT = "111122223333"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A running server that enforces IAM."""
    log = tmp_path_factory.mktemp("local-aws") / "server.log"
    settings = Settings(custom_resource_seconds=3)
    options: dict[str, Any] = {"enforce_iam": True, "log_file": log, "node_modules": _node_modules()}
    with LocalAws(account=ACCOUNT, settings=settings, **options) as running:
        yield running


def _node_modules() -> Path | None:
    folder = Path(__file__).parents[2] / "node_modules"
    return folder if folder.is_dir() else None
