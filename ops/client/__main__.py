"""The API from the command line: ``python -m ops.client --environment dev --region R put orders.csv``.

A sample to copy from. The call is signed with the credentials that boto3 finds; ``--all-regions`` signs it for every
region at once, which a name of the API's own needs whose calls may be answered anywhere.
"""

import argparse
import json
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from configuration import ConfigurationError, load_environment
from configuration.names import Stacks
from ops.client.api import Api, ApiError

_API_URL = "ApiUrl"


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 and the API's answer as JSON, or 1 and a sentence."""
    parser = argparse.ArgumentParser(prog="python -m ops.client", description="Calls the API of the data pipeline")
    parser.add_argument("--environment", required=True, help="a name in environments/ or the path of a file")
    parser.add_argument("--region", help="the region to call, the first of the environment by default")
    parser.add_argument("--url", help="the API's address where it is not the region's default endpoint")
    parser.add_argument("--all-regions", action="store_true", help="sign for every region (SigV4a)")
    actions = parser.add_subparsers(dest="action", required=True)
    put = actions.add_parser("put", help="put a file, whatever its size")
    put.add_argument("file", type=Path)
    put.add_argument("--key", help="the object's key, the file's name by default")
    for name, text in (("status", "ask what became of an object"), ("result", "read what was made of it")):
        actions.add_parser(name, help=text).add_argument("key")
    actions.add_parser("list", help="list objects").add_argument("--prefix", default="")
    options = parser.parse_args(arguments)
    try:
        environment = load_environment(options.environment)
        region = options.region or environment.home.name
        session = boto3.session.Session(region_name=region)
        found = session.get_credentials()
        if found is None:
            raise ApiError("boto3 finds no credentials: log in, or set AWS_PROFILE")
        url = options.url or _address(session, environment.names.stack(Stacks.SERVERLESS, region))
        api = Api(url, found.get_frozen_credentials(), region=None if options.all_regions else region)
        print(json.dumps(_act(api, options), indent=2))
    except (ConfigurationError, ApiError, BotoCoreError, ClientError, OSError) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    return 0


def _address(session: boto3.session.Session, stack: str) -> str:
    described = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    found = [output["OutputValue"] for output in described.get("Outputs", []) if output["OutputKey"] == _API_URL]
    if not found:
        raise ApiError(f"{stack} publishes no address of an API")
    return found[0]


def _act(api: Api, options: argparse.Namespace) -> object:
    if options.action == "put":
        return api.put(options.key or options.file.name, options.file.read_bytes())
    if options.action == "list":
        return list(api.objects(options.prefix))
    return api.status(options.key) if options.action == "status" else api.result(options.key)


if __name__ == "__main__":
    sys.exit(main())
