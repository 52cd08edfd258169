"""Which bucket is copied to which."""

from dataclasses import dataclass

from configuration import Names
from configuration.names import REPLICATED


@dataclass(frozen=True)
class ReplicatedBucket:
    """A bucket's name, its destination's, and the construct id for what belongs to the pair."""

    construct_id: str
    source: str
    destination: str


def replicated_buckets(names: Names, *, region: str, partner: str) -> list[ReplicatedBucket]:
    """The buckets of ``region`` whose objects are copied to ``partner``."""
    return [
        ReplicatedBucket(
            construct_id=purpose.name.title().replace("_", ""),
            source=names.bucket(purpose, region),
            destination=names.bucket(purpose, partner),
        )
        for purpose in REPLICATED
    ]
