"""Reads an environment file and reports every mistake in it at once."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from configuration.document import Document, Location, spelled
from configuration.model import Environment
from configuration.rules import broken_rules

ENVIRONMENTS = Path(__file__).resolve().parent.parent / "environments"


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is in the file, what stands there, and the rule it breaks."""

    path: str
    value: str | None
    rule: str

    def __str__(self) -> str:
        shown = self.path if self.value is None else f"{self.path}: {self.value}"
        return f"{shown}\n    {self.rule}"


class ConfigurationError(Exception):
    """An environment file is missing or wrong. Its text is meant for the person who wrote the file."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        """Keep the problems in the order in which their places stand in the file."""
        super().__init__(source, problems)
        self.source = source
        self.problems = problems

    def __str__(self) -> str:
        count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
        return "\n  ".join([f"{self.source}: {count}", *(str(problem) for problem in self.problems)])


def available_environments() -> list[str]:
    """The names of the environments this project provides."""
    return sorted(path.stem for path in ENVIRONMENTS.glob("*.yaml"))


def load_environment(name_or_path: str) -> Environment:
    """Read an environment by its name (``prod``) or by the path of its file (``elsewhere/prod.yaml``).

    Raises:
        ConfigurationError: the file cannot be found or read, or anything in it is wrong; all mistakes together.
    """
    path = _locate(name_or_path)
    source = name_or_path if path.parent != ENVIRONMENTS else f"{ENVIRONMENTS.name}/{path.name}"
    raw = _parse(path, source)
    # Strict JSON rules: a YAML list may be a tuple and text an address range, but nothing else is converted.
    try:
        environment = Environment.model_validate_json(json.dumps(raw, default=str), strict=True)
        errors: list[ErrorDetails] = []
    except ValidationError as invalid:
        environment, errors = None, _without_echoes(invalid.errors(include_url=False))
    document = Document(raw, wrong={_in_file(error["loc"]) for error in errors})
    found = [(_in_file(error["loc"]), _rule(error)) for error in errors]
    found += list(broken_rules(document))
    if found or environment is None:
        order = {key: position for position, key in enumerate(raw)}
        found.sort(key=lambda item: (order.get(str(item[0][0]), len(order)) if item[0] else -1, spelled(item[0])))
        problems = [Problem(spelled(loc), document.shown(loc), rule) for loc, rule in found]
        raise ConfigurationError(source, list(dict.fromkeys(problems)))
    return environment


def _locate(name_or_path: str) -> Path:
    if name_or_path.endswith((".yaml", ".yml")):
        path = Path(name_or_path)
        rule = "is no file; give the path of an environment file"
    else:
        path = ENVIRONMENTS / f"{name_or_path}.yaml"
        rule = f"is no environment; there are {', '.join(available_environments())}, or give the path of a file"
    if not path.is_file():
        raise ConfigurationError(name_or_path, [Problem("environment", name_or_path, rule)])
    return path


class _Loader(yaml.SafeLoader):
    """YAML in which a key may stand once, as its authors meant it."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the signature is PyYAML's
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} stands here for the second time", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _parse(path: Path, source: str) -> dict[str, Any]:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except UnicodeDecodeError:
        raise ConfigurationError(source, [Problem("file", None, "must be UTF-8 text")]) from None
    except yaml.MarkedYAMLError as invalid:
        mark = invalid.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "file"
        raise ConfigurationError(source, [Problem(where, None, f"is not YAML: {invalid.problem}")]) from None
    except yaml.YAMLError as invalid:
        raise ConfigurationError(source, [Problem("file", None, f"is not YAML: {invalid}")]) from None
    if not isinstance(raw, dict):
        rule = "must be a mapping with the keys of an environment; environments/dev.yaml is an example"
        raise ConfigurationError(source, [Problem("file", None, rule)])
    return {str(key): value for key, value in raw.items()}


def _without_echoes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """The errors without those lists that are too short only because an element is wrong."""
    places = [error["loc"] for error in errors]

    def echoes(error: ErrorDetails) -> bool:
        location = error["loc"]
        return error["type"] == "too_short" and any(
            len(place) > len(location) and place[: len(location)] == location for place in places
        )

    return [error for error in errors if not echoes(error)]


def _in_file(location: Location) -> Location:
    """A pydantic location without the parts that name a type instead of a place in the file."""
    return tuple(part for part in location if not (isinstance(part, str) and ("[" in part or "-" in part)))


def _rule(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return f"is required: {_description(error['loc'])}"
    if kind == "extra_forbidden":
        return "is not a key of this section" + _suggestion(error["loc"])
    if kind == "value_error":
        reason = str(context["error"])
        return reason if reason.startswith(("is ", "must ")) else f"is not an address range: {reason}"
    if kind == "string_type":
        return f"must be text (in quotes): {_description(error['loc'])}"
    if kind == "string_pattern_mismatch":
        return f"must be {_description(error['loc'])} (pattern {context['pattern']})"
    message = error["msg"].removeprefix("Input ").replace("should be", "must be").replace("should have", "must have")
    return f"{message[0].lower()}{message[1:]}: {_description(error['loc'])}".removesuffix(": ")


def _fields(location: Location) -> Iterator[tuple[str, Any]]:
    """The model fields on the way to a location, outermost first."""
    model: Any = Environment
    for part in _in_file(location):
        if isinstance(part, int):
            continue
        field = getattr(model, "model_fields", {}).get(part)
        if field is None:
            return
        yield part, field
        model = _section_in(field.annotation)


def _section_in(annotation: Any) -> Any:
    """The section class inside an annotation such as ``tuple[Region, ...]`` or ``Section | None``."""
    if hasattr(annotation, "model_fields"):
        return annotation
    inner = (_section_in(argument) for argument in getattr(annotation, "__args__", ()))
    return next((section for section in inner if section is not None), None)


def _description(location: Location) -> str:
    fields = list(_fields(location))
    return fields[-1][1].description or "" if fields else ""


def _suggestion(location: Location) -> str:
    parents = list(_fields(location[:-1]))
    model = _section_in(parents[-1][1].annotation) if parents else Environment
    near = difflib.get_close_matches(str(location[-1]), list(model.model_fields), n=1)
    return f"; did you mean {near[0]}?" if near else f"; its keys are {', '.join(model.model_fields)}"
