"""The four steps of a rotation, single-user strategy: one account, which changes its own password.

The contract is that of the AWS Secrets Manager user guide, "Lambda rotation functions": every step may be called
again, and Secrets Manager repeats all four after a failure. Three rules go further than AWS's own template:

* Nothing is sent to a server before pending and current version are known to name the same account at the same place.
* A step that fails after the database took the new password gives the current one back, so that what applications
  read from the secret works until the next attempt.
* The stage moves only while the new password is known to work, under a lock that the database keeps per account;
  two rotations at once can't undo each other's work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rotate_secret.failures import LoginRefusedError, RotationError, RotationRefusedError, SecretStoreError
from rotate_secret.log import logger

if TYPE_CHECKING:
    from rotate_secret.credentials import Credentials
    from rotate_secret.database import Database, Session
    from rotate_secret.secret_store import SecretStore


class Step(StrEnum):
    """The steps, in the order in which Secrets Manager calls them."""

    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


@dataclass(frozen=True)
class RotationRequest:
    """One call of Secrets Manager: a step, the secret's ARN and the version that is being rotated in."""

    step: Step
    secret_id: str
    version: str

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> RotationRequest:
        """Read the event of Secrets Manager.

        Raises:
            RotationRefusedError: every rule that the event breaks.
        """
        mistakes = [
            f"{key} must be a text that is not empty"
            for key in ("SecretId", "ClientRequestToken")
            if not (isinstance(event.get(key), str) and event[key])
        ]
        steps = [str(step) for step in Step]
        if event.get("Step") not in steps:
            mistakes.append(f"Step is {event.get('Step')!r}, but must be one of {', '.join(steps)}")
        if mistakes:
            raise RotationRefusedError(f"not an event of a rotation: {'; '.join(mistakes)}")
        return cls(step=Step(event["Step"]), secret_id=event["SecretId"], version=event["ClientRequestToken"])


class Rotation:
    """Runs single steps against a secret and its database."""

    def __init__(self, secrets: SecretStore, database: Database) -> None:
        self._secrets = secrets
        self._database = database
        self._steps: dict[Step, Callable[[RotationRequest], None]] = {
            Step.CREATE: self._create,
            Step.SET: self._set,
            Step.TEST: self._test,
            Step.FINISH: self._finish,
        }

    def run(self, request: RotationRequest) -> None:
        """Do what the step asks for, or nothing when the version is current already.

        Raises:
            RotationError: the step failed. The database then accepts the secret's current password, unless it could
                not be reached or never accepted any password of the secret; the log says so.
        """
        try:
            if self._is_due(request):
                self._steps[request.step](request)
        except RotationError:
            if request.step is not Step.CREATE:
                self._give_back(request)
            raise

    def _is_due(self, request: RotationRequest) -> bool:
        """Tell a step that is to be done (True) from one whose rotation has finished (False); refuse all else."""
        state = self._secrets.state(request.secret_id)
        if not state.rotation_enabled:
            raise RotationRefusedError("rotation is not enabled for the secret")
        if request.version not in state.stages:
            raise RotationRefusedError("the version has no stage of the secret")
        if state.is_current(request.version):
            logger.info("The version is current already")
            return False
        if not state.is_pending(request.version):
            raise RotationRefusedError("the version is not AWSPENDING: another rotation has taken its place")
        return True

    def _create(self, request: RotationRequest) -> None:
        current = self._secrets.current(request.secret_id)
        if self._secrets.version(request.secret_id, request.version) is not None:
            logger.info("The version has its password already")
            return
        pending = current.with_password(self._secrets.new_password())
        self._secrets.store_pending(request.secret_id, request.version, pending)
        logger.info("A new password is stored")

    def _set(self, request: RotationRequest) -> None:
        current = self._secrets.current(request.secret_id)
        pending = self._pending(request, current)
        if self._is_accepted(pending):
            logger.info("The database has the new password already")
            return
        try:
            session = self._log_in_with_known_password(request, current)
        except LoginRefusedError:
            # Another invocation of this step may have changed the password since the first look.
            if self._is_accepted(pending):
                return
            raise
        with session:
            session.lock()
            if self._is_due(request):
                session.change_password(pending.password)
        logger.info("The database has the new password")

    def _test(self, request: RotationRequest) -> None:
        pending = self._pending(request, self._secrets.current(request.secret_id))
        with self._database.log_in(pending) as session:
            session.verify(pending.dbname)
        logger.info("The new password works")

    def _finish(self, request: RotationRequest) -> None:
        pending = self._pending(request, self._secrets.current(request.secret_id))
        with self._database.log_in(pending) as session:
            session.lock()
            if not self._is_due(request):
                return
            replaced = self._secrets.state(request.secret_id).current_version
            try:
                self._secrets.make_current(request.secret_id, request.version, instead_of=replaced)
            except SecretStoreError:
                # The answer may have got lost on its way, after the stage had moved.
                if not self._secrets.state(request.secret_id).is_current(request.version):
                    raise
        logger.info("The new password is current")

    def _pending(self, request: RotationRequest, current: Credentials) -> Credentials:
        """Read the version being rotated in, which may differ from the current one in its password only."""
        pending = self._secrets.version(request.secret_id, request.version)
        if pending is None:
            raise RotationRefusedError("the version has no value: createSecret has not been called")
        if not pending.is_same_account_as(current):
            raise RotationRefusedError("the version names another host, port or user name than the current one")
        return pending

    def _log_in_with_known_password(self, request: RotationRequest, current: Credentials) -> Session:
        """Log in with the current password, else with the previous one: a database restored from a backup has that."""
        try:
            return self._database.log_in(current)
        except LoginRefusedError:
            previous = self._secrets.previous(request.secret_id)
            if previous is None or not previous.is_same_account_as(current):
                raise
        logger.warning("The database refused the current password, trying the previous one")
        return self._database.log_in(previous)

    def _is_accepted(self, credentials: Credentials) -> bool:
        try:
            with self._database.log_in(credentials):
                return True
        except LoginRefusedError:
            return False

    def _give_back(self, request: RotationRequest) -> None:
        """Make the database accept the current password again, if only this version's works there."""
        try:
            current = self._secrets.current(request.secret_id)
            abandoned = self._secrets.version(request.secret_id, request.version)
            if abandoned is None or not abandoned.is_same_account_as(current) or self._is_accepted(current):
                return
            with self._database.log_in(abandoned) as session:
                session.lock()
                if self._secrets.state(request.secret_id).is_current(request.version):
                    return
                session.change_password(current.password)
            logger.warning("The database has the current password again")
        except RotationError as failure:
            # The step's own failure is the one to report; the next attempt finds the password that works.
            logger.error("The current password could not be given back to the database", reason=str(failure))
