"""The public name of the application, which leads every client to the nearest region that can serve it."""

from collections.abc import Mapping

from aws_cdk import aws_route53 as route53
from constructs import Construct

from configuration.failover.budget import RecordDesign


class LatencyRecord(Construct):
    """One region's share of the public name, in two steps, because two checks have to be heard.

    ``name`` leads by latency to ``live_name`` while the region is ``in_service``; ``live_name`` leads to
    ``regional_name`` while the region's ``dependencies`` work. Where no region passes, Route 53 answers as if all
    did: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html

    With ``RecordDesign.CNAME`` the step between is a CNAME with a ``ttl`` of its own, otherwise every step is an
    alias, whose TTL is that of the load balancer (see ``configuration.failover.budget``).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        zone: route53.IHostedZone,
        region: str,
        name: str,
        live_name: str,
        regional_name: str,
        in_service: route53.IHealthCheck,
        dependencies: route53.IHealthCheck | None,
        design: RecordDesign,
        ttl: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self._zone = zone
        types = {"CNAME": ""} if design is RecordDesign.CNAME else {"A": "Ipv4", "AAAA": "Ipv6"}
        for record_type, suffix in types.items():
            lead = (
                {"ttl": str(ttl), "resource_records": [regional_name]}
                if design is RecordDesign.CNAME
                else {"alias_target": self._alias(regional_name)}
            )
            live = self._record(
                f"Live{suffix}",
                # One weighted record alone: only records of a group can have a health check.
                {"weight": 1, "set_identifier": region, **lead},
                record_type=record_type,
                name=live_name,
                check=dependencies,
            )
            public = self._record(
                f"Public{suffix}",
                {"region": region, "set_identifier": region, "alias_target": self._alias(live_name)},
                record_type=record_type,
                name=name,
                check=in_service,
            )
            public.add_resource_dependency(live)

    def _alias(self, name: str) -> route53.CfnRecordSet.AliasTargetProperty:
        return route53.CfnRecordSet.AliasTargetProperty(
            dns_name=f"{name}.", hosted_zone_id=self._zone.hosted_zone_id, evaluate_target_health=True
        )

    def _record(
        self,
        construct_id: str,
        properties: Mapping[str, object],
        *,
        record_type: str,
        name: str,
        check: route53.IHealthCheck | None,
    ) -> route53.CfnRecordSet:
        return route53.CfnRecordSet(
            self,
            construct_id,
            hosted_zone_id=self._zone.hosted_zone_id,
            name=f"{name}.",
            type=record_type,
            health_check_id=check.health_check_id if check else None,
            **properties,  # type: ignore[arg-type]  # the keywords of one of three kinds of records
        )
