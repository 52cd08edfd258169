"""Reads a zone from CloudFormation templates: the records, and the health checks they name.

Understood are ``AWS::Route53::RecordSet`` and ``AWS::Route53::HealthCheck`` with literal values, ``Ref``,
``Fn::GetAtt``, ``Fn::Join``, ``Fn::GetStackOutput`` and ``Fn::ImportValue``. References to records, to health checks
and to outputs of the given stacks are followed; every other has to be among the values the caller knows.
"""

from collections.abc import Mapping
from typing import TypeVar

from ops.failover.health_checks import (
    AlarmCheck,
    CalculatedCheck,
    EndpointCheck,
    HealthCheck,
    InsufficientData,
    Protocol,
)
from ops.failover.intrinsics import CHECK, RECORD, Intrinsics, Template, Unresolved
from ops.failover.records import (
    AliasTarget,
    Failover,
    FailoverRole,
    Latency,
    Multivalue,
    Policy,
    Record,
    RecordType,
    Simple,
    Weighted,
    Zone,
    normalized,
)

_GROUP = "AWS::Route53::RecordSetGroup"
_UNMODELLED_ROUTING = ("GeoLocation", "GeoProximityLocation", "CidrRoutingConfig")
_DEFAULT_PORTS = {Protocol.HTTP: 80, Protocol.HTTP_STR_MATCH: 80, Protocol.HTTPS: 443, Protocol.HTTPS_STR_MATCH: 443}

_Member = TypeVar("_Member", FailoverRole, InsufficientData)


class TemplateError(ValueError):
    """Templates that cannot be read. ``problems`` lists every mistake with its place, value and rule."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_zone(templates: Mapping[str, Template], values: Mapping[str, str]) -> Zone:
    """The records and health checks of the given templates, which are named by their stacks.

    A zone may be spread over several stacks; templates of several zones are to be read one by one. Records of types
    other than A, AAAA and CNAME are left out: they lead to no service.

    Args:
        templates: the templates, by the names of their stacks.
        values: what only a deployment knows. The keys are ``<stack>.<LogicalId>`` for a ``Ref``,
            ``<stack>.<LogicalId>.<Attribute>`` for ``Fn::GetAtt``, ``<stack>.Outputs.<Name>`` for an output of
            another stack, ``Exports.<Name>`` for an export.

    Raises:
        TemplateError: a value is missing, or of a kind the model does not have; all mistakes together.
        ZoneError: what was read is no zone that Route 53 would accept.
    """
    return _Reader(templates, values).zone()


class _Reader:
    def __init__(self, templates: Mapping[str, Template], values: Mapping[str, str]) -> None:
        self._templates = templates
        self._intrinsics = Intrinsics(templates, values)
        self._problems: list[str] = []

    def zone(self) -> Zone:
        records: list[Record] = []
        checks: dict[str, HealthCheck] = {}
        for stack, template in self._templates.items():
            for logical_id, resource in template.get("Resources", {}).items():
                place = f"{stack}.{logical_id}"
                properties = resource.get("Properties", {})
                if resource.get("Type") == _GROUP:
                    self._problems.append(f"{place}: {_GROUP} is not modelled; write each record as {RECORD}")
                elif resource.get("Type") == RECORD:
                    if (record := self._record(stack, place, properties)) is not None:
                        records.append(record)
                elif resource.get("Type") == CHECK and (check := self._check(stack, place, properties)) is not None:
                    checks[place] = check
        if self._problems:
            raise TemplateError(self._problems)
        return Zone(tuple(records), checks)

    def _record(self, stack: str, place: str, properties: Template) -> Record | None:
        if properties.get("Type") not in set(RecordType):
            return None
        before = len(self._problems)
        name = self._text(stack, place, properties, "Name")
        record_type = RecordType(properties["Type"])
        alias = self._alias(stack, place, properties)
        found = [
            self._resolved(stack, f"{place}.ResourceRecords[{index}]", value)
            for index, value in enumerate(properties.get("ResourceRecords", ()))
        ]
        record = Record(
            name=normalized(name),
            type=record_type,
            policy=self._policy(stack, place, properties),
            set_identifier=self._optional(stack, place, properties, "SetIdentifier"),
            alias=alias,
            ttl=self._number(place, properties, "TTL"),
            values=tuple(normalized(value) if record_type is RecordType.CNAME else value for value in found),
            health_check=self._optional(stack, place, properties, "HealthCheckId"),
        )
        return record if len(self._problems) == before else None

    def _alias(self, stack: str, place: str, properties: Template) -> AliasTarget | None:
        target = properties.get("AliasTarget")
        if target is None:
            return None
        return AliasTarget(
            dns_name=normalized(self._text(stack, f"{place}.AliasTarget", target, "DNSName")),
            evaluate_target_health=bool(target.get("EvaluateTargetHealth", False)),
        )

    def _policy(self, stack: str, place: str, properties: Template) -> Policy:
        for routing in _UNMODELLED_ROUTING:
            if routing in properties:
                self._problems.append(
                    f"{place}.{routing}: this routing is not modelled; use latency, weighted, failover or multivalue"
                )
        if "Region" in properties:
            return Latency(self._text(stack, place, properties, "Region"))
        if "Weight" in properties:
            return Weighted(self._number(place, properties, "Weight") or 0)
        if "Failover" in properties:
            return Failover(self._member(FailoverRole, place, properties, "Failover", FailoverRole.PRIMARY))
        return Multivalue() if properties.get("MultiValueAnswer") else Simple()

    def _check(self, stack: str, place: str, properties: Template) -> HealthCheck | None:
        before = len(self._problems)
        config: Template = properties.get("HealthCheckConfig", {})
        where = f"{place}.HealthCheckConfig"
        inverted, disabled = bool(config.get("Inverted", False)), bool(config.get("Disabled", False))
        check: HealthCheck | None = None
        kind = config.get("Type")
        if kind == "CALCULATED":
            children = config.get("ChildHealthChecks", ())
            check = CalculatedCheck(
                id=place,
                children=tuple(
                    self._resolved(stack, f"{where}.ChildHealthChecks[{index}]", child)
                    for index, child in enumerate(children)
                ),
                health_threshold=self._number(where, config, "HealthThreshold", required=True) or 0,
                inverted=inverted,
                disabled=disabled,
            )
        elif kind == "CLOUDWATCH_METRIC":
            alarm = config.get("AlarmIdentifier", {})
            check = AlarmCheck(
                id=place,
                alarm_region=self._text(stack, f"{where}.AlarmIdentifier", alarm, "Region"),
                alarm_name=self._text(stack, f"{where}.AlarmIdentifier", alarm, "Name"),
                insufficient_data=self._member(
                    InsufficientData,
                    where,
                    config,
                    "InsufficientDataHealthStatus",
                    InsufficientData.LAST_KNOWN_STATUS,
                ),
                inverted=inverted,
                disabled=disabled,
            )
        elif kind in set(Protocol):
            check = self._endpoint(stack, place, config, inverted=inverted, disabled=disabled)
        else:
            known = ", ".join([*Protocol, "CALCULATED", "CLOUDWATCH_METRIC"])
            self._problems.append(f"{where}.Type: {kind!r} is not modelled; the model knows {known}")
        return check if len(self._problems) == before else None

    def _endpoint(self, stack: str, place: str, config: Template, *, inverted: bool, disabled: bool) -> EndpointCheck:
        where = f"{place}.HealthCheckConfig"
        protocol = Protocol(config["Type"])
        named = "FullyQualifiedDomainName" if "FullyQualifiedDomainName" in config else "IPAddress"
        path = self._optional(stack, where, config, "ResourcePath") or "/"
        port = self._number(where, config, "Port", required=protocol not in _DEFAULT_PORTS)
        return EndpointCheck(
            id=place,
            protocol=protocol,
            host=normalized(self._text(stack, where, config, named)),
            path=path if path.startswith("/") else f"/{path}",
            port=port or _DEFAULT_PORTS.get(protocol, 0),
            search_string=self._optional(stack, where, config, "SearchString"),
            request_interval=self._number(where, config, "RequestInterval") or 30,
            failure_threshold=self._number(where, config, "FailureThreshold") or 3,
            inverted=inverted,
            disabled=disabled,
        )

    def _text(self, stack: str, place: str, properties: Template, key: str) -> str:
        if key not in properties:
            self._problems.append(f"{place}.{key}: is missing")
            return ""
        return self._resolved(stack, f"{place}.{key}", properties[key])

    def _optional(self, stack: str, place: str, properties: Template, key: str) -> str | None:
        return self._text(stack, place, properties, key) if key in properties else None

    def _number(self, place: str, properties: Template, key: str, *, required: bool = False) -> int | None:
        value = properties.get(key)
        if value is None and not required:
            return None
        try:
            return int(str(value))
        except ValueError:
            self._problems.append(f"{place}.{key}: {value!r} is not a whole number")
            return None

    def _member(self, members: type[_Member], place: str, properties: Template, key: str, default: _Member) -> _Member:
        value = properties.get(key, default)
        if value not in set(members):
            self._problems.append(f"{place}.{key}: {value!r} must be one of {', '.join(members)}")
            return default
        return members(value)

    def _resolved(self, stack: str, place: str, value: object) -> str:
        try:
            return self._intrinsics.text(stack, value)
        except Unresolved as unresolved:
            self._problems.append(f"{place}: {value!r}: {unresolved}")
            return ""
