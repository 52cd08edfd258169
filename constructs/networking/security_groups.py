"""The matrix as security groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge

from configuration.security_matrix import DESCRIPTIONS, Endpoint, Flow, Outside, Party, Role

# EC2 gives a group without egress rules one that allows everything; a rule that matches nothing prevents it.
_NOTHING = ec2.CfnSecurityGroup.EgressProperty(
    ip_protocol="icmp",
    from_port=252,
    to_port=86,
    cidr_ip="255.255.255.255/32",
    description="No connection to anybody",
)


@dataclass(frozen=True)
class Addresses:
    """Where an outside party is: a range of IPv4 addresses, or the id of a prefix list."""

    cidr: str | None = None
    prefix_list_id: str | None = None


class SecurityGroups(Construct):
    """One group for each role and endpoint of the matrix, with the rules of its ``flows`` and no others.

    ``addresses`` says where each outside party of the flows is. The groups are handed out unchangeable: a
    construct that wants to add a rule of its own adds none, so a missing row shows in the tests, not a rule
    that nobody wrote.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        flows: Iterable[Flow],
        endpoints: Sequence[Endpoint],
        addresses: Mapping[Outside, Sequence[Addresses]],
        name_prefix: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._vpc = vpc
        self._name_prefix = name_prefix
        self._addresses = addresses
        matrix = tuple(flows)
        self._groups = {party: self._group(party, matrix) for party in (*Role, *endpoints)}
        for flow in matrix:
            self._connect(flow)
        acknowledge(
            self._groups[Role.WEB],
            "AwsSolutions-EC23",
            reason="The environment file says with allowed_cidr who may reach the public load balancer",
        )
        self.web = self._handed_out(Role.WEB)
        self.probes = self._handed_out(Role.PROBES)
        self.app = self._handed_out(Role.APP)
        self.fargate = self._handed_out(Role.FARGATE)
        self.functions = self._handed_out(Role.FUNCTIONS)
        self.rotation = self._handed_out(Role.ROTATION)
        self.data = self._handed_out(Role.DATA)
        self.endpoints = {endpoint.name: self._handed_out(endpoint) for endpoint in endpoints}

    def _group(self, party: Role | Endpoint, matrix: Sequence[Flow]) -> ec2.CfnSecurityGroup:
        ingress = [
            ec2.CfnSecurityGroup.IngressProperty(
                ip_protocol="tcp",
                from_port=flow.port,
                to_port=flow.port,
                cidr_ip=source.cidr,
                source_prefix_list_id=source.prefix_list_id,
                description=_plain(flow.reason),
            )
            for flow in matrix
            if flow.destination == party and isinstance(flow.source, Outside)
            for source in self._addresses[flow.source]
        ]
        egress = [
            ec2.CfnSecurityGroup.EgressProperty(
                ip_protocol="tcp",
                from_port=flow.port,
                to_port=flow.port,
                cidr_ip=destination.cidr,
                destination_prefix_list_id=destination.prefix_list_id,
                description=_plain(flow.reason),
            )
            for flow in matrix
            if flow.source == party and isinstance(flow.destination, Outside)
            for destination in self._addresses[flow.destination]
        ]
        description = DESCRIPTIONS[party] if isinstance(party, Role) else party.purpose
        group = ec2.CfnSecurityGroup(
            self,
            _id(party),
            vpc_id=self._vpc.vpc_id,
            group_description=_plain(description),
            security_group_ingress=ingress,
            security_group_egress=egress or [_NOTHING],
        )
        cdk.Tags.of(group).add("Name", f"{self._name_prefix}-{_id(party)}")
        return group

    def _connect(self, flow: Flow) -> None:
        """A rule between two groups, on both sides and apart from both: inline, each would wait for the other."""
        if isinstance(flow.source, Outside) or isinstance(flow.destination, Outside):
            return
        source, destination = self._groups[flow.source], self._groups[flow.destination]
        between = f"{_id(flow.destination)}From{_id(flow.source)}"
        ec2.CfnSecurityGroupIngress(
            self,
            f"{between}Ingress",
            group_id=destination.attr_group_id,
            source_security_group_id=source.attr_group_id,
            ip_protocol="tcp",
            from_port=flow.port,
            to_port=flow.port,
            description=_plain(flow.reason),
        )
        ec2.CfnSecurityGroupEgress(
            self,
            f"{between}Egress",
            group_id=source.attr_group_id,
            destination_security_group_id=destination.attr_group_id,
            ip_protocol="tcp",
            from_port=flow.port,
            to_port=flow.port,
            description=_plain(flow.reason),
        )

    def _handed_out(self, party: Role | Endpoint) -> ec2.ISecurityGroup:
        return ec2.SecurityGroup.from_security_group_id(
            self, f"{_id(party)}Group", self._groups[party].attr_group_id, mutable=False
        )


def _id(party: Party) -> str:
    return f"{party.name}Endpoint" if isinstance(party, Endpoint) else str(party)


def _plain(text: str) -> str:
    """Text in the characters that EC2 takes for a description, which are without the apostrophe."""
    return text.replace("'", "")
