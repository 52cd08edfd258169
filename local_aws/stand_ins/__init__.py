"""CloudFormation types of which nothing here is more than a record in its stack.

A stand-in holds a template's properties against the type's schema, answers ``Ref`` and ``Fn::GetAtt`` in the form AWS
documents, and makes nothing: no API of the service knows it. Which types these are is an explicit list, so that a
type nobody thought of fails the deployment instead of passing for real.
"""

from local_aws.stand_ins.types import STAND_INS, StandIn

__all__ = ["STAND_INS", "StandIn"]
