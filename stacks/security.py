"""Security: the keys of a region, the topics on which it raises its voice, and what watches over it."""

from collections.abc import Callable

import aws_cdk as cdk
from constructs import Construct
from constructs.security.account_alarms import AccountAlarms
from constructs.security.api_gateway_logging import ApiGatewayLogging
from constructs.security.audit_trail import AuditTrail, trail_arn
from constructs.security.detectors import AccessAnalyzer, GuardDutyDetector, Inspector, MacieSession, SecurityHub
from constructs.security.findings import Findings
from constructs.security.trail_bucket import TrailBucket
from constructs.shared.platform_key import PlatformKey
from constructs.shared.platform_log_group import PlatformLogGroup
from constructs.shared.platform_topic import PlatformTopic
from constructs.shared.topic_subscriptions import TopicSubscriptions
from constructs.storage.lifecycle import ageing_objects

from configuration.names import Bucket, Key, Stacks, Topic
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

        if props.is_home and props.environment.security.cloud_trail == "create":
            self._record_the_account()
        self._watch_the_account()
        if props.environment.security.api_gateway_account == "create":
            ApiGatewayLogging(self, "ApiGatewayLogging")
        if props.environment.subscriptions:
            TopicSubscriptions(
                self,
                "Subscriptions",
                subscriptions=props.environment.subscriptions,
                topics={"alerts": self.alert_topic, "notifications": self.notification_topic},
                key=self.messaging_key,
                alarm_topic=self.alarm_topic,
            )
        hears_alerts = any(subscription.topic == "alerts" for subscription in props.environment.subscriptions)
        if props.environment.retain_data and not hears_alerts:
            # A warning only: a chat or an organisation's account may subscribe to the topic by itself.
            cdk.Annotations.of(self).add_warning_v2(
                "platform:nobodyHearsAlerts",
                "No subscription of the environment file hears the topic of alerts; name somebody under subscriptions",
            )

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

    def _record_the_account(self) -> None:
        environment, names = self.props.environment, self.props.names
        arn = trail_arn(self, names.trail)
        key = self._key(Key.TRAIL, "The account's trail", services=())
        key.allow_trail(arn)
        bucket = TrailBucket(
            self,
            "TrailBucket",
            bucket_name=names.bucket(Bucket.TRAIL, self.region),
            key=key,
            trail_arn=arn,
            lock_days=environment.storage.audit_lock_days if environment.retain_data else None,
            lock_mode=environment.storage.audit_lock_mode,
            lifecycle_rules=ageing_objects(environment.storage),
            removal_policy=self.removal_policy,
        )
        trail = AuditTrail(
            self,
            "AuditTrail",
            trail_name=names.trail,
            bucket=bucket,
            key=key,
            logs_key=self.logs_key,
            log_retention_days=environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        AccountAlarms(
            self,
            "Account",
            log_group=trail.log_group,
            namespace=names.resource("Account"),
            topic=self.alarm_topic,
        )

    def _watch_the_account(self) -> None:
        modes, names = self.props.environment.security, self.props.names
        others = tuple(region.name for region in self.props.environment.others_than(self.props.region))
        makers: dict[str, tuple[str, Callable[[], object]]] = {
            "GuardDuty": (modes.guard_duty, lambda: GuardDutyDetector(self, "GuardDuty")),
            "SecurityHub": (
                modes.security_hub,
                lambda: SecurityHub(self, "SecurityHub", gathers_from=others if self.props.is_home else None),
            ),
            "Inspector": (modes.inspector, self._inspector),
            "Macie": (modes.macie, lambda: MacieSession(self, "Macie")),
            "AccessAnalyzer": (
                modes.access_analyzer,
                lambda: AccessAnalyzer(self, "AccessAnalyzer", analyzer_name=names.resource("AccessAnalyzer")),
            ),
        }
        for mode, make in makers.values():
            if mode == "create":
                make()
        heard = [service for service, (mode, _) in makers.items() if mode != "off"]
        if heard:
            Findings(self, "Findings", services=heard, alert_topic=self.alert_topic)

    def _inspector(self) -> Inspector:
        log_group = PlatformLogGroup(
            self,
            "InspectorLogs",
            key=self.logs_key,
            retention_days=self.props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        return Inspector(self, "Inspector", log_group=log_group)
