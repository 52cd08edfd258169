"""What an instance tells CloudWatch of itself: memory, which EC2 cannot see from outside, and its logs.

The agent and the alarms have to spell the metric the same way, dimension by dimension, or the alarms wait for
data for ever. So both take it from here.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
"""

import json

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

APPLICATION_LOG = "/var/log/application/application.log"
_NAMESPACE = "CWAgent"
_METRIC = "mem_used_percent"
_DIMENSION = "AutoScalingGroupName"


def agent_configuration(log_group: logs.ILogGroup) -> str:
    """The agent's configuration file: memory each minute, by instance and by group; the application's log."""
    return json.dumps(
        {
            "agent": {"metrics_collection_interval": 60},
            "metrics": {
                "namespace": _NAMESPACE,
                "append_dimensions": {
                    _DIMENSION: "${aws:AutoScalingGroupName}",
                    "InstanceId": "${aws:InstanceId}",
                },
                # Once more with this dimension alone: the metric that the group's alarms can name.
                "aggregation_dimensions": [[_DIMENSION]],
                "metrics_collected": {"mem": {"measurement": [_METRIC]}},
            },
            "logs": {
                "logs_collected": {
                    "files": {
                        "collect_list": [
                            {
                                "file_path": path,
                                "log_group_name": log_group.log_group_name,
                                "log_stream_name": f"{{instance_id}}/{stream}",
                            }
                            for stream, path in (
                                ("application", APPLICATION_LOG),
                                ("setup", "/var/log/cloud-init-output.log"),
                            )
                        ]
                    }
                }
            },
        },
        indent=1,
    )


def memory_metric(auto_scaling_group_name: str) -> cloudwatch.Metric:
    """The average memory in use over a group's instances, in percent."""
    return cloudwatch.Metric(
        namespace=_NAMESPACE,
        metric_name=_METRIC,
        dimensions_map={_DIMENSION: auto_scaling_group_name},
        statistic="Average",
        period=cdk.Duration.minutes(1),
    )


def agent_statements(log_group: logs.ILogGroup) -> list[iam.PolicyStatement]:
    """What the agent may do: send this namespace's metrics and this group's events, and ask for its group's name."""
    return [
        iam.PolicyStatement(
            sid="Metrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": _NAMESPACE}},
        ),
        iam.PolicyStatement(sid="OwnGroup", actions=["ec2:DescribeTags"], resources=["*"]),
        iam.PolicyStatement(
            sid="Logs",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[log_group.log_group_arn],
        ),
    ]
