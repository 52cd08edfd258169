"""Regions as real processes: TLS servers on loopback that are really killed and started again."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from configuration.failover.budget import FailoverSettings
from ops.failover import processes
from ops.failover.backends import Backends, memory_backends
from ops.failover.checkers import Reply
from ops.failover.clock import InstantClock
from ops.failover.drill import run_drill
from ops.failover.example import REGIONS, example_topology
from ops.failover.processes import DEFAULT_APPLICATION, Launch, ProcessBackend, StartError, process_backends
from ops.failover.scenarios import built_in_scenarios

SERVER = Path(__file__).with_name("tls_server.py")


def certificate(path: Path) -> Path:
    """A self-signed certificate with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "region")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture(scope="module")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Launch:
    pem = certificate(tmp_path_factory.mktemp("tls") / "region.pem")
    return Launch(command=(sys.executable, str(SERVER), "{port}", "{region}", str(pem)), trust=pem)


@pytest.fixture
def region(launch: Launch) -> Iterator[ProcessBackend]:
    backend = ProcessBackend("region-a", launch)
    yield backend
    backend.close()


def small(settings: FailoverSettings) -> dict[str, object]:
    """A platform that costs few real requests."""
    return {"settings": settings, "regions": REGIONS[:2], "clients_per_region": 1, "checkers": 3}


QUICK = FailoverSettings(failure_threshold=1, record_ttl=2, propagation_allowance=2)


@pytest.mark.parametrize("name", ["loss-of-primary", "slow-region"])
def test_real_processes_and_memory_give_the_same_report(launch: Launch, name: str) -> None:
    topology = example_topology(**small(QUICK))  # type: ignore[arg-type]
    scenario = built_in_scenarios(topology)[name]

    def report(backends: Backends) -> object:
        with backends:
            return run_drill(topology, scenario, InstantClock(), backends)

    real = report(process_backends(topology.regions, launch))
    assert real == report(memory_backends(topology.regions))


def test_the_default_application_keeps_the_budget() -> None:
    topology = example_topology(**small(QUICK))  # type: ignore[arg-type]
    scenario = built_in_scenarios(topology)["loss-of-primary"]
    with process_backends(topology.regions, DEFAULT_APPLICATION) as backends:
        report = run_drill(topology, scenario, InstantClock(), backends)
    assert report.failures == ()


def test_a_request_reaches_the_process_of_its_region(region: ProcessBackend) -> None:
    assert region.get("/") == Reply(200, 0.0, b"region-a")
    assert region.get("/missing").status == 404


def test_a_lost_region_is_unreachable_until_it_is_restored(region: ProcessBackend) -> None:
    region.lose()
    assert region.get("/") == Reply(None)
    region.restore()
    assert region.get("/").status == 200


def test_losing_and_restoring_twice_changes_nothing_more(region: ProcessBackend) -> None:
    region.restore()
    region.lose()
    region.lose()
    assert region.get("/").status is None


def test_conditions_are_imposed_on_the_real_answer(region: ProcessBackend) -> None:
    region.slow(8.0)
    region.sicken(["/health"])
    assert region.get("/health") == Reply(503, 8.0, b"region-a")
    assert region.get("/") == Reply(200, 8.0, b"region-a")
    region.lose()
    assert region.get("/health") == Reply(None)


def test_an_untrusted_certificate_is_no_answer(launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "START_SECONDS", 1.0)
    other = replace(launch, trust=certificate(tmp_path / "other.pem"))
    with pytest.raises(StartError, match="did not answer on /health within 1 s"):
        ProcessBackend("region-a", other)


def test_without_a_certificate_to_trust_any_is_accepted(launch: Launch) -> None:
    with process_backends(["region-a"], replace(launch, trust=None)) as backends:
        assert backends.regions["region-a"].get("/").status == 200


def test_a_command_that_fails_is_reported_with_what_it_wrote() -> None:
    failing = Launch(command=(sys.executable, "-c", "raise SystemExit('no such {region}')"))
    with pytest.raises(StartError, match=r"(?s)region-a: .* left with exit code 1; it wrote:\nno such region-a"):
        ProcessBackend("region-a", failing)


def test_a_command_that_does_not_exist_is_reported() -> None:
    with pytest.raises(StartError, match="region-a: no-such-command: No such file"):
        ProcessBackend("region-a", Launch(command=("no-such-command",)))


def test_regions_already_started_are_stopped_when_another_fails(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    genuine = subprocess.Popen

    def recorded(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        if "region-b" in command:
            raise OSError(2, "No such file or directory")
        started.append(genuine(command, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", recorded)
    with pytest.raises(StartError, match="region-b"):
        process_backends(["region-a", "region-b"], launch)
    assert [process.poll() is not None for process in started] == [True]


def test_leaving_the_backends_ends_the_processes(launch: Launch) -> None:
    with process_backends(["region-a"], launch) as backends:
        region = backends.regions["region-a"]
        assert region.get("/").status == 200
    assert region.get("/").status is None
