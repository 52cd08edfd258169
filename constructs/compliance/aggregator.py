"""Every region's compliance in one place."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_config as config
from constructs import Construct


class RegionsAggregator(config.CfnConfigurationAggregator):
    """Gathers what AWS Config knows of this account's ``regions``; of its own account it needs no permission."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, regions: Sequence[str]) -> None:
        super().__init__(
            scope,
            construct_id,
            configuration_aggregator_name=name,
            account_aggregation_sources=[
                config.CfnConfigurationAggregator.AccountAggregationSourceProperty(
                    account_ids=[cdk.Stack.of(scope).account], aws_regions=list(regions)
                )
            ],
        )
