"""Where the platform is deployed: an account of the local AWS, and clients that can reach nothing else."""

import json
import os
import threading
import urllib.request
from typing import Any

from local_aws.environment import client_environment
from local_aws.process import make_client


class Target:
    """An account behind an endpoint on loopback, whoever started the local AWS there."""

    def __init__(self, *, endpoint: str, account: str) -> None:
        self.endpoint = endpoint
        self.account = account
        self._clients: dict[tuple[str, str], Any] = {}
        self._guard = threading.Lock()

    def client(self, service: str, region: str) -> Any:
        """A client of one service in one region, made once; threads may share it."""
        with self._guard:
            if (service, region) not in self._clients:
                self._clients[service, region] = make_client(self.endpoint, self.account, service, region)
            return self._clients[service, region]

    def environment(self, region: str) -> dict[str, str]:
        """The environment for a child: ours without anything that leads to a real account."""
        return client_environment(self.endpoint, self.account, region, os.environ)

    def classes(self) -> dict[str, Any]:
        """What stands behind each CloudFormation type, as the local AWS tells it."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{self.endpoint}/_local_aws/resources", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
