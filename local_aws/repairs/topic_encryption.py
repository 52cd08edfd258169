"""A topic knows its key: MiniStack's provisioner leaves ``KmsMasterKeyId`` out.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topic.html
"""

from __future__ import annotations

from local_aws.clients import Clients
from local_aws.repairs.completion import Completion, complete


def apply(clients: Clients) -> None:
    """Repair it."""
    complete("AWS::SNS::Topic", clients, _finish)


def _finish(topic: Completion) -> None:
    if topic.changed("KmsMasterKeyId"):
        topic.client("sns").set_topic_attributes(
            TopicArn=topic.physical_id,
            AttributeName="KmsMasterKeyId",
            AttributeValue=topic.new.get("KmsMasterKeyId", ""),
        )
