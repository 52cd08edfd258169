"""Values that a stack publishes for stacks it cannot hand an object to: of another region, or of another stage."""

import aws_cdk as cdk


def publish(stack: cdk.Stack, key: str, value: str, *, description: str | None = None) -> None:
    """Make ``value`` an output of ``stack`` whose key and export name are known at synthesis."""
    output = cdk.CfnOutput(
        stack, key, value=value, description=description, export_name=export_name(stack.stack_name, key)
    )
    output.override_logical_id(key)


def export_name(stack_name: str, key: str) -> str:
    """The name under which a stack's value is exported in its region."""
    return f"{stack_name}-{key}"


def published_here(stack_name: str, key: str) -> str:
    """A value that a stack of the same region has published."""
    return cdk.Fn.import_value(export_name(stack_name, key))


def published_in(region: str, stack_name: str, key: str) -> str:
    """A value that a stack in another region has published.

    Every use in a template costs CloudFormation one look-up of that stack, of which it does few at a time: use it
    once and refer to what it went into (https://github.com/aws/aws-cdk/issues/38010).
    """
    return cdk.Fn.get_stack_output(stack_name, key, region)
