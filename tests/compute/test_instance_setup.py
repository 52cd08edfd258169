"""The user data, run: a first start that ends in a service that answers, and in the signal CloudFormation waits for.

It runs as it stands in the template, by bash, with the absolute paths moved below a folder and the programs of an
instance (AWS CLI, systemd, package manager, agent, signal) played. The application, its TLS and curl are real.
"""

import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from configuration.names import Stacks
from tests.compute.reading import user_data
from tests.synthesis import Assembly, environment, synthesise

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the user data is written for Amazon Linux")

PLAYED = {
    "aws": """\
#!{python}
# `aws s3 cp`, from the folder that stands for the assets bucket.
import pathlib, shutil, sys
*_, source, target = sys.argv
shutil.copy(pathlib.Path("{root}/bucket") / source.removeprefix("s3://").partition("/")[2], target)
""",
    "systemctl": """\
#!{python}
# `systemctl enable --now`, as far as systemd 252 has to do with the unit: it opens the log, then starts the command.
import os, pathlib, re, shlex, subprocess, sys
if "enable" in sys.argv:
    text = pathlib.Path("{root}/etc/systemd/system", sys.argv[-1]).read_text()
    unit = dict(re.findall(r"^([A-Za-z]+)=(.*)$", text, re.M))
    settings = pathlib.Path(unit["EnvironmentFile"]).read_text()
    variables = dict(re.findall(r'^([A-Z_a-z0-9]+)="(.*)"$', settings, re.M))
    kind, _, log = unit["StandardOutput"].partition(":")
    assert kind == "append", kind
    with open(log, "ab") as output:
        process = subprocess.Popen(
            shlex.split(unit["ExecStart"]),
            env={{"PATH": os.environ["PATH"], **variables}},
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )
    pathlib.Path("{root}/service.pid").write_text(str(process.pid))
""",
    "dnf": '#!/bin/sh\necho "$*" >> {root}/installed\n',
    "amazon-cloudwatch-agent-ctl": """\
#!/bin/sh
for word in "$@"; do file=$word; done
cp "${{file#file:}}" {root}/agent.json
""",
    "cfn-signal": '#!/bin/sh\necho "$*" >> {root}/signals\n',
}
WHERE = {
    "amazon-cloudwatch-agent-ctl": "opt/aws/amazon-cloudwatch-agent/bin",
    "cfn-signal": "opt/aws/bin",
}


class Instance:
    """A folder that stands for an instance's file system, and what happened there."""

    def __init__(self, root: Path, assembly: Assembly) -> None:
        self.root = root
        self.stack = assembly.stack(Stacks.COMPUTE)
        for name, script in PLAYED.items():
            self.play(name, script.format(root=root, python=sys.executable))
        self._fill_bucket(assembly)

    def play(self, name: str, script: str) -> None:
        """Put a program where an instance has it."""
        path = self.root / WHERE.get(name, "bin") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def _fill_bucket(self, assembly: Assembly) -> None:
        """The files that `cdk deploy` would put into the assets bucket, under the keys that it would give them."""
        bucket = self.root / "bucket"
        bucket.mkdir()
        for manifest in assembly.directory.rglob("*.assets.json"):
            for asset in json.loads(manifest.read_text())["files"].values():
                source = manifest.parent / asset["source"]["path"]
                if asset["source"]["packaging"] == "file" and source.is_file():
                    for destination in asset["destinations"].values():
                        (bucket / destination["objectKey"]).write_bytes(source.read_bytes())

    def start(self) -> subprocess.CompletedProcess[str]:
        """Run the user data as cloud-init does."""
        text = re.sub(r"(?<![\w./-])/(etc|opt|var)/", rf"{self.root}/\1/", user_data(self.stack))
        script = self.root / "user-data"
        script.write_text(text)
        path = f"{self.root}/bin:{Path(sys.executable).parent}:/usr/bin:/bin"
        return subprocess.run(
            ["bash", str(script)], env={"PATH": path}, capture_output=True, text=True, timeout=120, check=False
        )

    @property
    def signals(self) -> list[dict[str, str]]:
        """What CloudFormation was told."""
        path = self.root / "signals"
        if not path.exists():
            return []
        lines = [shlex.split(line) for line in path.read_text().splitlines()]
        return [dict(zip(words[::2], words[1::2], strict=True)) for words in lines]

    @property
    def log(self) -> list[dict[str, object]]:
        """What the application wrote."""
        lines = (self.root / "var/log/application/application.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def stop(self) -> None:
        """End the application."""
        pid = self.root / "service.pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGKILL)


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    on_loopback = {"BIND_ADDRESS": "127.0.0.1", "AWS_EC2_METADATA_DISABLED": "true"}
    return synthesise(environment(regions=1, compute={"application": {"port": port, "environment": on_loopback}}))


@pytest.fixture
def instance(tmp_path: Path, assembly: Assembly) -> Iterator[Instance]:
    made = Instance(tmp_path, assembly)
    yield made
    made.stop()


def test_an_instance_serves_over_tls_and_tells_cloudformation_so(instance: Instance) -> None:
    outcome = instance.start()
    assert outcome.returncode == 0, outcome.stderr
    # curl has had its answer from the application over TLS by now.
    (listening,) = (entry for entry in instance.log if entry["event"] == "listening")
    assert f"https://localhost:{listening['port']}/health" in user_data(instance.stack)
    ((group, resource),) = instance.stack.of_type("AWS::AutoScaling::AutoScalingGroup").items()
    assert resource["CreationPolicy"]["ResourceSignal"]
    assert instance.signals == [
        {"--stack": instance.stack.name, "--resource": group, "--region": instance.stack.region, "-e": "0"}
    ]


def test_the_agent_is_installed_and_started_with_the_platforms_configuration(instance: Instance) -> None:
    assert instance.start().returncode == 0
    installed = (instance.root / "installed").read_text()
    assert "amazon-cloudwatch-agent" in installed
    assert "aws-cfn-bootstrap" not in installed, "it is there already"
    assert json.loads((instance.root / "agent.json").read_text())["metrics"]["namespace"] == "CWAgent"


def test_the_helper_that_signals_is_installed_where_the_image_lacks_it(instance: Instance) -> None:
    helper = instance.root / WHERE["cfn-signal"] / "cfn-signal"
    content = helper.read_text()
    helper.unlink()
    # The package manager brings it.
    script = PLAYED["dnf"].format(root=instance.root)
    instance.play("dnf", f"{script}cat > {helper} <<'END'\n{content}END\nchmod +x {helper}\n")
    assert instance.start().returncode == 0
    assert (instance.root / "installed").read_text().startswith("install --assumeyes --quiet aws-cfn-bootstrap\n")
    assert [told["-e"] for told in instance.signals] == ["0"]


@pytest.mark.parametrize("broken", ["aws", "systemctl", "dnf", "amazon-cloudwatch-agent-ctl"])
def test_whatever_fails_is_signalled_too(instance: Instance, broken: str) -> None:
    instance.play(broken, "#!/bin/sh\nexit 7\n")
    assert instance.start().returncode == 7
    assert [told["-e"] for told in instance.signals] == ["7"]


def test_the_unit_leaves_to_systemd_nothing_that_it_does_too_late(instance: Instance) -> None:
    """systemd 252 opens StandardOutput before it makes LogsDirectory: github.com/systemd/systemd/issues/27591."""
    instance.start()
    unit = (instance.root / "etc/systemd/system/application.service").read_text()
    assert "LogsDirectory" not in unit
    hardening = {"DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes"}
    assert hardening <= set(unit.splitlines())
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in unit, "port 443 without root"


def test_the_user_data_is_within_ec2s_limit_and_holds_no_secret(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        found = user_data(stack)
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
        assert len(found.encode()) < 16 * 1024
        assert not re.search(r"resolve:secretsmanager|(?i:password|secret_?access|token)\s*=|AKIA[A-Z0-9]{16}", found)
