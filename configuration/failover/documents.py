"""The public documents that the model and the budget rest on."""

from dataclasses import dataclass

_ROUTE_53 = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide"
_CLOUDFRONT = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"


@dataclass(frozen=True)
class Document:
    """A page of public documentation."""

    title: str
    url: str


HEALTH_OF_CHECKS = Document(
    "How Amazon Route 53 determines whether a health check is healthy",
    f"{_ROUTE_53}/dns-failover-determining-health-of-endpoints.html",
)
CHOICE_OF_RECORDS = Document(
    "How Amazon Route 53 chooses records when health checking is configured",
    f"{_ROUTE_53}/health-checks-how-route-53-chooses-records.html",
)
COMPLEX_CONFIGURATIONS = Document(
    "How health checks work in complex Amazon Route 53 configurations",
    f"{_ROUTE_53}/dns-failover-complex-configs.html",
)
SIMPLE_CONFIGURATIONS = Document(
    "How health checks work in simple Amazon Route 53 configurations",
    f"{_ROUTE_53}/dns-failover-simple-configs.html",
)
FAILOVER_PROBLEMS = Document(
    "How Amazon Route 53 averts failover problems",
    f"{_ROUTE_53}/dns-failover-problems.html",
)
CHECK_VALUES = Document(
    "Values that you specify when you create or update health checks",
    f"{_ROUTE_53}/health-checks-creating-values.html",
)
LATENCY_ROUTING = Document("Latency-based routing", f"{_ROUTE_53}/routing-policy-latency.html")
WEIGHTED_ROUTING = Document("Weighted routing", f"{_ROUTE_53}/routing-policy-weighted.html")
MULTIVALUE_ROUTING = Document("Multivalue answer routing", f"{_ROUTE_53}/routing-policy-multivalue.html")
WEIGHTED_VALUES = Document(
    "Values specific for weighted records", f"{_ROUTE_53}/resource-record-sets-values-weighted.html"
)
SIMPLE_ALIAS_VALUES = Document(
    "Values specific for simple alias records", f"{_ROUTE_53}/resource-record-sets-values-alias.html"
)
LATENCY_ALIAS_VALUES = Document(
    "Values specific for latency alias records", f"{_ROUTE_53}/resource-record-sets-values-latency-alias.html"
)
ALIAS_OR_NOT = Document(
    "Choosing between alias and non-alias records",
    f"{_ROUTE_53}/resource-record-sets-choosing-alias-non-alias.html",
)
COMMON_VALUES = Document(
    "Values that are common for all routing policies", f"{_ROUTE_53}/resource-record-sets-values-shared.html"
)
ORIGIN_FAILOVER = Document(
    "Optimize high availability with CloudFront origin failover",
    f"{_CLOUDFRONT}/high_availability_origin_failover.html",
)
S3_ORIGINS = Document(
    "Request and response behavior for Amazon S3 origins", f"{_CLOUDFRONT}/RequestAndResponseBehaviorS3Origin.html"
)
ORIGIN_VALUES = Document("Origin", "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html")
