"""Every type this package provides is tried, and tells what stands behind it."""

from __future__ import annotations

import json
import urllib.request

import pytest

from configuration import load_environment
from configuration.loading import available_environments
from local_aws import fidelity, moto_bridge, provisioners, stand_ins
from local_aws.process import LocalAws
from local_aws.registry_schema import any_schema_of
from local_aws.resource_type import PROVIDED, Origin
from tests.local_aws import (
    test_added_types_of_networks,
    test_added_types_of_operations,
    test_added_types_of_security,
    test_stand_ins,
)
from tests.synthesis import synthesise

# Their tests need two regions.
ELSEWHERE = {"AWS::KMS::ReplicaKey", "AWS::EC2::TransitGatewayPeeringAttachment"}
TRIED = ELSEWHERE | {
    case.type
    for module in (test_added_types_of_networks, test_added_types_of_operations, test_added_types_of_security)
    for case in module.CASES
}
PACKAGES = {Origin.API: provisioners, Origin.MOTO: moto_bridge, Origin.STAND_IN: stand_ins}


def test_every_provided_type_is_tried() -> None:
    assert set(PROVIDED) == TRIED | set(test_stand_ins.PROPERTIES)


def test_every_provided_type_is_one_of_cloudformation() -> None:
    for name in PROVIDED:
        assert any_schema_of(name).name == name


@pytest.mark.parametrize("name", PROVIDED)
def test_its_origin_is_the_package_it_stands_in(name: str) -> None:
    kind = PROVIDED[name]
    assert kind.__module__.startswith(PACKAGES[kind.origin].__name__ + ".")


def test_the_server_tells_who_provides_each_type_and_what_is_on_paper_only(aws: LocalAws) -> None:
    told = aws.resources()
    assert told["AWS::S3::Bucket"] == {"provider": "native", "metadata_only": False, "lacks": ""}
    assert told["AWS::RDS::DBInstance"]["metadata_only"]
    assert told["AWS::CloudWatch::CompositeAlarm"] == {"provider": "api", "metadata_only": False, "lacks": ""}
    assert told["AWS::GuardDuty::Detector"]["provider"] == "moto"
    assert told["AWS::AccessAnalyzer::Analyzer"]["provider"] == "stand-in"
    assert set(PROVIDED) <= set(told)
    for name, kind in PROVIDED.items():
        assert told[name]["provider"] == kind.origin
        if kind.origin in (Origin.MOTO, Origin.STAND_IN):
            assert told[name]["metadata_only"], name
    assert all(bool(one["lacks"]) == one["metadata_only"] for one in told.values())


def test_nothing_is_written_down_about_a_type_or_service_that_is_not_provided(aws: LocalAws) -> None:
    told = aws.resources()
    unknown = [
        name for name in fidelity.METADATA_ONLY if not any(one == name or one.startswith(f"{name}::") for one in told)
    ]
    assert unknown == []


@pytest.mark.parametrize("chosen", available_environments())
def test_every_type_the_platform_uses_can_be_deployed_here(aws: LocalAws, chosen: str) -> None:
    used = {resource["Type"] for _, _, resource in synthesise(load_environment(chosen)).resources()}
    plain = {name for name in used if not name.startswith(("Custom::", "AWS::CloudFormation::"))}
    assert sorted(plain - set(aws.resources())) == [], "add them to local_aws/, see docs/local-aws.md"


def test_the_page_about_types_is_json_for_everybody(aws: LocalAws) -> None:
    with urllib.request.urlopen(f"{aws.endpoint}/_local_aws/resources", timeout=5) as answer:
        assert answer.headers["content-type"] == "application/json"
        assert json.load(answer) == aws.resources()
