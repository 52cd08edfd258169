"""Security: the keys of a region and the topics on which it raises its voice."""

from constructs import Construct
from constructs.shared.platform_key import PlatformKey
from constructs.shared.platform_topic import PlatformTopic

from configuration.names import Key, Stacks, Topic
from stacks.tap_stack import TapStack, TapStackProps


class SecurityStack(TapStack):
    """First in every region, because everything else is encrypted with its keys and reports to its topics."""

    def __init__(self, scope: Construct, *, props: TapStackProps) -> None:
        super().__init__(scope, Stacks.SECURITY, props=props, description="Keys, topics and detection")

        self.storage_key = self._key(Key.STORAGE, "Buckets and tables", services=())
        self.storage_key.allow_distributions()
        self.database_key = self._key(Key.DATABASE, "The database and its secret", services=())
        self.backup_key = self._key(Key.BACKUP, "Recovery points", services=())
        self.compute_key = self._key(Key.COMPUTE, "Volumes of instances", services=())
        self.compute_key.allow_volumes()
        self.logs_key = self._key(Key.LOGS, "Log groups", services=())
        self.logs_key.allow_log_groups()
        self.messaging_key = self._key(
            Key.MESSAGING,
            "Topics and queues",
            services=("events.amazonaws.com", "cloudwatch.amazonaws.com", "sns.amazonaws.com", "s3.amazonaws.com"),
        )
        self.messaging_key.allow_events_to_topics()

        people = ("events.amazonaws.com", "cloudwatch.amazonaws.com")
        self.notification_topic = self._topic(Topic.NOTIFICATION, publishers=people)
        self.alert_topic = self._topic(Topic.ALERT, publishers=people)
        # Its one subscriber, the alarm-processing function, enriches what it hears and tells one of the two above.
        self.alarm_topic = self._topic(Topic.ALARM, publishers=("cloudwatch.amazonaws.com",))

    def _key(self, purpose: Key, description: str, *, services: tuple[str, ...]) -> PlatformKey:
        return PlatformKey(
            self,
            f"{purpose}Key",
            alias=self.props.names.alias(purpose),
            description=f"{description} of {self.props.names.prefix}",
            removal_policy=self.removal_policy,
            services=services,
        )

    def _topic(self, topic: Topic, *, publishers: tuple[str, ...]) -> PlatformTopic:
        return PlatformTopic(
            self,
            topic,
            topic_name=self.props.names.topic(topic),
            key=self.messaging_key,
            publishers=publishers,
        )
