"""The API's document, which is its definition: what it does not say the API does not do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
_METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path.

    ``parameters`` are the query's and headers' names as API Gateway spells them, with whether they are required;
    ``model`` is the JSON schema of the body, if the gateway is to check it.
    """

    id: str
    path: str
    method: str
    parameters: dict[str, bool]
    model: str | None


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


def operations(described: dict[str, Any]) -> Iterator[Operation]:
    """The operations of a document, in its order."""
    for path, item in described["paths"].items():
        for method in filter(item.__contains__, _METHODS):
            operation = item[method]
            yield Operation(
                id=operation["operationId"],
                path=path,
                method=method.upper(),
                parameters=dict(map(_parameter, operation.get("parameters", []))),
                model=_model(operation),
            )


def schemas(described: dict[str, Any]) -> dict[str, Any]:
    """The schemas by name."""
    found: dict[str, Any] = described["components"]["schemas"]
    return found


def _parameter(described: dict[str, Any]) -> tuple[str, bool]:
    place = {"query": "querystring", "header": "header"}[described["in"]]
    return f"method.request.{place}.{described['name']}", described["required"]


def _model(operation: dict[str, Any]) -> str | None:
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref")
    return str(reference).rpartition("/")[2] if reference else None
