"""What an account of the local AWS holds in a region, service by service: to be listed before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.local.target import Target


@dataclass(frozen=True)
class Listing:
    """An operation that lists one kind of resource; ``name`` is None where the list holds the names themselves."""

    service: str
    operation: str
    key: str
    name: str | None = None


LISTINGS = (
    Listing("apigateway", "get_rest_apis", "items", "id"),
    Listing("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"),
    Listing("backup", "list_backup_plans", "BackupPlansList", "BackupPlanName"),
    Listing("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    Listing("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    Listing("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    Listing("dynamodb", "list_tables", "TableNames"),
    Listing("ec2", "describe_addresses", "Addresses", "AllocationId"),
    Listing("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName"),
    Listing("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    Listing("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    Listing("ec2", "describe_subnets", "Subnets", "SubnetId"),
    Listing("ec2", "describe_volumes", "Volumes", "VolumeId"),
    Listing("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    Listing("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    Listing("ecs", "list_clusters", "clusterArns"),
    Listing("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    Listing("events", "list_rules", "Rules", "Name"),
    Listing("iam", "list_roles", "Roles", "RoleName"),
    Listing("kms", "list_aliases", "Aliases", "AliasName"),
    Listing("lambda", "list_functions", "Functions", "FunctionName"),
    Listing("logs", "describe_log_groups", "logGroups", "logGroupName"),
    Listing("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    Listing("rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
    Listing("route53", "list_hosted_zones", "HostedZones", "Name"),
    Listing("s3", "list_buckets", "Buckets", "Name"),
    Listing("secretsmanager", "list_secrets", "SecretList", "Name"),
    Listing("sns", "list_topics", "Topics", "TopicArn"),
    Listing("sqs", "list_queues", "QueueUrls"),
    Listing("ssm", "describe_parameters", "Parameters", "Name"),
)
"""What the platform makes that costs money, holds data, or stands in the way of a second attempt."""

EXPECTED = ("logs /aws/lambda/",)
"""What remains beside: Lambda makes these groups for CDK's own helper functions and deletes them with nobody."""


def everything(target: Target, region: str) -> set[str]:
    """Every resource of the listed kinds, each with its service."""
    return {
        f"{listing.service} {name}"
        for listing in LISTINGS
        for name in _names(target.client(listing.service, region), listing)
    }


def remaining(before: set[str], after: set[str]) -> list[str]:
    """What there was not before, and nobody expects."""
    return sorted(name for name in after - before if not name.startswith(EXPECTED))


def _names(client: Any, listing: Listing) -> Iterator[str]:
    if client.can_paginate(listing.operation):
        pages = client.get_paginator(listing.operation).paginate()
    else:
        pages = [getattr(client, listing.operation)()]
    for page in pages:
        for found in page.get(listing.key, []):
            # EC2 goes on listing what is gone for an hour or so.
            if listing.name is None:
                yield str(found)
            elif found.get("State") != "deleted":
                yield str(found[listing.name])
