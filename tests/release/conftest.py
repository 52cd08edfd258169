"""One server of the local AWS for the tests that run the commands as the pipeline does."""

from collections.abc import Iterator

import pytest

from local_aws.process import LocalAws

ACCOUNT = "444455556666"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A running server."""
    log = tmp_path_factory.mktemp("release-aws") / "server.log"
    with LocalAws(account=ACCOUNT, log_file=log) as running:
        yield running
