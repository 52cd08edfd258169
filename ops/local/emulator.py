"""Starts the local AWS, and stops it whoever started it."""

from local_aws.process import LocalAws, LocalAwsError
from local_aws.settings import DEFAULT_PORT
from ops.local import processes
from ops.local.errors import LocalError
from ops.local.state import PROJECT, Running, State


class NotStartedError(LocalError):
    """The local AWS did not start; the text is its own."""


def start(
    state: State, *, environment: str, account: str, port: int | None, enforce_iam: bool, outlives_us: bool
) -> tuple[LocalAws, Running]:
    """Start the local AWS on a port of loopback, and write down that it runs.

    Unless it ``outlives_us`` it ends with this process, however that ends.

    Raises:
        NotStartedError: the port is taken (by whom, and which one is free), or the server broke.
    """
    server = LocalAws(
        account=account,
        port=DEFAULT_PORT if port is None else port,
        enforce_iam=enforce_iam,
        log_file=state.log("aws"),
        node_modules=PROJECT / "node_modules",
        outlives_owner=outlives_us,
    )
    try:
        server.start()
        running = Running(
            pid=server.pid,
            started=processes.identity(server.pid) or "",
            endpoint=server.endpoint,
            environment=environment,
            account=account,
            enforce_iam=enforce_iam,
        )
        state.record(running)
    except LocalAwsError as error:
        raise NotStartedError(f"{error}\n(`make local` takes the port as PORT=.)") from None
    except BaseException:
        server.stop()
        raise
    return server, running


def stop(running: Running) -> None:
    """Stop what another command started, if it still is the process that was recorded."""
    if processes.identity(running.pid) == running.started:
        processes.stop_group(running.pid)
