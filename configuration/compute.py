"""What the company runs, and on what: the application, its instances and its containers."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from configuration.section import Section

PROJECT = Path(__file__).resolve().parent.parent

FARGATE_SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""The MiB of memory that go with each number of CPU units (1024 are one vCPU).

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
"""

PACKAGE = "{package}"
"""What stands for the path of the package in the command that runs it."""

SET_BY_THE_PLATFORM = (
    "APPLICATION_VERSION",
    "AWS_REGION",
    "BUCKET_NAME",
    "DATABASE_HOST",
    "DATABASE_PORT",
    "DATABASE_SECRET",
    "PORT",
    "TABLE_NAME",
)
"""The environment variables that tell the application where it is and where its data is."""


def _not_the_platforms(name: str) -> str:
    if name in SET_BY_THE_PLATFORM:
        raise ValueError(f"is set by the platform, like {', '.join(SET_BY_THE_PLATFORM)}; choose another name")
    return name


def _a_file(path: str) -> str:
    if not (PROJECT / path).is_file():
        raise ValueError(f"is no file below {PROJECT.name}; give the path of the file that the instances are to run")
    return path


def _with_a_package(words: tuple[str, ...]) -> tuple[str, ...]:
    if not any(PACKAGE in word for word in words):
        raise ValueError(f"must hold {PACKAGE}, which stands for the path of what is to be run")
    return words


Package = Annotated[str, Field(min_length=1), AfterValidator(_a_file)]
# Nothing that systemd or a shell would read as its own.
Word = Annotated[str, Field(pattern=r"^([A-Za-z0-9@+=:,./_-]|\{package\})+$")]
Command = Annotated[tuple[Word, ...], Field(min_length=1, max_length=20), AfterValidator(_with_a_package)]
Image = Annotated[
    str,
    Field(
        pattern=r"^([a-z0-9._/-]|\{account\}|\{region\})+(:[A-Za-z0-9._-]+)?(@sha256:[a-f0-9]{64})?$", max_length=512
    ),
]
VariableName = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$"), AfterValidator(_not_the_platforms)]
# Printable, for the same reason.
VariableValue = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f\"'`$\\%]*$", max_length=1024)]
UrlPath = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/-]*$", max_length=1024)]


class Application(Section):
    """The company's application: a package for the instances and an image for the containers.

    Without both it is the default one of this project, which needs no image of its own.
    """

    package: Package | None = Field(
        default=None,
        description="the path of the file that instances run, from the project's folder: a Python archive, a program",
    )
    command: Command = Field(
        default=("python3", PACKAGE), description="how the package is run; {package} stands for its path"
    )
    image: Image | None = Field(
        default=None,
        description="the image that containers run; {account} and {region} in it are filled in",
    )
    port: Annotated[int, Field(ge=1, le=65535)] = Field(
        default=443, description="the port on which the application speaks HTTPS"
    )
    health_path: UrlPath = Field(
        default="/health", description="the path that answers 200 while the application serves"
    )
    access: tuple[Literal["objects", "database-credentials"], ...] = Field(
        default=(),
        description="what the application may do besides keeping its items in the catalogue table: read and write the "
        "main bucket's objects, read the database's credentials",
    )
    environment: dict[VariableName, VariableValue] = Field(
        default={}, description="environment variables of the application; no secrets, they are plain to see"
    )


class Instances(Section):
    """The application on EC2: an Auto Scaling group in every region."""

    type: Annotated[str, Field(pattern=r"^c5[a-z]*\.[a-z0-9]+$")] = Field(
        default="c5.large", description="an instance type of the C5 family"
    )
    minimum: Annotated[int, Field(ge=1, le=1000)] = Field(default=2, description="the fewest instances of a region")
    desired: Annotated[int, Field(ge=1, le=1000)] = Field(default=3, description="the instances a region starts with")
    maximum: Annotated[int, Field(ge=2, le=1000)] = Field(default=10, description="the most instances of a region")
    cpu_target_percent: Annotated[int, Field(ge=10, le=90)] = Field(
        default=70, description="the CPU load that scaling aims at, 10 to 90 %"
    )
    volume_gib: Annotated[int, Field(ge=8, le=16384)] = Field(
        default=20, description="the size of an instance's volume, in GiB"
    )


class Containers(Section):
    """The application on Fargate: a service in every region."""

    architecture: Literal["arm64", "x86_64"] = Field(default="arm64", description="the processor the image is made for")
    cpu: Literal[256, 512, 1024, 2048, 4096, 8192, 16384] = Field(default=512, description="a task's CPU units")
    memory_mib: int = Field(default=1024, description="a task's memory in MiB, one of the sizes that go with cpu")
    minimum: Annotated[int, Field(ge=1, le=1000)] = Field(default=3, description="the fewest tasks of a region")
    maximum: Annotated[int, Field(ge=1, le=1000)] = Field(default=10, description="the most tasks of a region")
    cpu_target_percent: Annotated[int, Field(ge=10, le=90)] = Field(
        default=70, description="the CPU load that scaling aims at, 10 to 90 %"
    )
    memory_target_percent: Annotated[int, Field(ge=10, le=90)] = Field(
        default=75, description="the memory use that scaling aims at, 10 to 90 %"
    )
    user: Annotated[str, Field(pattern="^[1-9][0-9]{0,4}:[0-9]{1,5}$")] = Field(
        default="65534:65534", description="the numbers of the user and the group that a task runs as; never root"
    )
    exec: bool = Field(default=False, description="whether ECS Exec may open a shell in a task")


class Share(Section):
    """How requests are divided between the two; 0 takes one out."""

    instances: Annotated[int, Field(ge=0, le=999)] = Field(default=1, description="the instances' weight, 0 to 999")
    containers: Annotated[int, Field(ge=0, le=999)] = Field(default=1, description="the containers' weight, 0 to 999")


class Waf(Section):
    """A web application firewall."""

    enabled: bool = Field(default=False, description="whether there is a firewall")
    requests_per_five_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = Field(
        default=2000, description="the requests one address may send in five minutes before it is refused"
    )


class Compute(Section):
    """What serves the application in every region."""

    application: Application = Field(default=Application(), description="the application")
    instances: Instances = Field(default=Instances(), description="the application on EC2")
    containers: Containers = Field(default=Containers(), description="the application on Fargate")
    share: Share = Field(default=Share(), description="how requests are divided between instances and containers")
    waf: Waf = Field(default=Waf(), description="the firewall before the load balancer")
