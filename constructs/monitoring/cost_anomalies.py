"""Costs that nobody expected, told to somebody."""

import json

from aws_cdk import aws_ce as ce
from aws_cdk import aws_sns as sns
from constructs import Construct


class CostAnomalies(Construct):
    """Tells ``topic`` of a day whose costs for this environment lie ``dollars`` above what AWS expected.

    By the tag Environment, because an account has one monitor of all services at most, and often has it already.
    https://docs.aws.amazon.com/cost-management/latest/userguide/getting-started-ad.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, environment: str, dollars: int, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        monitor = ce.CfnAnomalyMonitor(
            self,
            "Monitor",
            monitor_name=name,
            monitor_type="CUSTOM",
            monitor_specification=json.dumps({"Tags": {"Key": "Environment", "Values": [environment]}}),
        )
        ce.CfnAnomalySubscription(
            self,
            "Subscription",
            subscription_name=name,
            frequency="IMMEDIATE",
            monitor_arn_list=[monitor.attr_monitor_arn],
            subscribers=[ce.CfnAnomalySubscription.SubscriberProperty(type="SNS", address=topic.topic_arn)],
            threshold_expression=json.dumps(
                {
                    "Dimensions": {
                        "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                        "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                        "Values": [str(dollars)],
                    }
                }
            ),
        )
