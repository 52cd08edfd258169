"""CloudFormation types that MiniStack lacks, made through the API of its own services."""

from local_aws.provisioners import (
    backup,
    cloudtrail,
    cloudwatch,
    config,
    ec2_addresses,
    ec2_network_acls,
    ec2_peering,
    ec2_prefix_lists,
    ec2_security_group_rules,
    ecs,
    events,
    iam,
    kms,
    route53,
    secretsmanager,
    wafv2,
)

__all__ = [
    "backup",
    "cloudtrail",
    "cloudwatch",
    "config",
    "ec2_addresses",
    "ec2_network_acls",
    "ec2_peering",
    "ec2_prefix_lists",
    "ec2_security_group_rules",
    "ecs",
    "events",
    "iam",
    "kms",
    "route53",
    "secretsmanager",
    "wafv2",
]
