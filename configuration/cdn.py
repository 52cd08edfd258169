"""What an environment may say about its content delivery network."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from configuration.section import Section

PROJECT = Path(__file__).resolve().parent.parent

INDEX, NOT_FOUND, UNAVAILABLE = "index.html", "errors/not-found.html", "errors/unavailable.html"
"""The pages that every site has: the first one, and what is shown instead of what is missing or cannot be reached."""


def _a_site(path: str) -> str:
    missing = [page for page in (INDEX, NOT_FOUND, UNAVAILABLE) if not (PROJECT / path / page).is_file()]
    if missing:
        raise ValueError(f"is no folder below {PROJECT.name} with the pages of a site; it lacks {', '.join(missing)}")
    return path


def _some_paths(pattern: str) -> str:
    if pattern in ("/*", "*"):
        raise ValueError("must leave a path to the assets; name the application's own, such as /items/*")
    return pattern


# ISO 3166-1 alpha-2, as CloudFront takes them.
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern
PathPattern = Annotated[str, Field(pattern=r"^/[A-Za-z0-9_.*$/~@:+?-]*$", max_length=255), AfterValidator(_some_paths)]


class EdgeFirewall(Section):
    """The web application firewall before the distributions."""

    enabled: bool = Field(default=False, description="whether the distributions have a firewall")
    requests_per_five_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = Field(
        default=10_000, description="the requests one address may send in five minutes before it is refused"
    )


class Countries(Section):
    """From where the assets may be read: from everywhere, from the countries allowed, or from all but those blocked."""

    allow: tuple[Country, ...] = Field(default=(), description="codes of the only countries to serve, such as DE")
    block: tuple[Country, ...] = Field(default=(), description="codes of the countries not to serve")


class AssetsOrigin(Section):
    """How long CloudFront waits for a region's bucket before it asks the partner region's."""

    connection_timeout: Annotated[int, Field(ge=1, le=10)] = Field(default=2, description="seconds, 1 to 10")
    connection_attempts: Annotated[int, Field(ge=1, le=3)] = Field(default=2, description="1 to 3")
    response_timeout: Annotated[int, Field(ge=1, le=60)] = Field(default=5, description="seconds, 1 to 60")


class ApiOrigin(Section):
    """How long CloudFront waits for a load balancer."""

    connection_timeout: Annotated[int, Field(ge=1, le=10)] = Field(default=2, description="seconds, 1 to 10")
    connection_attempts: Annotated[int, Field(ge=1, le=3)] = Field(default=1, description="1 to 3")
    response_timeout: Annotated[int, Field(ge=1, le=60)] = Field(default=10, description="seconds, 1 to 60")


class Cdn(Section):
    """The distributions over the regions' static assets."""

    custom_names: bool = Field(
        default=True, description="whether they answer to names of the domain, or to CloudFront's own only"
    )
    site: Annotated[str, Field(min_length=1), AfterValidator(_a_site)] = Field(
        default="constructs/cdn/site", description="the folder of the static assets, from the project's folder"
    )
    dynamic_paths: Annotated[tuple[PathPattern, ...], Field(max_length=20)] = Field(
        default=(), description="the paths that lead through the CDN to the application, such as /items/*"
    )
    price_class: Literal["100", "200", "all"] = Field(
        default="100", description="100: edges of North America and Europe; 200: most of the world; all: every edge"
    )
    countries: Countries = Field(default=Countries(), description="from where the assets may be read")
    waf: EdgeFirewall = Field(default=EdgeFirewall(), description="the firewall before the distributions")
    assets_origin: AssetsOrigin = Field(default=AssetsOrigin(), description="CloudFront's patience with a bucket")
    api_origin: ApiOrigin = Field(default=ApiOrigin(), description="CloudFront's patience with a load balancer")
