"""The file that instances run, in the assets bucket."""

import tempfile
from pathlib import Path

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from application.packaging import archive
from configuration.partition import PARTITION

_PROJECT = Path(__file__).resolve().parents[2]
_BUILD = _PROJECT / "build" / "application"


class ApplicationPackage(assets.Asset):
    """The user's file at ``path`` (from the project's folder), or the default application where it is None."""

    def __init__(self, scope: Construct, construct_id: str, *, path: str | None) -> None:
        super().__init__(scope, construct_id, path=str(_PROJECT / path if path else _default()))
        self.version = self.asset_hash[:12]

    @property
    def url(self) -> str:
        """Where instances fetch it."""
        return self.s3_object_url

    def read_statement(self) -> iam.PolicyStatement:
        """The right to read this object; CDK's own grant would open the whole bucket."""
        return iam.PolicyStatement(
            sid="Package",
            actions=["s3:GetObject"],
            resources=[f"arn:{PARTITION}:s3:::{self.s3_bucket_name}/{self.s3_object_key}"],
        )


def _default() -> Path:
    """The default application's archive, written at once, because several syntheses may run side by side."""
    _BUILD.mkdir(parents=True, exist_ok=True)
    target = _BUILD / "application.pyz"
    content = archive()
    if not target.exists() or target.read_bytes() != content:
        with tempfile.NamedTemporaryFile(dir=_BUILD, delete=False) as file:
            file.write(content)
        Path(file.name).replace(target)
    return target
