"""What Route 53 asks to find out whether a region can serve."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_route53 as route53
from constructs import Construct

from configuration.routing import Routing


class RegionChecks(Construct):
    """The health checks of one region.

    - ``shallow``: the region's application answers.
    - ``deep``: so do its dependencies; None where the application has no such path. ``deep_failure`` is the same
      turned round, for other regions to count.
    - ``switch``: an operator has not taken the region out of service; None where no other region could keep the
      switch. The check asks for an object that is not there, and turns the answer round: while somebody has put
      it there, the region is out of service. Whoever cannot read the object finds the region in service.
    - ``in_service``: shallow and switch together.

    Checkers ask from all over the world, at ``application_in``: the name of this one region.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        application_in: str,
        health_path: str,
        switch: tuple[str, str] | None,
        has_others: bool,
        routing: Routing,
    ) -> None:
        """``switch`` is the host and the path of the object."""
        super().__init__(scope, construct_id)
        self._routing = routing
        deep_path = routing.deep_health_path
        self.shallow = self._endpoint("Shallow", application_in, health_path)
        self.deep = self._endpoint("Deep", application_in, deep_path) if deep_path else None
        self.deep_failure = (
            self._endpoint("DeepFailure", application_in, deep_path, inverted=True)
            if deep_path and has_others
            else None
        )
        self.switch = self._endpoint("Switch", *switch, inverted=True) if switch else None
        self.in_service = all_of(self, "InService", [check for check in (self.shallow, self.switch) if check])

    def dependencies(self, others: Sequence["RegionChecks"]) -> route53.IHealthCheck | None:
        """A check that fails when this region's dependencies fail and every other region's work.

        What fails in several regions at once is shared: leaving one of them would not help, and leaving all would
        help nobody. A calculated check cannot count other calculated ones, but it can count inverted ones.
        """
        if self.deep is None:
            return None
        failures = [other.deep_failure for other in others if other.deep_failure]
        return _calculated(self, "Dependencies", [self.deep, *failures], threshold=1)

    def _endpoint(self, construct_id: str, host: str, path: str, *, inverted: bool = False) -> route53.HealthCheck:
        check = route53.HealthCheck(
            self,
            construct_id,
            type=route53.HealthCheckType.HTTPS,
            fqdn=host,
            port=443,
            resource_path=path,
            enable_sni=True,
            request_interval=cdk.Duration.seconds(self._routing.request_interval),
            failure_threshold=self._routing.failure_threshold,
            inverted=inverted,
        )
        return _named(check)


def all_of(scope: Construct, construct_id: str, checks: Sequence[route53.IHealthCheck]) -> route53.HealthCheck:
    """A check that passes while all the given ones do."""
    return _calculated(scope, construct_id, checks, threshold=len(checks))


def _calculated(
    scope: Construct, construct_id: str, checks: Sequence[route53.IHealthCheck], *, threshold: int
) -> route53.HealthCheck:
    check = route53.HealthCheck(
        scope,
        construct_id,
        type=route53.HealthCheckType.CALCULATED,
        child_health_checks=list(checks),
        health_threshold=threshold,
    )
    return _named(check)


def _named(check: route53.HealthCheck) -> route53.HealthCheck:
    """The console and the CLI show a check by its tag Name, and otherwise by an id that says nothing."""
    stack = cdk.Stack.of(check)
    below_stack = [ancestor.node.id for ancestor in check.node.scopes[len(stack.node.scopes) :]]
    cdk.Tags.of(check).add("Name", "-".join([stack.stack_name, *below_stack]))
    return check
