"""Reads the compute stacks' templates."""

from tests.synthesis import StackTemplate
from tests.template_reading import one, text


def user_data(stack: StackTemplate) -> str:
    """The instances' user data, with references as ``${LogicalId}``."""
    return text(one(stack, "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]["UserData"]["Fn::Base64"])
