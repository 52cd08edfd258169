"""Network ACLs know their subnets and the ports of their entries.

MiniStack gives a subnet no association with its network's default ACL, forgets the subnet when an association is
replaced, and keeps neither ports nor ICMP types. On AWS every subnet is associated with exactly one ACL, its network's
default to begin with: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from ministack.services import ec2

Parameters = dict[str, Any]


def apply() -> None:
    """Repair it."""
    actions = ec2._ACTION_MAP
    describe = actions["DescribeNetworkAcls"]
    for action in ("CreateNetworkAclEntry", "ReplaceNetworkAclEntry"):
        actions[action] = _keeping_ports(actions[action])

    def describe_network_acls(parameters: Parameters) -> Any:
        _associate_with_defaults()
        return describe(parameters)

    actions["DescribeNetworkAcls"] = describe_network_acls
    actions["ReplaceNetworkAclAssociation"] = _replace_association
    entry_xml = ec2._network_acl_entry_xml

    def network_acl_entry_xml(entry: dict[str, Any]) -> str:
        ports, icmp = entry.get("PortRange"), entry.get("IcmpTypeCode")
        more = f"<portRange><from>{ports[0]}</from><to>{ports[1]}</to></portRange>" if ports else ""
        more += f"<icmpTypeCode><type>{icmp[0]}</type><code>{icmp[1]}</code></icmpTypeCode>" if icmp else ""
        return str(entry_xml(entry)).replace("</item>", f"{more}</item>")

    ec2._network_acl_entry_xml = network_acl_entry_xml


def _associate_with_defaults() -> None:
    """Give every subnet that has no ACL its network's default."""
    held = {association["SubnetId"] for acl in ec2._network_acls.values() for association in acl["Associations"]}
    defaults = {acl["VpcId"]: acl for acl in ec2._network_acls.values() if acl.get("IsDefault")}
    for subnet_id, subnet in ec2._subnets.items():
        default = defaults.get(subnet["VpcId"])
        if default and subnet_id not in held:
            default["Associations"].append(_association(subnet_id))


def _replace_association(parameters: Parameters) -> Any:
    _associate_with_defaults()
    old_id, acl_id = ec2._p(parameters, "AssociationId"), ec2._p(parameters, "NetworkAclId")
    if acl_id not in ec2._network_acls:
        return ec2._error("InvalidNetworkAclID.NotFound", f"The network ACL '{acl_id}' does not exist", 400)
    for acl in ec2._network_acls.values():
        for old in acl["Associations"]:
            if old["NetworkAclAssociationId"] == old_id:
                acl["Associations"].remove(old)
                new = _association(old["SubnetId"])
                ec2._network_acls[acl_id]["Associations"].append(new)
                answer = f"<newAssociationId>{new['NetworkAclAssociationId']}</newAssociationId>"
                return ec2._xml(200, "ReplaceNetworkAclAssociationResponse", answer)
    return ec2._error("InvalidAssociationID.NotFound", f"The association ID '{old_id}' does not exist", 400)


def _association(subnet_id: str) -> dict[str, str]:
    return {"NetworkAclAssociationId": f"aclassoc-{secrets.token_hex(9)[:17]}", "SubnetId": subnet_id}


def _keeping_ports(handle: Callable[[Parameters], Any]) -> Callable[[Parameters], Any]:
    def handle_entry(parameters: Parameters) -> Any:
        answer = handle(parameters)
        acl = ec2._network_acls.get(ec2._p(parameters, "NetworkAclId"))
        if acl and acl["Entries"]:
            for name, first, second in (("PortRange", "From", "To"), ("IcmpTypeCode", "Type", "Code")):
                low, high = (
                    ec2._p(parameters, f"{prefix}.{part}") for prefix in [_wire(name)] for part in (first, second)
                )
                if low != "" and high != "":
                    acl["Entries"][-1][name] = (int(low), int(high))
        return answer

    return handle_entry


def _wire(name: str) -> str:
    """A parameter's name in EC2's query protocol, where one differs from the model's."""
    return {"IcmpTypeCode": "Icmp"}.get(name, name)
