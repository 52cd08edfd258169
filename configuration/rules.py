"""The rules between several values of an environment file.

Each looks at whatever is right in itself, so that one run reports every mistake of the file.
"""

import json
import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import TypeVar

from pydantic import ValidationError

from configuration.cdn import Cdn
from configuration.compute import FARGATE_SIZES, Containers, Instances
from configuration.database import AUTHORITIES, Database
from configuration.document import Document, Location, spelled
from configuration.failover.promises import failover_settings
from configuration.failover.targets import missed_targets
from configuration.names import Limit, Names
from configuration.network import Network, Ssh
from configuration.routing import Routing
from configuration.section import Section
from configuration.serverless import Serverless
from configuration.storage import Storage
from configuration.subscriptions import ENDPOINTS

Broken = tuple[Location, str]
AnySection = TypeVar("AnySection", bound=Section)
Rule = Callable[[Document], Iterator[Broken]]


def broken_rules(document: Document) -> Iterator[Broken]:
    """Every place where values do not go together, with the rule they break."""
    for rule in RULES:
        yield from rule(document)


def _regions_are_named_once(document: Document) -> Iterator[Broken]:
    seen: dict[str, Location] = {}
    for region in document.each("regions"):
        name = document.get(*region, "name")
        if name in seen:
            yield (*region, "name"), f"stands at {spelled(seen[name])} already; a region can be named once"
        elif name:
            seen[name] = region


def _ranges_do_not_overlap(document: Document) -> Iterator[Broken]:
    ranges: list[tuple[Location, IPv4Network]] = []
    for region in document.each("regions"):
        text = document.get(*region, "cidr")
        if text is None:
            continue
        network = IPv4Network(text)
        for other, range_ in ranges:
            if network.overlaps(range_):
                yield (
                    (*region, "cidr"),
                    f"overlaps {spelled(other)} ({range_}); the regions' networks are joined, so each needs its own",
                )
        ranges.append(((*region, "cidr"), network))


def _zones_are_named_once(document: Document) -> Iterator[Broken]:
    for region in document.each("regions"):
        letters = document.get(*region, "availability_zones", default=[])
        if len(set(letters)) < len(letters):
            yield (*region, "availability_zones"), "names a zone twice; the tiers need different ones"


def _copies_go_to_another_region(document: Document) -> Iterator[Broken]:
    place = ("cross_region_replication_region",)
    names = [document.get(*region, "name") for region in document.each("regions")]
    if not names or None in names or document.shown(place) is None:
        return
    others = ", ".join(names[1:])
    copy = document.get(*place)
    if document.shown(place) == "null":
        if others:
            yield place, f"must name the region of the copies, one of: {others}"
    elif copy is not None and not others:
        yield place, "must be null where there is a single region: there is none to copy to"
    elif copy == names[0]:
        yield place, f"is the home region itself; a copy belongs elsewhere, to one of: {others}"
    elif copy is not None and copy not in names:
        yield place, f"is none of the regions of this file; it must be one of: {others}"


def _nat_gateways_have_zones(document: Document) -> Iterator[Broken]:
    place = ("network", "nat_gateways")
    gateways = document.get(*place, default=0)
    for region in document.each("regions"):
        zones = len(document.get(*region, "availability_zones", default="abc"))
        if gateways > zones:
            yield place, f"is more than the {zones} zones of {spelled(region)}; a zone needs at most one"


def _ssh_comes_from_few(document: Document) -> Iterator[Broken]:
    if document.get("network", "ssh", "enabled") is not True:
        return
    widest = document.get("network", "ssh", "widest_prefix", default=Ssh().widest_prefix)
    for place in document.each("allowed_cidr"):
        text = document.get(*place)
        if text is not None and IPv4Network(text).prefixlen < widest:
            yield place, f"is wider than /{widest}, the widest that network.ssh.widest_prefix lets SSH in from"


def _objects_age_before_they_expire(document: Document) -> Iterator[Broken]:
    defaults = Storage()
    place = ("storage", "glacier_after_days")
    glacier = document.get(*place, default=defaults.glacier_after_days)
    expire = document.get("storage", "expire_after_days", default=defaults.expire_after_days)
    if glacier >= expire:
        yield place, f"must be less than storage.expire_after_days ({expire}): S3 refuses to move what has expired"


def _database_can_grow(document: Document) -> Iterator[Broken]:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    size = document.get("database", "storage_gib", default=Database().storage_gib)
    place = ("database", "storage_limit_gib")
    if document.get(*place, default=Database().storage_limit_gib) < size * 1.1:
        yield place, f"must exceed database.storage_gib ({size}) by a tenth at least, as RDS demands"


def _database_regions_are_of_this_file(document: Document) -> Iterator[Broken]:
    known = [document.shown((*region, "name")) for region in document.each("regions")]
    places: list[Location] = [("database", "writer_region"), ("database", "rotation_region")]
    seen: dict[str, Location] = {}
    for record in document.each("database", "instances"):
        places += [(*record, "region"), (*record, "copied_from")]
        region = document.get(*record, "region")
        if region in seen:
            yield (*record, "region"), f"stands at {spelled(seen[region])} already; a region has one instance"
        elif region:
            seen[region] = record
    for place in places:
        name = document.get(*place)
        if name is not None and name not in known:
            yield place, f"is none of the regions of this file; it must be one of: {', '.join(map(str, known))}"


def _database_writer_was_promoted(document: Document) -> Iterator[Broken]:
    database, home = _lineage(document)
    if database is None:
        return
    writer = database.writer(home=home)
    if database.instance(writer, home=home).source is not None and not database.record(writer).promoted:
        yield (
            ("database", "writer_region"),
            "is no copy any more: write {region: " + writer + ", promoted: true} into database.instances, "
            "so that no later deployment turns it back into one",
        )


def _database_rebuilds_are_possible(document: Document) -> Iterator[Broken]:
    database, home = _lineage(document)
    for at, record in enumerate(database.instances if database else ()):
        place = ("database", "instances", at)
        if record.generation == 1 and record.copied_from is not None:
            yield (*place, "copied_from"), "belongs to a rebuilt instance, whose generation is 2 or more"
        elif record.generation == 1 and record.promoted and record.region == home:
            yield (*place, "promoted"), "cannot be: the home region's first instance never was a copy"
        elif record.generation > 1 and record.copied_from is None:
            yield (*place, "copied_from"), "is required of a rebuilt instance: the region it was copied from"
        elif record.copied_from == record.region:
            yield (*place, "copied_from"), "is the instance's own region; a copy comes from another"
        elif record.copied_from is not None:
            older = database.record(record.copied_from).generation if database else 0
            if older >= record.generation:
                rule = f"must be more than {older}, the generation of the instance it was copied from"
                yield (*place, "generation"), rule


def _database_copies_follow_what_stands(document: Document) -> Iterator[Broken]:
    database, home = _lineage(document)
    for region in document.each("regions"):
        name = document.get(*region, "name")
        if database is None or name is None:
            continue
        instance = database.instance(name, home=home)
        if not instance.replicates or instance.source is None:
            continue
        source, generation = instance.source
        if database.instance(source, home=home).replicates or database.record(source).generation != generation:
            rule = f"has a copy of an instance of {source} that was rebuilt since or is a copy itself"
            yield (*region, "name"), f"{rule}: rebuild this one too, by database.instances"


def _secret_rotates_where_it_is_no_copy(document: Document) -> Iterator[Broken]:
    database, home = _lineage(document)
    if database is None:
        return
    rotated = database.rotation_region or home
    if database.instance(rotated, home=home).replicates:
        rule = f"cannot be {rotated}, whose instance has its source's password; name a region that stands alone"
        yield ("database", "rotation_region"), rule


def _own_rotation_trusts_the_database(document: Document) -> Iterator[Broken]:
    database, home = _lineage(document)
    if database is None or database.rotation != "own":
        return
    region = database.rotation_region or home
    bundle = AUTHORITIES / f"{region}.pem"
    if not bundle.is_file():
        source = f"https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"
        file = bundle.relative_to(AUTHORITIES.parents[2])
        rule = f"cannot be own in {region} yet, whose RDS authorities the function does not know"
        yield ("database", "rotation"), f"{rule}: save {source} as {file}"


def _lineage(document: Document) -> tuple[Database | None, str]:
    """The database's section and the home region; no section where it holds mistakes that are reported already."""
    regions = [document.get(*region, "name") for region in document.each("regions")]
    if not regions or None in regions:
        return None, ""
    try:
        database = Database.model_validate_json(json.dumps(document.get("database", default={})), strict=True)
    except ValidationError:
        return None, ""
    mentioned = {database.writer_region, database.rotation_region}
    mentioned |= {region for record in database.instances for region in (record.region, record.copied_from)}
    return (database if mentioned <= {*regions, None} else None), regions[0]


def _fleets_have_room(document: Document) -> Iterator[Broken]:
    instances = ("compute", "instances")
    defaults = Instances()
    least = document.get(*instances, "minimum", default=defaults.minimum)
    desired = document.get(*instances, "desired", default=defaults.desired)
    most = document.get(*instances, "maximum", default=defaults.maximum)
    if not least <= desired <= most:
        yield (*instances, "desired"), f"is {desired}; it must lie between minimum ({least}) and maximum ({most})"
    if least >= most:
        yield (*instances, "minimum"), f"must be below maximum ({most}), or a rolling update has no room"
    containers = ("compute", "containers")
    fewest = document.get(*containers, "minimum", default=Containers().minimum)
    if fewest > document.get(*containers, "maximum", default=Containers().maximum):
        yield (*containers, "maximum"), f"is below minimum ({fewest})"


def _tasks_have_sizes_of_fargate(document: Document) -> Iterator[Broken]:
    place = ("compute", "containers")
    cpu = document.get(*place, "cpu", default=Containers().cpu)
    sizes = FARGATE_SIZES[cpu]
    if document.get(*place, "memory_mib", default=Containers().memory_mib) not in sizes:
        steps = f"{sizes[0]} to {sizes[-1]} in steps of {sizes[1] - sizes[0]}"
        offered = ", ".join(map(str, sizes)) if len(sizes) < 4 else steps
        yield (*place, "memory_mib"), f"does not go with {cpu} CPU units; Fargate offers {offered}"


def _api_names_have_certificates(document: Document) -> Iterator[Broken]:
    place = ("serverless", "api", "custom_domain")
    certificates = document.get(*place, "certificates")
    name, domain = document.get(*place, "name"), document.get("domain", "name")
    if name and domain and not name.endswith(f".{domain}"):
        yield (*place, "name"), f"must end with .{domain}: its record stands in that zone"
    if certificates is None:
        return
    regions = [document.get(*region, "name") for region in document.each("regions")]
    for missing in sorted({region for region in regions if region} - set(certificates)):
        yield (*place, "certificates"), f"has none for {missing}; every region answers with a certificate of its own"
    for region, arn in certificates.items():
        if region not in regions:
            yield (*place, "certificates", region), "is none of the regions of this file"
        elif isinstance(arn, str) and f":{region}:" not in arn:
            yield (*place, "certificates", region), "is a certificate of another region"


def _subscribers_can_be_told(document: Document) -> Iterator[Broken]:
    seen: dict[tuple[str, str], Location] = {}
    for subscription in document.each("subscriptions"):
        protocol, endpoint = document.get(*subscription, "protocol"), document.get(*subscription, "endpoint")
        if protocol not in ENDPOINTS or endpoint is None:
            continue
        pattern, words = ENDPOINTS[protocol]
        if not re.fullmatch(pattern, endpoint):
            yield (*subscription, "endpoint"), f"must be {words}, because the protocol is {protocol}"
        told = (str(document.get(*subscription, "topic")), endpoint)
        if told in seen:
            yield (*subscription, "endpoint"), f"hears this topic already, by {spelled(seen[told])}"
        seen.setdefault(told, subscription)


def _reservations_hold_what_is_processed_at_once(document: Document) -> Iterator[Broken]:
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
    place = ("serverless", "reserved_concurrency", "process_object")
    reserved = document.get(*place)
    at_once = document.get("serverless", "objects_at_once", default=Serverless().objects_at_once)
    if reserved is not None and reserved < at_once:
        yield place, f"is less than serverless.objects_at_once ({at_once}): the queue would be refused and give up"


def _somebody_serves(document: Document) -> Iterator[Broken]:
    share = ("compute", "share")
    if not any(document.get(*share, part, default=1) for part in ("instances", "containers")):
        yield share, "leaves nobody to serve requests; one of the weights must be above 0"


def _both_run_the_same_application(document: Document) -> Iterator[Broken]:
    application = ("compute", "application")
    for given, missing, runs in (("package", "image", "containers"), ("image", "package", "instances")):
        if document.get(*application, given) is not None and document.shown((*application, missing)) in (None, "null"):
            rule = f"is required with compute.application.{given}: it is what the {runs} run"
            yield (*application, missing), rule


def _images_are_reachable(document: Document) -> Iterator[Broken]:
    if document.get("network", "nat_gateways", default=Network().nat_gateways) != 0:
        return
    image = document.get("compute", "application", "image", default="")
    if not image.startswith("{account}.dkr.ecr.{region}."):
        rule = "must be an image of the region's private registry, {account}.dkr.ecr.{region}.amazonaws.com/..., "
        yield ("compute", "application", "image"), rule + "where network.nat_gateways is 0: no other can be reached"


def _countries_are_allowed_or_blocked(document: Document) -> Iterator[Broken]:
    place = ("cdn", "countries")
    if document.get(*place, "allow") and document.get(*place, "block"):
        yield (*place, "block"), "does not go with cdn.countries.allow, which blocks all others already; keep one"


def _the_edge_may_reach_the_application(document: Document) -> Iterator[Broken]:
    place = ("cdn", "dynamic_paths")
    ranges = [document.get(*range_) for range_ in document.each("allowed_cidr")]
    if document.get(*place) and ranges and not {None, "0.0.0.0/0"} & set(ranges):
        rule = "need 0.0.0.0/0 in allowed_cidr: CloudFront asks from addresses of its own, for anybody; "
        yield place, rule + "leave the paths empty where only some may reach the application"


def _recovery_keeps_its_targets(document: Document) -> Iterator[Broken]:
    routing, cdn = _section(document, "routing", Routing), _section(document, "cdn", Cdn)
    if routing is None or cdn is None:
        return
    for missed in missed_targets(failover_settings(routing, cdn), routing.rto_seconds.model_dump()):
        yield ("routing", "rto_seconds", missed.path), f"{missed} (`python -m ops.failover budget` shows the sums)"


def _section(document: Document, name: str, section: type[AnySection]) -> AnySection | None:
    """A section as it stands in the file, or None where it holds mistakes that are reported already."""
    try:
        return section.model_validate_json(json.dumps(document.get(name, default={})), strict=True)
    except ValidationError:
        return None


def _names_keep_their_limits(document: Document) -> Iterator[Broken]:
    team, environment = document.get("team"), document.get("environment")
    regions = [document.get(*region, "name") for region in document.each("regions")]
    account = document.get("account", default="0" * 12)
    if not team or not environment:
        return
    names = Names(team=team, environment=environment, account=account)
    too_long: dict[str, tuple[Limit, str]] = {}
    for limit, name in names.composed(tuple(region for region in regions if region)):
        if len(name) > max(limit.characters, len(too_long[limit.resource][1]) if limit.resource in too_long else 0):
            too_long[limit.resource] = (limit, name)
    for limit, name in too_long.values():
        excess = len(name) - limit.characters
        rule = (
            f"makes with environment {environment!r} the {limit.resource} {name!r}: {excess} characters over "
            f"the {limit.characters} that AWS allows ({limit.source}); shorten team or environment"
        )
        yield ("team",), rule


RULES: tuple[Rule, ...] = (
    _regions_are_named_once,
    _ranges_do_not_overlap,
    _zones_are_named_once,
    _copies_go_to_another_region,
    _nat_gateways_have_zones,
    _ssh_comes_from_few,
    _fleets_have_room,
    _tasks_have_sizes_of_fargate,
    _somebody_serves,
    _both_run_the_same_application,
    _images_are_reachable,
    _api_names_have_certificates,
    _reservations_hold_what_is_processed_at_once,
    _subscribers_can_be_told,
    _objects_age_before_they_expire,
    _database_can_grow,
    _database_regions_are_of_this_file,
    _database_writer_was_promoted,
    _database_rebuilds_are_possible,
    _database_copies_follow_what_stands,
    _secret_rotates_where_it_is_no_copy,
    _own_rotation_trusts_the_database,
    _countries_are_allowed_or_blocked,
    _the_edge_may_reach_the_application,
    _recovery_keeps_its_targets,
    _names_keep_their_limits,
)
