"""Names and edges: records, health checks and distributions as they were deployed, held against the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from configuration import Environment, Region
from configuration.names import Bucket, Stacks
from configuration.partition import GLOBAL_SERVICES_REGION
from configuration.site import release_prefix
from ops.failover.comparison import described
from ops.failover.deployed import deployed_zone
from ops.failover.intended import intended_zone, load_balancer_name
from ops.local.check import Check, CheckFailedError, Context
from ops.local.stacks import StackRef, resources_of

_LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_DISTRIBUTION = "AWS::CloudFront::Distribution"
_PRICE_CLASSES = {"100": "PriceClass_100", "200": "PriceClass_200", "all": "PriceClass_All"}


def checks(environment: Environment) -> Iterator[Check]:
    """One check of the public names, and one of the distribution and of the released site in each region."""
    yield NamesAreThoseOfTheFile()
    for region in environment.regions:
        yield DistributionIsThatOfTheFile(region)
        yield SiteIsReleased(region)


@dataclass(frozen=True)
class NamesAreThoseOfTheFile:
    """Every record of the application and every health check is what the environment file means, and none is more."""

    name: str = "platform names and health checks are those of the file"

    def run(self, context: Context) -> str:
        """Read both from Route 53 and compare them, down to the last check."""
        route53 = context.client("route53", GLOBAL_SERVICES_REGION)
        environment = context.environment
        pages = route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=_zone_id(context))
        known = _load_balancers(context)
        records = [
            _with_known_target(record, known)
            for page in pages
            for record in page["ResourceRecordSets"]
            # The name itself and those below it, but not by which ACM validates them.
            if f".{record['Name']}".endswith(f".{environment.domain.application}.") and "_" not in record["Name"]
        ]
        checked = [page["HealthChecks"] for page in route53.get_paginator("list_health_checks").paginate()]
        zone = deployed_zone(records, (check for page in checked for check in page))
        deployed, intended = described(zone), described(intended_zone(environment))
        if deployed != intended:
            surplus, missing = sorted(deployed - intended), sorted(intended - deployed)
            raise CheckFailedError(f"not of the file: {surplus or 'nothing'}; missing: {missing or 'nothing'}")
        return f"{len(zone.records)} records of {environment.domain.application}, {len(zone.health_checks)} checks"


@dataclass(frozen=True)
class DistributionIsThatOfTheFile:
    """A region's distribution answers to the names of the file and reads the buckets of the region and its partner."""

    region: Region

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region.name} distribution is that of the file"

    def run(self, context: Context) -> str:
        """Read the distribution from CloudFront and compare what the file decides of it."""
        environment = context.environment
        config = _distribution(context, self.region)["DistributionConfig"]
        origins = [origin["DomainName"] for origin in config["Origins"]["Items"]]
        behaviours = config.get("CacheBehaviors", {}).get("Items", [])
        aliases = sorted(config.get("Aliases", {}).get("Items", []))
        deployed = {
            "aliases": aliases,
            "origins": origins,
            "dynamic paths": [behaviour["PathPattern"] for behaviour in behaviours],
            "price class": config["PriceClass"],
            "firewall": bool(config.get("WebACLId")),
            "HTTP": config["HttpVersion"].lower(),
            "failover": config.get("OriginGroups", {}).get("Quantity", 0),
        }
        domain, cdn = environment.domain, environment.cdn
        public = [domain.cdn] if self.region == environment.home else []
        partner = environment.partner_of(self.region)
        intended = {
            "aliases": sorted([*public, domain.cdn_in(self.region)] if cdn.custom_names else []),
            "origins": [
                *(_bucket_host(environment, region) for region in (self.region, partner) if region),
                *([domain.application] if cdn.dynamic_paths else []),
            ],
            "dynamic paths": list(cdn.dynamic_paths),
            "price class": _PRICE_CLASSES[cdn.price_class],
            "firewall": cdn.waf.enabled,
            "HTTP": "http2and3",
            "failover": 1 if partner else 0,
        }
        wrong = [
            f"{key}: {deployed[key]!r} instead of {value!r}"
            for key, value in intended.items()
            if deployed[key] != value
        ]
        if wrong:
            raise CheckFailedError("; ".join(wrong))
        return f"{', '.join(aliases) or 'its own name'} over {len(origins)} origins"


@dataclass(frozen=True)
class SiteIsReleased:
    """The site's files are in the region's bucket below the prefix the distribution reads, and the edges were told."""

    region: Region

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region.name} site is released"

    def run(self, context: Context) -> str:
        """Compare the distribution's prefix, the objects below it and the invalidations."""
        environment, prefix = context.environment, release_prefix(context.environment.cdn.site)
        distribution = _distribution(context, self.region)
        paths = {
            origin["OriginPath"]
            for origin in distribution["DistributionConfig"]["Origins"]["Items"]
            if "S3OriginConfig" in origin
        }
        if paths != {f"/{prefix}"}:
            raise CheckFailedError(f"the distribution reads below {sorted(paths)} instead of /{prefix}")
        s3 = context.client("s3", self.region.name)
        bucket = environment.names.bucket(Bucket.STATIC_ASSETS, self.region.name)
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/").get("Contents", [])
        if not any(item["Key"].endswith("/index.html") for item in listed):
            raise CheckFailedError(f"s3://{bucket}/{prefix}/ holds {[item['Key'] for item in listed]}")
        cloudfront = context.client("cloudfront", GLOBAL_SERVICES_REGION)
        told = cloudfront.list_invalidations(DistributionId=distribution["Id"])["InvalidationList"]["Quantity"]
        if not told:
            raise CheckFailedError(f"no edge of {distribution['Id']} was told of the release")
        return f"{len(listed)} files in {prefix}, {told} invalidation"


def _zone_id(context: Context) -> str:
    environment = context.environment
    if environment.domain.hosted_zone_id:
        return environment.domain.hosted_zone_id
    stack = StackRef(GLOBAL_SERVICES_REGION, environment.names.stack(Stacks.ZONE, GLOBAL_SERVICES_REGION))
    return _physical_ids(context, stack, "AWS::Route53::HostedZone")[0]


def _load_balancers(context: Context) -> dict[str, str]:
    """What stands for a load balancer's name in a comparison, by the name it was given."""
    known: dict[str, str] = {}
    for region in context.environment.regions:
        stack = StackRef(region.name, context.environment.names.stack(Stacks.COMPUTE, region.name))
        balancers = context.client("elbv2", region.name).describe_load_balancers(
            LoadBalancerArns=_physical_ids(context, stack, _LOAD_BALANCER)
        )["LoadBalancers"]
        known |= {balancer["DNSName"].lower(): load_balancer_name(region) for balancer in balancers}
    return known


def _with_known_target(record: dict[str, Any], known: dict[str, str]) -> dict[str, Any]:
    target = record.get("AliasTarget")
    if target is None:
        return record
    name = target["DNSName"].lower().rstrip(".")
    for deployed, stands_for in known.items():
        name = name.replace(deployed, stands_for)
    return {**record, "AliasTarget": {**target, "DNSName": name}}


def _distribution(context: Context, region: Region) -> Any:
    """The distribution over a region's assets."""
    stack = StackRef(region.name, context.environment.names.stack(Stacks.CDN, region.name))
    cloudfront = context.client("cloudfront", GLOBAL_SERVICES_REGION)
    for distribution_id in _physical_ids(context, stack, _DISTRIBUTION):
        found = cloudfront.get_distribution(Id=distribution_id)["Distribution"]
        if found["DistributionConfig"]["Logging"]["Prefix"] == "assets/":
            return found
    raise CheckFailedError(f"{stack.name} has no distribution over the assets")


def _physical_ids(context: Context, stack: StackRef, resource_type: str) -> list[str]:
    return [
        str(resource["PhysicalResourceId"])
        for resource in resources_of(context.target, stack)
        if resource["ResourceType"] == resource_type
    ]


def _bucket_host(environment: Environment, region: Region) -> str:
    return f"{environment.names.bucket(Bucket.STATIC_ASSETS, region.name)}.s3.{region.name}.amazonaws.com"
