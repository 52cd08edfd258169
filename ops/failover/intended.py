"""The records and health checks that an environment file means, whatever its templates say."""

from configuration import Environment, Region
from configuration.failover.promises import failover_settings
from ops.failover.design import RegionDesign, designed_zone
from ops.failover.records import Zone


def intended_zone(environment: Environment) -> Zone:
    """The zone of an environment. A load balancer is known by :func:`load_balancer_name`."""
    return designed_zone(
        environment.domain.application,
        region_designs(environment),
        failover_settings(environment.routing, environment.cdn),
        health_path=environment.compute.application.health_path,
        deep_path=environment.routing.deep_health_path,
    )


def region_designs(environment: Environment) -> list[RegionDesign]:
    """The names of every region of an environment."""
    return [_design(environment, region) for region in environment.regions]


def load_balancer_name(region: Region) -> str:
    """What stands for the name of a region's load balancer until it is deployed."""
    return f"load-balancer.{region.name}.aws"


def _design(environment: Environment, region: Region) -> RegionDesign:
    domain, keeper = environment.domain, environment.partner_of(region)
    return RegionDesign(
        region=region.name,
        live=domain.live_in(region),
        regional=domain.application_in(region),
        # By this prefix a load balancer is asked for both kinds of addresses.
        target=f"dualstack.{load_balancer_name(region)}",
        switch=(domain.switches_in(keeper), f"/{region.name}") if keeper else None,
    )
