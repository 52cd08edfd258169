"""Records and health checks, as they are read from CloudFormation templates."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ops.failover.health_checks import AlarmCheck, CalculatedCheck, EndpointCheck, InsufficientData, Protocol
from ops.failover.records import (
    AliasTarget,
    Failover,
    FailoverRole,
    Latency,
    Multivalue,
    Policy,
    Record,
    RecordType,
    Simple,
    Weighted,
    Zone,
    ZoneError,
)
from ops.failover.resolver import Resolver, View
from ops.failover.template import TemplateError, read_zone


def template(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": resources}


def record(**properties: object) -> dict[str, Any]:
    base: dict[str, object] = {"Name": "WWW.Example.com.", "Type": "A", "TTL": "30", "ResourceRecords": ["192.0.2.1"]}
    return {"Type": "AWS::Route53::RecordSet", "Properties": base | properties}


def aliased(target: object, **properties: object) -> dict[str, Any]:
    made = record(AliasTarget={"DNSName": target, "HostedZoneId": "Z1", "EvaluateTargetHealth": True}, **properties)
    del made["Properties"]["TTL"], made["Properties"]["ResourceRecords"]
    return made


def check(**config: object) -> dict[str, Any]:
    return {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": config}}


def read_one(**resources: dict[str, Any]) -> Zone:
    return read_zone({"Dns": template(**resources)}, {})


def problems(values: dict[str, str] | None = None, **resources: dict[str, Any]) -> list[str]:
    with pytest.raises(TemplateError) as raised:
        read_zone({"Dns": template(**resources)}, values or {})
    return raised.value.problems


def test_a_record_is_read_with_its_name_and_values_in_their_normal_form() -> None:
    assert read_one(Record=record()).records == (
        Record(name="www.example.com", type=RecordType.A, ttl=30, values=("192.0.2.1",)),
    )
    (cname,) = read_one(Record=record(Type="CNAME", ResourceRecords=["Live.Example.com."])).records
    assert cname.values == ("live.example.com",)


@pytest.mark.parametrize(
    ("properties", "policy"),
    [
        ({}, Simple()),
        ({"Region": "eu-west-1", "SetIdentifier": "a"}, Latency("eu-west-1")),
        ({"Weight": 0, "SetIdentifier": "a"}, Weighted(0)),
        ({"Weight": "7", "SetIdentifier": "a"}, Weighted(7)),
        ({"Failover": "SECONDARY", "SetIdentifier": "a"}, Failover(FailoverRole.SECONDARY)),
        ({"MultiValueAnswer": True, "SetIdentifier": "a"}, Multivalue()),
    ],
)
def test_the_routing_policy_is_read_from_the_property_that_makes_it(
    properties: dict[str, object], policy: Policy
) -> None:
    assert read_one(Record=record(**properties)).records[0].policy == policy


def test_records_that_lead_to_no_service_are_left_out() -> None:
    assert read_one(Record=record(Type="TXT", ResourceRecords=['"text"'])).records == ()


def test_an_endpoints_check_is_read_with_cloudformations_defaults() -> None:
    zone = read_one(Check=check(Type="HTTPS", FullyQualifiedDomainName="A.Example.com", ResourcePath="health"))
    assert zone.health_checks == {
        "Dns.Check": EndpointCheck(
            id="Dns.Check",
            protocol=Protocol.HTTPS,
            host="a.example.com",
            path="/health",
            port=443,
            request_interval=30,
            failure_threshold=3,
        )
    }


def test_every_kind_of_check_is_read_with_its_own_properties() -> None:
    zone = read_one(
        Tcp=check(Type="TCP", IPAddress="192.0.2.9", Port=5432, RequestInterval=10, FailureThreshold=2),
        Text=check(Type="HTTPS_STR_MATCH", FullyQualifiedDomainName="a", SearchString="OK", Inverted=True),
        Alarm=check(
            Type="CLOUDWATCH_METRIC",
            AlarmIdentifier={"Region": "eu-west-1", "Name": "Lag"},
            InsufficientDataHealthStatus="Unhealthy",
        ),
        Parent=check(
            Type="CALCULATED",
            ChildHealthChecks=[{"Ref": "Tcp"}, {"Fn::GetAtt": ["Text", "HealthCheckId"]}],
            HealthThreshold=2,
        ),
    )
    tcp, text, alarm, parent = zone.health_checks.values()
    assert isinstance(tcp, EndpointCheck)
    assert (tcp.host, tcp.port, tcp.request_interval, tcp.failure_threshold) == ("192.0.2.9", 5432, 10, 2)
    assert isinstance(text, EndpointCheck)
    assert (text.search_string, text.inverted) == ("OK", True)
    assert alarm == AlarmCheck(
        id="Dns.Alarm", alarm_region="eu-west-1", alarm_name="Lag", insufficient_data=InsufficientData.UNHEALTHY
    )
    assert parent == CalculatedCheck(id="Dns.Parent", children=("Dns.Tcp", "Dns.Text"), health_threshold=2)


def test_references_are_followed_between_stacks_and_to_the_callers_values() -> None:
    templates = {
        "Global": template(
            App=aliased({"Ref": "Live"}, Name="app.example.com", Type="CNAME", Region="r", SetIdentifier="r"),
            Live=record(
                Name="live.example.com",
                Type="CNAME",
                ResourceRecords=[
                    {"Fn::GetStackOutput": {"StackName": "Regional", "OutputName": "Name", "Region": "r"}}
                ],
                HealthCheckId={"Fn::ImportValue": "check"},
            ),
        ),
        "Regional": {
            "Resources": {
                "Record": aliased(
                    {"Fn::Join": ["", ["dualstack.", {"Fn::GetAtt": ["Alb", "DNSName"]}]]}, Name="r.example.com"
                ),
                "Check": check(Type="HTTPS", FullyQualifiedDomainName={"Ref": "Record"}),
                "Alb": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"},
            },
            "Outputs": {
                "Name": {"Value": {"Ref": "Record"}},
                "Check": {"Value": {"Ref": "Check"}, "Export": {"Name": "check"}},
            },
        },
    }
    zone = read_zone(templates, {"Regional.Alb.DNSName": "lb.elb.example.net"})
    by_name = {record.name: record for record in zone.records}
    assert by_name["app.example.com"].alias == AliasTarget(dns_name="live.example.com", evaluate_target_health=True)
    assert by_name["live.example.com"].values == ("r.example.com",)
    assert by_name["live.example.com"].health_check == "Regional.Check"
    assert by_name["r.example.com"].alias == AliasTarget(
        dns_name="dualstack.lb.elb.example.net", evaluate_target_health=True
    )


def test_the_callers_value_for_an_output_wins_over_the_template() -> None:
    output = {"Fn::GetStackOutput": {"StackName": "Dns", "OutputName": "Name"}}
    given = {"Dns": template(Record=record(Name=output)) | {"Outputs": {"Name": {"Value": "template.example.com"}}}}
    assert read_zone(given, {}).records[0].name == "template.example.com"
    assert read_zone(given, {"Dns.Outputs.Name": "caller.example.com"}).records[0].name == "caller.example.com"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"Ref": "Parameter"}, "'Dns.Parameter'"),
        ({"Fn::GetAtt": ["Alb", "DNSName"]}, "'Dns.Alb.DNSName'"),
        ({"Fn::GetStackOutput": {"StackName": "Other", "OutputName": "Out"}}, "'Other.Outputs.Out'"),
        ({"Fn::ImportValue": "export"}, "'Exports.export'"),
    ],
)
def test_a_value_that_only_a_deployment_knows_is_asked_for_by_its_key(value: object, key: str) -> None:
    (problem,) = problems(Record=aliased(value))
    assert problem.startswith("Dns.Record.AliasTarget.DNSName: ")
    assert key in problem


def test_all_mistakes_are_reported_together_with_place_and_rule() -> None:
    found = problems(
        Geo=record(GeoLocation={"CountryCode": "DE"}, SetIdentifier="a"),
        Function=record(Name={"Fn::Sub": "x"}),
        Nameless={"Type": "AWS::Route53::RecordSet", "Properties": {"Type": "A"}},
        Ttl=record(TTL="soon"),
        Role=record(Failover="THIRD", SetIdentifier="a"),
        Control=check(Type="RECOVERY_CONTROL"),
        Tcp=check(Type="TCP", IPAddress="192.0.2.9"),
        Group={"Type": "AWS::Route53::RecordSetGroup"},
    )
    text = "\n".join(found)
    assert len(found) == 8
    for expected in (
        "Dns.Geo.GeoLocation: this routing is not modelled",
        "Dns.Function.Name: {'Fn::Sub': 'x'}: this intrinsic function is not understood",
        "Dns.Nameless.Name: is missing",
        "Dns.Ttl.TTL: 'soon' is not a whole number",
        "Dns.Role.Failover: 'THIRD' must be one of PRIMARY, SECONDARY",
        "Dns.Control.HealthCheckConfig.Type: 'RECOVERY_CONTROL' is not modelled",
        "Dns.Tcp.HealthCheckConfig.Port: None is not a whole number",
        "Dns.Group: AWS::Route53::RecordSetGroup is not modelled",
    ):
        assert expected in text


def test_a_zone_that_route_53_would_refuse_is_refused_after_reading() -> None:
    with pytest.raises(ZoneError, match="does not exist"):
        read_one(Record=record(HealthCheckId="elsewhere", Weight=1, SetIdentifier="a"))


def test_reading_leaves_the_templates_as_they_were() -> None:
    templates = {"Dns": template(Record=record(), Check=check(Type="HTTPS", FullyQualifiedDomainName="a"))}
    before = copy.deepcopy(templates)
    read_zone(templates, {})
    assert templates == before


def as_cdk_renders_it(region: str) -> dict[str, Any]:
    """The recommended records of one region, in the form that aws-cdk-lib 2.275 gives them."""
    return {
        f"Deep{region}": check(
            EnableSNI=True,
            FailureThreshold=3,
            FullyQualifiedDomainName=f"{region}.example.com",
            Inverted=False,
            MeasureLatency=False,
            Port=443,
            RequestInterval=10,
            ResourcePath="/health/deep",
            Type="HTTPS",
        ),
        f"Dependencies{region}": check(
            ChildHealthChecks=[{"Ref": f"Deep{region}"}], HealthThreshold=1, Inverted=False, Type="CALCULATED"
        ),
        f"Live{region}": {
            "Type": "AWS::Route53::RecordSet",
            "Properties": {
                "HealthCheckId": {"Ref": f"Dependencies{region}"},
                "HostedZoneId": "Z1",
                "Name": f"live.{region}.example.com.",
                "ResourceRecords": [f"{region}.example.com"],
                "SetIdentifier": region,
                "TTL": "10",
                "Type": "CNAME",
                "Weight": 1,
            },
        },
        f"App{region}": {
            "Type": "AWS::Route53::RecordSet",
            "Properties": {
                "AliasTarget": {
                    "DNSName": {"Ref": f"Live{region}"},
                    "EvaluateTargetHealth": True,
                    "HostedZoneId": "Z1",
                },
                "HostedZoneId": "Z1",
                "Name": "app.example.com",
                "Region": region,
                "SetIdentifier": region,
                "Type": "CNAME",
            },
        },
        f"Regional{region}": {
            "Type": "AWS::Route53::RecordSet",
            "Properties": {
                "AliasTarget": {
                    "DNSName": {"Fn::Join": ["", ["dualstack.", {"Fn::GetAtt": [f"Alb{region}", "DNSName"]}]]},
                    "HostedZoneId": {"Fn::GetAtt": [f"Alb{region}", "CanonicalHostedZoneID"]},
                },
                "HostedZoneId": "Z1",
                "Name": f"{region}.example.com.",
                "Type": "A",
            },
        },
    }


def test_the_recommended_records_are_read_as_cdk_renders_them() -> None:
    regions = ("us-east-1", "eu-west-1")
    rendered = template(**{name: made for region in regions for name, made in as_cdk_renders_it(region).items()})
    found = read_zone({"Global": rendered}, {f"Global.Alb{region}.DNSName": f"lb.{region}" for region in regions})
    view = View(
        latencies={"us-east-1": 10, "eu-west-1": 80},
        statuses={id_: id_ != "Global.Dependenciesus-east-1" for id_ in found.health_checks},
    )
    answer = Resolver(found).answer("app.example.com", RecordType.A, view)
    assert answer is not None
    assert (answer.values, answer.ttl) == (("eu-west-1.example.com",), 10)
    final = Resolver(found).answer("eu-west-1.example.com", RecordType.A, view)
    assert final is not None
    assert final.values == ("dualstack.lb.eu-west-1",)
