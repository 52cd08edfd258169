"""Regions keep to themselves, and the code knows none of them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from configuration.names import Stacks
from configuration.partition import GLOBAL_SERVICES_REGION, regions
from tests.synthesis import PROJECT, Assembly

NAMES_THAT_CROSS = {
    # Where a template may name another region, and as what: a name known at synthesis, never a reference.
    Stacks.STORAGE: {
        *("Region", "KMSMasterKeyId"),
        # The role that replicates to the partner's buckets, with the partner's key.
        *("Resource", "kms:ViaService", "kms:EncryptionContext:aws:s3:arn"),
    },
    Stacks.DATABASE: {
        # Of the secret's copies, and of the instance this one was copied from.
        *("Region", "KmsKeyId", "SourceDBInstanceIdentifier", "SourceRegion"),
    },
    # The partner's vault and its key, and the snapshots that are copied there.
    Stacks.BACKUP: {"DestinationBackupVaultArn", "Resource", "kms:ViaService"},
    # The calls that write the rules, the dimension of a metric, and what people read.
    Stacks.REPLICATION: {"Fn::Join", "Value", "Description", "AlarmDescription", "AlarmName"},
    # Links to the other regions' networks: their ranges are given, their ids published by stacks of known names.
    Stacks.PEERING: {"Region", "StackName", "PeerRegion", "Value"},
    # The home region's view of every region's compliance.
    Stacks.COMPLIANCE: {"AwsRegions"},
    # What dashboards show: the health checks' metrics, and in the home region every region.
    Stacks.MONITORING: {"DashboardBody", "Fn::Join"},
    # The zone's id, from the stack that stands once.
    Stacks.COMPUTE: {"Region", "StackName"},
    # The zone too, and the databases of this region and of the one that is written to.
    Stacks.DNS: {"Region", "StackName"},
    # The zone and the certificate, the partner's bucket, and the name of the switches kept for other regions.
    Stacks.CDN: {"Region", "StackName", "DomainName"},
    # The buckets by which the shared catalogue knows objects of other regions.
    Stacks.SERVERLESS: {"RAW_BUCKETS"},
}


def mentions(value: object, wanted: set[str], key: str = "") -> set[str]:
    """The keys below which a template mentions one of the wanted regions."""
    if isinstance(value, dict):
        return {found for name, inner in value.items() for found in mentions(inner, wanted, name)}
    if isinstance(value, list):
        return {found for inner in value for found in mentions(inner, wanted, key)}
    return {key} if isinstance(value, str) and any(region in value for region in wanted) else set()


def test_no_regional_stack_mentions_another_region_but_by_the_names_that_must_cross(platform: Assembly) -> None:
    all_regions = {region.name for region in platform.environment.regions}
    for stack in platform.stacks:
        if stack.service in (Stacks.GLOBAL, Stacks.ZONE, Stacks.EDGE):
            continue
        found = mentions(stack.template, all_regions - {stack.region})
        assert found <= NAMES_THAT_CROSS.get(stack.service, set()), stack.name


def test_no_template_names_a_region_the_environment_does_not_have(platform: Assembly) -> None:
    known = {region.name for region in platform.environment.regions} | {GLOBAL_SERVICES_REGION}
    for stack in platform.stacks:
        assert mentions(stack.template, set(regions()) - known) == set(), stack.name


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("region", r"(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[0-9]"),
        ("account", r"(^|[^0-9a-f])[0-9]{12}([^0-9a-f]|$)"),
    ],
)
def test_the_code_names_no_region_and_no_account(what: str, pattern: str) -> None:
    outside = [
        ":!environments",
        ":!tests",
        ":!docs",
        ":!README.md",
        ":!*.lock",
        ":!package-lock.json",
        ":!requirements*",
    ]
    command = ["git", "grep", "-nIE", pattern, "--", ".", *outside, ":!lambda/requirements.txt"]
    found = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False).stdout.splitlines()
    allowed = [line for line in found if re.match(r"configuration/partition\.py:\d+:GLOBAL_SERVICES_REGION = ", line)]
    assert [line for line in found if line not in allowed] == [], what
    assert len(allowed) == (1 if what == "region" else 0)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two processes, so that neither a hash seed nor a cache of one process can hide a difference."""
    homes = [tmp_path / seed for seed in ("1", "2")]
    runs = [subprocess.Popen([sys.executable, "app.py"], cwd=PROJECT, env=_environment(home)) for home in homes]
    assert [run.wait(timeout=120) for run in runs] == [0, 0]
    first, second = ({path.relative_to(home): path.read_bytes() for path in _files(home)} for home in homes)
    assert any(path.name.endswith(".template.json") for path in first)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def _files(home: Path) -> list[Path]:
    """What is deployed or decides what is; CDK's notes for debugging name the process's own temporary folders."""
    notes = ("metadata.json", "validation-report.json")
    return [path for path in (home / "cdk.out").rglob("*") if path.is_file() and not path.name.endswith(notes)]


def _environment(home: Path) -> dict[str, str]:
    """No credentials, no network settings: only what starting Python and Node takes."""
    context = json.loads((PROJECT / "cdk.json").read_text())["context"]
    home.mkdir()
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(home),
        "PYTHONHASHSEED": home.name,
        "CDK_OUTDIR": str(home / "cdk.out"),
        "CDK_CONTEXT_JSON": json.dumps(context | {"environment": "local"}),
    }
