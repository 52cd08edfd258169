"""How an instance comes to serve: its user data.

The text holds no secret. It ends well only when the application answers its health check over TLS, and says so to
CloudFormation, which waits for that before it goes on; it says as well when anything went wrong.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import aws_ec2 as ec2
from constructs.compute.cloudwatch_agent import APPLICATION_LOG

from configuration.compute import PACKAGE

PACKAGE_PATH = "/opt/application/package"
ENVIRONMENT_FILE = "/etc/application.env"
UNIT_FILE = "/etc/systemd/system/application.service"
ROTATION_FILE = "/etc/logrotate.d/application"
AGENT_FILE = "/opt/aws/amazon-cloudwatch-agent/etc/platform.json"
SIGNAL = "/opt/aws/bin/cfn-signal"
"""Where CDK expects the helper that tells CloudFormation how the setup went."""
_HERE = Path(__file__).parent / "instance_files"


def instance_user_data(
    *,
    package_url: str,
    region: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    port: int,
    health_path: str,
    agent_configuration: str,
) -> ec2.UserData:
    """The user data; the caller adds the signal, which needs the Auto Scaling group that is made later."""
    user_data = ec2.UserData.for_linux()
    user_data.add_commands(
        "set -euo pipefail",
        _file(UNIT_FILE, unit(command)),
        _file(ENVIRONMENT_FILE, "".join(f'{name}="{value}"\n' for name, value in sorted(environment.items()))),
        _file(ROTATION_FILE, (_HERE / "logrotate.conf").read_text().replace("APPLICATION_LOG", APPLICATION_LOG)),
        _file(AGENT_FILE, agent_configuration),
        f"package_url={package_url}",
        f"package_path={PACKAGE_PATH}",
        f"log_file={APPLICATION_LOG}",
        f"signal={SIGNAL}",
        f"agent_file={AGENT_FILE}",
        f"region={region}",
        f"health_url=https://localhost:{port}{health_path}",
        (_HERE / "setup.sh").read_text(),
    )
    return user_data


def unit(command: Sequence[str]) -> str:
    """The systemd unit that runs ``command``, in which ``{package}`` stands for the package's path."""
    text = (_HERE / "application.service").read_text()
    return text.replace("COMMAND", " ".join(command).replace(PACKAGE, PACKAGE_PATH)).replace(
        "APPLICATION_LOG", APPLICATION_LOG
    )


def _file(path: str, content: str) -> str:
    return f"install -D --mode=0644 /dev/stdin {path} <<'END_OF_FILE'\n{content.rstrip()}\nEND_OF_FILE"
