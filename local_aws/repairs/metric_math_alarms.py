"""An alarm may be about a metric math expression or an anomaly; it is kept and described, and never evaluated.

MiniStack's provisioner refuses ``Metrics``. ``SetAlarmState`` moves such an alarm, and then it acts like any other:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import provisioners

from local_aws.clients import Clients, as_shape
from local_aws.resource_type import Properties

_PLACE_HOLDER = {"MetricName": "expression", "Namespace": "expression"}
# What an alarm on a single metric has, and one on an expression doesn't.
_OF_ONE_METRIC = ("Dimensions", "ExtendedStatistic", "MetricName", "Namespace", "Period", "Statistic", "Unit")


def apply(clients: Clients) -> None:
    """Repair it."""
    record_of = provisioners._cw_metric_alarm_record

    def record(name: str, properties: Properties) -> dict[str, Any]:
        if not properties.get("Metrics"):
            of_one: dict[str, Any] = record_of(name, properties)
            return of_one
        known = {key: value for key, value in properties.items() if key != "Metrics"}
        # An anomaly's threshold is a band, which is one of the metrics.
        alarm: dict[str, Any] = record_of(name, {"Threshold": 0, **known, **_PLACE_HOLDER})
        for key in (*_OF_ONE_METRIC, *(["Threshold"] if "Threshold" not in known else [])):
            alarm.pop(key, None)
        cloudwatch = clients.get("cloudwatch", responses.get_region(), responses.get_account_id())
        asked = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape
        alarm["Metrics"] = as_shape(asked.members["Metrics"], properties["Metrics"])
        if properties.get("ThresholdMetricId"):
            alarm["ThresholdMetricId"] = properties["ThresholdMetricId"]
        return alarm

    provisioners._cw_metric_alarm_record = record
