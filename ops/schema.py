"""Writes the JSON Schema of the environment files, by which editors complete and underline: `python -m ops.schema`."""

import json
from pathlib import Path

from configuration import Environment
from configuration.loading import ENVIRONMENTS
from configuration.partition import regions

SCHEMA = ENVIRONMENTS / "environment.schema.json"


def schema() -> str:
    """The schema as text; the same model gives the same bytes."""
    document = Environment.model_json_schema()
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["$defs"]["Region"]["properties"]["name"]["enum"] = sorted(regions())
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def main(path: Path = SCHEMA) -> None:
    """Write the schema to its place beside the environment files."""
    path.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
