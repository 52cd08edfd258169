"""The platform of one environment: every region's stacks and the global one, and the order between them."""

from dataclasses import dataclass

import aws_cdk as cdk
from constructs import Construct

from configuration import Environment, Region
from configuration.partition import GLOBAL_SERVICES_REGION
from stacks.backup import BackupStack
from stacks.cdn import CdnStack
from stacks.compliance import ComplianceStack
from stacks.compute import ComputeStack
from stacks.database import DatabaseStack
from stacks.dns import DnsStack
from stacks.edge import EdgeStack
from stacks.global_stack import GlobalStack
from stacks.monitoring import MonitoringStack, Watched
from stacks.networking import NetworkingStack
from stacks.peering import PeeringStack
from stacks.replication import ReplicationStack
from stacks.security import SecurityStack
from stacks.serverless import ServerlessStack
from stacks.storage import StorageStack
from stacks.tap_stack import TapStackProps
from stacks.zone import ZoneStack


@dataclass(frozen=True, kw_only=True)
class RegionalStacks:
    """The stacks of one region."""

    security: SecurityStack
    networking: NetworkingStack
    storage: StorageStack
    replication: ReplicationStack | None
    database: DatabaseStack
    backup: BackupStack
    serverless: ServerlessStack
    compute: ComputeStack
    cdn: CdnStack
    dns: DnsStack
    compliance: ComplianceStack
    monitoring: MonitoringStack


class Platform(cdk.Stage):
    """One environment. Within a region stacks hand each other objects; between regions they share names alone.

    So no region needs another's control plane to be deployed or updated, and what has to exist elsewhere
    beforehand is an order between stacks, not a reference.
    """

    def __init__(self, scope: Construct, *, environment: Environment) -> None:
        super().__init__(scope, environment.names.prefix)
        self.environment = environment
        self.zone = self._zone()
        self.edge = EdgeStack(self, props=TapStackProps(environment=environment, region=self._global_region()))
        self.regions = {region.name: self._region(region) for region in environment.regions}
        self.peering = [
            PeeringStack(self, props=TapStackProps(environment=environment, region=region))
            for region in (environment.regions if environment.is_joined else ())
        ]
        self.global_stack = GlobalStack(
            self,
            props=TapStackProps(environment=environment, region=self._global_region()),
        )
        self._order()

    def _region(self, region: Region) -> RegionalStacks:
        props = TapStackProps(environment=self.environment, region=region)
        security = SecurityStack(self, props=props)
        networking = NetworkingStack(self, props=props, security=security)
        storage = StorageStack(self, props=props, security=security)
        serverless = ServerlessStack(self, props=props, security=security, networking=networking, storage=storage)
        watched = Watched(
            security=security,
            networking=networking,
            storage=storage,
            replication=self._replication(props, security, storage),
            database=DatabaseStack(self, props=props, security=security, networking=networking),
            backup=BackupStack(self, props=props, security=security, networking=networking),
            serverless=serverless,
            compute=ComputeStack(self, props=props, security=security, networking=networking, storage=storage),
        )
        return RegionalStacks(
            security=security,
            networking=networking,
            storage=storage,
            replication=watched.replication,
            database=watched.database,
            backup=watched.backup,
            serverless=serverless,
            compute=watched.compute,
            cdn=CdnStack(self, props=props, security=security),
            dns=DnsStack(self, props=props, networking=networking, compute=watched.compute),
            compliance=ComplianceStack(self, props=props, storage=storage),
            monitoring=MonitoringStack(self, props=props, watched=watched),
        )

    def _zone(self) -> ZoneStack | None:
        """The stack of the public zone, or None where the environment has a zone already."""
        if self.environment.domain.hosted_zone_id:
            return None
        return ZoneStack(self, props=TapStackProps(environment=self.environment, region=self._global_region()))

    def _replication(
        self, props: TapStackProps, security: SecurityStack, storage: StorageStack
    ) -> ReplicationStack | None:
        """The stack of the region's replication rules, or None where there is no other region to replicate to."""
        if props.partner is None or storage.replication_role is None:
            return None
        role = storage.replication_role
        return ReplicationStack(self, props=props, partner=props.partner, role=role, security=security, storage=storage)

    def _global_region(self) -> Region:
        """The region of the global stack, whether or not the platform has anything else there."""
        found = (region for region in self.environment.regions if region.name == GLOBAL_SERVICES_REGION)
        return next(found, self.environment.home.model_copy(update={"name": GLOBAL_SERVICES_REGION}))

    @property
    def all_regions(self) -> list[Region]:
        """Every region with stacks of the platform: the environment's, and that of the global stack."""
        return list(dict.fromkeys([*self.environment.regions, self._global_region()]))

    def _order_peering(self) -> None:
        """A link is asked for when both networks stand, and answered when it was asked for."""
        for position, peering in enumerate(self.peering):
            for region in self.regions.values():
                peering.add_stack_dependency(region.networking, "a link joins networks that exist")
            for earlier in self.peering[:position]:
                peering.add_stack_dependency(earlier, "a link is answered after it was asked for")

    def _order_names(self) -> None:
        """The zone comes before what writes to it, and every name before the records that lead to it."""
        if self.zone:
            self.edge.add_stack_dependency(self.zone, "the certificate is validated in the zone")
        writer = self.regions[self.environment.database_writer.name].database
        for region in self.regions.values():
            if self.zone:
                region.compute.add_stack_dependency(self.zone, "the certificate is validated in the zone")
            if self.zone and self.environment.serverless.api.custom_domain:
                region.serverless.add_stack_dependency(self.zone, "the API's name stands in the zone")
            region.cdn.add_stack_dependency(self.edge, "CloudFront takes its certificate from there")
            region.dns.add_stack_dependency(region.database, "the reader's name leads to the region's database")
            region.dns.add_stack_dependency(writer, "the writer's name leads to the database that is written to")
            self.global_stack.add_stack_dependency(region.dns, "records point at the region's names")
            self.global_stack.add_stack_dependency(region.cdn, "a switch is asked for where it would be put")
            self.global_stack.add_stack_dependency(region.security, "alarms tell the region's topic")

    def _order(self) -> None:
        self._order_peering()
        self._order_names()
        home = self.regions[self.environment.home.name]
        for name, region in self.regions.items():
            region.cdn.add_stack_dependency(region.storage, "the distribution reads the region's bucket")
            database = self.environment.database_in(region.database.props.region)
            if database.replicates and database.source:
                source = self.regions[database.source[0]].database
                region.database.add_stack_dependency(source, "a copy is made of what exists")
            partner = self.environment.partner_of(region.storage.props.region)
            if region.replication and partner:
                region.replication.add_stack_dependency(
                    self.regions[partner.name].storage, "a replication rule needs the buckets of both regions"
                )
            if name == self.environment.home.name:
                continue
            home.storage.add_stack_dependency(region.security, "a replica is encrypted with its region's key")
            home.database.add_stack_dependency(region.security, "the secret's copy is encrypted with its region's key")
            region.serverless.add_stack_dependency(home.storage, "the region's replica of the catalogue")
