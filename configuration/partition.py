"""The regions AWS has, by the tables that botocore ships: no list of our own to fall behind."""

import functools

from botocore.loaders import Loader

PARTITION = "aws"
"""The commercial partition, the only one where Route 53, CloudFront and every region can work together."""

GLOBAL_SERVICES_REGION = "us-east-1"
"""Where AWS pins CloudFront's certificates and web ACLs and the metrics of Route 53's health checks.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""


@functools.cache
def regions() -> frozenset[str]:
    """The code of every region of the partition."""
    partitions = Loader().load_data("partitions")["partitions"]
    names = next(partition["regions"] for partition in partitions if partition["id"] == PARTITION)
    return frozenset(name for name in names if not name.endswith("-global"))
