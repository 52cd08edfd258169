"""What the sections of an environment file mean for the failover budget."""

from configuration.cdn import Cdn
from configuration.failover.budget import FailoverSettings, OriginKind, OriginTimeouts
from configuration.routing import Routing


def failover_settings(routing: Routing, cdn: Cdn) -> FailoverSettings:
    """The values of the two sections that decide the failover budget."""
    return FailoverSettings(
        request_interval=routing.request_interval,
        failure_threshold=routing.failure_threshold,
        record_design=routing.record_design,
        record_ttl=routing.record_ttl,
        propagation_allowance=routing.propagation_allowance,
        client_hold=routing.client_hold,
        assets_origin=OriginTimeouts(kind=OriginKind.S3, **cdn.assets_origin.model_dump()),
        api_origin=OriginTimeouts(kind=OriginKind.CUSTOM, **cdn.api_origin.model_dump()),
    )
