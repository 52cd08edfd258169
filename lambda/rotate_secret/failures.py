"""Why a rotation step did not succeed. No message ever holds a password or a fragment of a statement."""


class RotationError(Exception):
    """A rotation step that did not succeed; Secrets Manager calls all four steps again later."""


class RotationRefusedError(RotationError):
    """The step must not run: wrong event, rotation off, version not staged, or another account than the current one."""


class MalformedSecretError(RotationError):
    """The secret's value is not the documented JSON structure of an RDS secret."""


class SecretStoreError(RotationError):
    """Secrets Manager could not be reached or refused a call."""


class DatabaseError(RotationError):
    """The database refused a statement or broke off the conversation."""


class DatabaseUnreachableError(DatabaseError):
    """No trusted, encrypted connection to the database could be made."""


class LoginRefusedError(DatabaseError):
    """The database does not accept this user name with this password."""
