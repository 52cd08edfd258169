"""What changes between two assemblies, stack by stack, by the CDK CLI and without any account."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.release.refusal import ReleaseRefusedError

PROJECT = Path(__file__).resolve().parents[2]
CLI = PROJECT / "node_modules" / ".bin" / "cdk"

MOST_CHARACTERS = 60_000
"""A comment on GitHub holds 65,536: https://github.com/orgs/community/discussions/27190."""

_DIFF_SECONDS = 120.0


@dataclass(frozen=True)
class Stack:
    """A stack of an assembly: the name it has on AWS, what selects it on the command line, its template."""

    name: str
    path: str
    template: Path


def assembly(text: str) -> Path:
    """The folder of a synthesised assembly."""
    if not (Path(text) / "manifest.json").is_file():
        raise ValueError("is no synthesised assembly: there is no manifest.json in it")
    return Path(text)


def compared(before: Path, after: Path, *, title: str) -> str:
    """The differences as Markdown, security changes first within each stack; cut where GitHub would refuse them.

    Raises:
        ReleaseRefusedError: the CDK CLI failed.
    """
    old, new = _stacks(before), _stacks(after)
    gone, fresh = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    changed = sorted(name for name in old.keys() & new.keys() if _differ(old[name], new[name]))
    text = f"## {title}: {len(changed)} stacks change, {len(fresh)} are new, {len(gone)} go\n"
    text += "".join(f"- new: `{name}`\n" for name in fresh) + "".join(f"- goes: `{name}`\n" for name in gone)
    for name in changed:
        difference = _difference(after, old[name], new[name])
        text += f"\n<details><summary><code>{name}</code></summary>\n\n```text\n{difference}\n```\n</details>\n"
    if len(text) > MOST_CHARACTERS:
        cut = text[:MOST_CHARACTERS].rpartition("\n")[0]
        # Everything the cut may have gone through is closed again.
        return f"{cut}\n```\n</details>\n\nThe rest is too long for a comment; the workflow's artifact has it all.\n"
    return text


def _stacks(directory: Path) -> dict[str, Stack]:
    found = {}
    for manifest in sorted(directory.rglob("manifest.json")):
        for artifact in json.loads(manifest.read_text(encoding="utf-8")).get("artifacts", {}).values():
            if artifact["type"] == "aws:cloudformation:stack":
                name = artifact["properties"]["stackName"]
                path = artifact["displayName"].split(" ")[0]
                found[name] = Stack(name, path, manifest.parent / artifact["properties"]["templateFile"])
    return found


def _differ(old: Stack, new: Stack) -> bool:
    return bool(json.loads(old.template.read_text()) != json.loads(new.template.read_text()))


def _difference(after: Path, old: Stack, new: Stack) -> str:
    command = [str(CLI), "diff", new.path, "--app", str(after), "--template", str(old.template)]
    command += ["--exclusively", "--no-color", "--no-notices", "--no-lookups"]
    # Nothing is looked up, and nothing could be: there are no credentials.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment |= {"AWS_EC2_METADATA_DISABLED": "true", "CI": "true", "CDK_DISABLE_CLI_TELEMETRY": "1"}
    environment["PATH"] = f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    try:
        done = subprocess.run(  # noqa: S603 - the pinned tool and our own templates
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=_DIFF_SECONDS, check=True
        )
    except subprocess.TimeoutExpired as error:
        raise ReleaseRefusedError(f"{new.name} cannot be compared: {error}") from error
    except subprocess.CalledProcessError as error:
        raise ReleaseRefusedError(f"{new.name} cannot be compared: {error}\n{error.stderr}") from error
    return (done.stdout + done.stderr).strip().replace("```", "'''")
