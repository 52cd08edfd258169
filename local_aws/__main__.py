"""``python -m local_aws``: AWS on this computer until it is stopped."""

from __future__ import annotations

from local_aws import server, settings

if __name__ == "__main__":
    server.run(settings.parse())
