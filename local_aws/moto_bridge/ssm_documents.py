# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Documents of Systems Manager; none is run."""

from __future__ import annotations

from local_aws.clients import call, text
from local_aws.resource_type import Origin, Properties, Request, ResourceType, provides, tag_list


@provides("AWS::SSM::Document")
class Document(ResourceType):
    """A document; ``Ref`` is its name."""

    service = "ssm"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        name = request.name(request.get("Name"), longest=128)
        self._create(name, request)
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        if old["Content"] == request["Content"] and old.get("VersionName") == request.get("VersionName"):
            return
        if request.get("UpdateMethod", "Replace") == "Replace":
            # A document is immutable in this mode, which replaces it; under a name of its own that is done in place.
            self.api.delete_document(Name=physical_id)
            self._create(physical_id, request)
            return
        content = text(request["Content"])
        version = self._version_with(physical_id, content)
        if version is None:
            wanted = {**request.properties, "Name": physical_id, "Content": content, "DocumentVersion": "$LATEST"}
            version = call(self.api, "UpdateDocument", wanted)["DocumentDescription"]["DocumentVersion"]
        self.api.update_document_default_version(Name=physical_id, DocumentVersion=version)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_document(Name=physical_id)

    def _version_with(self, name: str, content: str) -> str | None:
        """The version that has this content already, as after a rollback; Systems Manager refuses it a second time."""
        latest = int(self.api.describe_document(Name=name)["Document"]["LatestVersion"])
        for version in map(str, range(1, latest + 1)):
            if self.api.get_document(Name=name, DocumentVersion=version)["Content"] == content:
                return version
        return None

    def _create(self, name: str, request: Request) -> None:
        wanted = {
            "DocumentType": "Command",
            "DocumentFormat": "JSON",
            **request.properties,
            "Name": name,
            "Content": text(request["Content"]),
            "Tags": tag_list(request.tags()),
        }
        call(self.api, "CreateDocument", wanted)
