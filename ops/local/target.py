"""Where the platform is deployed: an account of the local AWS, and clients that can reach nothing else."""

import json
import os
import urllib.request
from typing import Any

from local_aws.clients import Clients
from local_aws.environment import client_environment

_ANSWER_SECONDS = 10.0


class Target:
    """An account behind an endpoint on loopback, whoever started the local AWS there."""

    def __init__(self, *, endpoint: str, account: str) -> None:
        self.endpoint = endpoint
        self.account = account
        self._clients = Clients(endpoint)

    def client(self, service: str, region: str) -> Any:
        """A client of one service in one region, made once; threads may share it."""
        return self._clients.get(service, region, self.account)

    def environment(self, region: str) -> dict[str, str]:
        """The environment for a child: ours without anything that leads to a real account."""
        return client_environment(self.endpoint, self.account, region, os.environ)

    def classes(self) -> dict[str, Any]:
        """What stands behind each CloudFormation type, as the local AWS tells it."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{self.endpoint}/_local_aws/resources", timeout=_ANSWER_SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
