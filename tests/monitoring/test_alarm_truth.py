"""Alarm truth tables: in each situation just the alarms fire that must, and somebody hears of each.

The alarms are those of the synthesised templates; CloudWatch's rules are those of ``alarm_evaluation``.
"""

import copy
import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from configuration.names import Stacks
from tests.monitoring.alarm_evaluation import State
from tests.monitoring.publishers import Published, Values, published
from tests.monitoring.region_alarms import METRIC_ALARM, RegionAlarms
from tests.monitoring.situations import COPY_SITUATIONS, SITUATIONS, Fault, Situation
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import as_list

pytestmark = pytest.mark.long
HOME, COPY = "us-east-1", "us-west-2"
HEALTHY = SITUATIONS[0]


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    return synthesise(environment(regions=2))


def firing(alarms: RegionAlarms, states: dict[str, State]) -> set[str]:
    """The short names of the alarms that fire; those without a name by their construct."""
    return {_known(alarms.alarms[name].short_name) for name, state in states.items() if state is State.ALARM}


def _known(short_name: str) -> str:
    """Without what CDK appends to a logical id."""
    return re.sub(r"^.*/(.*)[0-9A-F]{8}$", r"\1", short_name)


def judge(assembly: Assembly, region: str, situation: Situation) -> tuple[set[str], set[str], list[str]]:
    """Which alarms of a region fire in a situation of that region, which send a message, and which nobody hears."""
    alarms, publishers = RegionAlarms(assembly, region), published(assembly)
    states = alarms.states(lambda metric: situation.signal(metric, publishers))
    messages = {_known(name) for name in alarms.messages(states)}
    return firing(alarms, states), messages, [_known(name) for name in alarms.unheard(states)]


# Alarms whose receiver is a machine: ECS, which undoes a deployment by it, and CloudWatch's parts of a composite.
FOR_MACHINES = {"ContainersErrors"}


def is_part(name: str) -> bool:
    """Whether an alarm is half of a burn rate, which says something only together with the other half."""
    return bool(re.search(r"-(Fast|Steady|Slow)(Long|Short)$", name))


@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
def test_in_a_situation_of_the_home_region_just_the_right_alarms_fire(assembly: Assembly, situation: Situation) -> None:
    fires, says, unheard = judge(assembly, HOME, situation)
    assert fires == situation.fires
    assert says == situation.says
    assert {name for name in unheard if not is_part(name)} <= FOR_MACHINES


@pytest.mark.parametrize("situation", COPY_SITUATIONS, ids=str)
def test_in_a_situation_of_the_copys_region_just_the_right_alarms_fire(
    assembly: Assembly, situation: Situation
) -> None:
    fires, says, unheard = judge(assembly, COPY, situation)
    assert fires == situation.fires
    assert says == situation.says
    assert unheard == []


@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
def test_another_regions_fault_makes_no_alarm_fire_here(assembly: Assembly, situation: Situation) -> None:
    """Whatever happens there: here, everything is measured as ever."""
    publishers = published(assembly)

    def signal(metric: Published) -> Callable[[int], Any]:
        return (situation if metric.region == HOME else HEALTHY).signal(metric, publishers)

    alarms = RegionAlarms(assembly, COPY)
    assert firing(alarms, alarms.states(signal)) == set()


def test_every_alarm_fires_in_some_situation(assembly: Assembly) -> None:
    """An alarm that fires in none is one that nobody has thought through."""
    fired = set().union(*(situation.fires for situation in SITUATIONS))
    there = {_known(alarm.short_name) for alarm in RegionAlarms(assembly, HOME).alarms.values()}
    assert there - fired == set()
    fired |= set().union(*(situation.fires for situation in COPY_SITUATIONS))
    # Each region watches the way to the others.
    fired = {name.replace("CatalogueLag-us-west-2", "CatalogueLag-us-east-1") for name in fired}
    there = {_known(alarm.short_name) for alarm in RegionAlarms(assembly, COPY).alarms.values()}
    assert there - fired == set()


def unpublished(assembly: Assembly) -> list[str]:
    """Metrics that alarms look at and nobody publishes under just these dimensions."""
    publishers = published(assembly)
    return [
        f"{alarm.short_name}: {metric}"
        for region in assembly.environment.regions
        for alarms in [RegionAlarms(assembly, region.name)]
        for alarm in alarms.alarms.values()
        if not alarm.composite
        for metric in alarms.metrics_of(alarm)
        if metric not in publishers
    ]


def test_every_metric_of_an_alarm_is_published_under_its_dimensions(platform: Assembly) -> None:
    assert unpublished(platform) == []


def test_an_alarm_ends_with_its_fault(assembly: Assembly) -> None:
    """Also one that ignores missing data, as CloudWatch does with DynamoDB's metrics whatever an alarm says."""
    alarms, publishers = RegionAlarms(assembly, HOME), published(assembly)
    quiet = dataclasses.replace(
        HEALTHY, faults=(Fault("AWS/DynamoDB", "*", None), Fault("AWS/ApplicationELB", "RequestCount", None))
    )
    still = [
        alarm.short_name
        for alarm in alarms.alarms.values()
        if not alarm.composite
        and alarms.state(alarm, lambda metric: quiet.signal(metric, publishers), before=State.ALARM) is not State.OK
    ]
    assert still == []


# What the tables are for: each fault below was planted in the real templates, and has to be caught.


def planted(assembly: Assembly, service: Stacks, plant: Callable[[StackTemplate], None]) -> Assembly:
    """The assembly with something changed in the home region's template of a service."""
    before = assembly.stack(service, HOME)
    spoiled = dataclasses.replace(before, template=copy.deepcopy(before.template))
    plant(spoiled)
    stacks = tuple(spoiled if stack is before else stack for stack in assembly.stacks)
    return dataclasses.replace(assembly, stacks=stacks)


def alarm_called(stack: StackTemplate, ending: str) -> dict[str, Any]:
    """The properties of the alarm whose name ends so."""
    (found,) = [
        resource["Properties"]
        for resource in stack.resources.values()
        if str(resource.get("Properties", {}).get("AlarmName", "")).endswith(ending)
    ]
    properties: dict[str, Any] = found
    return properties


def failing_situations(assembly: Assembly) -> list[str]:
    """The situations of the home region that an assembly does not pass."""
    failing = []
    for situation in SITUATIONS:
        fires, says, unheard = judge(assembly, HOME, situation)
        heard = {name for name in unheard if not is_part(name)} <= FOR_MACHINES
        if fires != situation.fires or says != situation.says or not heard:
            failing.append(situation.name)
    return failing


def test_the_truth_tables_catch_an_inverted_composite(assembly: Assembly) -> None:
    def invert(stack: StackTemplate) -> None:
        alarm = alarm_called(stack, "Health-Data")
        alarm["AlarmRule"] = f"(NOT {alarm['AlarmRule']})"

    assert "healthy" in failing_situations(planted(assembly, Stacks.MONITORING, invert))


def test_the_truth_tables_catch_a_composite_that_wants_both_instead_of_either(assembly: Assembly) -> None:
    def both(stack: StackTemplate) -> None:
        alarm = alarm_called(stack, "Health-Pipeline")
        alarm["AlarmRule"] = alarm["AlarmRule"].replace(" OR ", " AND ")

    assert "nobody works off the objects" in failing_situations(planted(assembly, Stacks.MONITORING, both))


def test_the_truth_tables_catch_a_metric_that_nobody_publishes(assembly: Assembly) -> None:
    def misspell(stack: StackTemplate) -> None:
        alarm_called(stack, "CapacityAlarms-InstanceMemory")["Dimensions"][0]["Name"] = "AutoscalingGroupName"

    wrong = planted(assembly, Stacks.COMPUTE, misspell)
    assert len(unpublished(wrong)) == 1 + len(unpublished(assembly))
    assert failing_situations(wrong) == ["the instances' memory is full"]


def test_the_truth_tables_catch_an_alarm_that_nobody_receives(assembly: Assembly) -> None:
    def silence(stack: StackTemplate) -> None:
        del alarm_called(stack, "CapacityAlarms-InstanceCpu")["AlarmActions"]

    assert failing_situations(planted(assembly, Stacks.COMPUTE, silence)) == ["the instances' CPU is full"]


@pytest.mark.parametrize(
    ("ending", "key", "value", "situation"),
    [
        ("Alarms-Silent", "TreatMissingData", "notBreaching", "the database is down"),
        ("Alarms-FreeStorage", "ComparisonOperator", "GreaterThanThreshold", "healthy"),
        ("Alarms-Cpu", "Threshold", 99, "the database's CPU is full"),
        ("Alarms-Memory", "Statistic", "Sum", "the database's memory is full"),
    ],
)
def test_the_truth_tables_catch_a_wrong_alarm(
    assembly: Assembly, ending: str, key: str, value: object, situation: str
) -> None:
    def spoil(stack: StackTemplate) -> None:
        alarm_called(stack, ending)[key] = value

    assert situation in failing_situations(planted(assembly, Stacks.DATABASE, spoil))


def test_the_receivers_of_alarms_exist_and_may_be_told(platform: Assembly) -> None:
    """Each action is a topic of the region that CloudWatch may publish to, or the region's own scaling policy."""
    for region in {stack.region for stack in platform.stacks}:
        topics = topics_of(platform, region)
        for alarm in RegionAlarms(platform, region).alarms.values():
            for action in alarm.actions:
                if "ScalingPolicy" not in action and "MemorySteps" not in action:
                    assert "cloudwatch.amazonaws.com" in topics[action], f"{alarm.name} may not publish to {action}"


def topics_of(assembly: Assembly, region: str) -> dict[str, set[str]]:
    """By each way to write a topic of a region, the services that may publish to it and use its key."""
    found: dict[str, set[str]] = {}
    values = Values(assembly)
    keys = {
        f"{stack.name}/{key_id}.Arn": key["Properties"]["KeyPolicy"]
        for stack, key_id, key in assembly.resources("AWS::KMS::Key")
    }
    for stack, topic_id, topic in assembly.resources("AWS::SNS::Topic"):
        if stack.region != region:
            continue
        policies = [
            policy["PolicyDocument"]
            for policy in stack.properties("AWS::SNS::TopicPolicy")
            if {"Ref": topic_id} in policy["Topics"]
        ]
        admitted = set().union(*(_services(policy, "sns:Publish") for policy in policies))
        admitted &= _services(keys[values.of(stack, topic["Properties"]["KmsMasterKeyId"])], "kms:GenerateDataKey*")
        arn = f"arn:aws:sns:{region}:000000000000:{topic['Properties']['TopicName']}"
        found |= {f"{stack.name}/{topic_id}": admitted, arn: admitted}
    return found


def _services(policy: dict[str, Any], action: str) -> set[str]:
    return {
        service
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and action in as_list(statement["Action"]) and statement["Principal"] != "*"
        for service in as_list(statement["Principal"].get("Service", []))
    }


def test_the_alarm_topic_has_its_one_subscriber(platform: Assembly) -> None:
    for region in platform.environment.regions:
        subscriptions = [
            resource["Properties"]
            for stack, _, resource in platform.resources("AWS::SNS::Subscription")
            if stack.region == region.name and "AlarmTopic" in str(resource["Properties"]["TopicArn"])
        ]
        assert [found["Protocol"] for found in subscriptions] == ["sqs"], region.name


def test_metric_alarms_are_there_to_be_judged(assembly: Assembly) -> None:
    """Guards the tests above against an assembly without alarms."""
    assert sum(1 for _ in assembly.resources(METRIC_ALARM)) > 100
