"""Resolves what a template refers to, as far as it leads to records, health checks and the caller's own values."""

from collections.abc import Mapping
from typing import Any

Template = Mapping[str, Any]

RECORD = "AWS::Route53::RecordSet"
CHECK = "AWS::Route53::HealthCheck"


class Unresolved(Exception):  # noqa: N818 - it becomes one of several problems, not an error of its own
    """A value that is not known; the text is the rule it breaks."""


class Intrinsics:
    """The references between templates, and to what only a deployment knows (see ``ops.failover.template``)."""

    def __init__(self, templates: Mapping[str, Template], values: Mapping[str, str]) -> None:
        self._templates = templates
        self._values = values

    def text(self, stack: str, value: object) -> str:
        """A value of a stack's template as text; a health check is given by ``<stack>.<LogicalId>``.

        Raises:
            Unresolved: it is no text, or nobody knows it.
        """
        match value:
            case str() | int() | float():
                return str(value)
            case {"Ref": str(logical_id)}:
                return self._reference(stack, logical_id)
            case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
                if self._type(stack, logical_id) == CHECK:
                    return f"{stack}.{logical_id}"
                return self._known(f"{stack}.{logical_id}.{attribute}")
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(self.text(stack, part) for part in parts)
            case {"Fn::GetStackOutput": {"StackName": str(producer), "OutputName": str(output)}}:
                return self._output(producer, output)
            case {"Fn::ImportValue": str(export)}:
                return self._export(export)
        raise Unresolved("this intrinsic function is not understood here")

    def _reference(self, stack: str, logical_id: str) -> str:
        kind = self._type(stack, logical_id)
        if kind == CHECK:
            return f"{stack}.{logical_id}"
        if kind == RECORD:
            # Ref of a record set is its domain name.
            return self.text(stack, self._templates[stack]["Resources"][logical_id]["Properties"]["Name"])
        return self._known(f"{stack}.{logical_id}")

    def _type(self, stack: str, logical_id: str) -> object:
        return self._templates.get(stack, {}).get("Resources", {}).get(logical_id, {}).get("Type")

    def _output(self, producer: str, output: str) -> str:
        key = f"{producer}.Outputs.{output}"
        found = self._templates.get(producer, {}).get("Outputs", {}).get(output)
        if key in self._values or found is None:
            return self._known(key)
        return self.text(producer, found["Value"])

    def _export(self, export: str) -> str:
        key = f"Exports.{export}"
        for stack, template in self._templates.items():
            for output in template.get("Outputs", {}).values():
                if key not in self._values and output.get("Export", {}).get("Name") == export:
                    return self.text(stack, output["Value"])
        return self._known(key)

    def _known(self, key: str) -> str:
        if key not in self._values:
            raise Unresolved(f"only a deployment knows it; give its value as {key!r}")
        return self._values[key]
