"""Versions of the site: put beside each other, switched as a whole, and then asked for anew."""

from pathlib import Path

from configuration.cdn import INDEX, NOT_FOUND, UNAVAILABLE, Cdn
from configuration.names import Stacks
from configuration.site import release_prefix
from tests.synthesis import PROJECT, Assembly
from tests.template_reading import role_statements


def test_files_come_before_the_distribution_and_the_invalidation_after_it(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        (files,) = stack.of_type("Custom::SiteRelease")
        ((_, invalidation),) = stack.of_type("Custom::SiteInvalidation").items()
        (distribution,) = [
            logical_id
            for logical_id, found in stack.of_type("AWS::CloudFront::Distribution").items()
            if found["Properties"]["DistributionConfig"]["Logging"]["Prefix"] == "assets/"
        ]
        assert files in stack.resources[distribution]["DependsOn"]
        assert distribution in invalidation["DependsOn"]
        assert invalidation["Properties"]["DistributionId"] == {"Ref": distribution}


def test_the_function_may_write_releases_read_the_archive_and_invalidate_this_distribution(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        (role,) = [role for role in stack.of_type("AWS::IAM::Role") if role.startswith("SiteFunctionRole")]
        allowed = {
            action: statement["Resource"]
            for statement in role_statements(stack, role)
            for action in statement["Action"]
        }
        assert allowed["s3:PutObject"] == [
            f"arn:aws:s3:::static-assets-000000000000-acme-test-{stack.region}/releases/*"
        ]
        assert allowed["s3:GetObject"][0].endswith(".zip")
        assert "AssetsDistribution" in allowed["cloudfront:CreateInvalidation"][0]
        assert not {action for action in allowed if "Delete" in action}


def test_the_policy_is_there_before_the_invalidation(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        (invalidation,) = stack.of_type("Custom::SiteInvalidation").values()
        policies = [
            needed
            for needed in invalidation["DependsOn"]
            if stack.resources[needed]["Type"] == "AWS::IAM::Policy"
            and "cloudfront:CreateInvalidation" in str(stack.resources[needed])
        ]
        assert len(policies) == 1


def test_a_release_is_named_by_the_contents_of_its_files(tmp_path: Path) -> None:
    def named(**files: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, contents in files.items():
            (folder / name).write_text(contents)
        return release_prefix(str(folder))

    first = named(a="1", b="2")
    assert named(b="2", a="1") == first
    assert len({first, named(a="1", b="3"), named(a="1", c="2"), named(a="12", b=""), named(a="1")}) == 5


def test_the_provided_site_has_every_page_it_is_asked_for() -> None:
    site = PROJECT / Cdn().site
    for page in (INDEX, NOT_FOUND, UNAVAILABLE):
        contents = (site / page).read_text()
        assert contents.startswith("<!DOCTYPE html>")
        # The security headers forbid what stands in the page itself or comes from elsewhere.
        assert not {part for part in ("<script", "<style", "style=", "http://", "https://") if part in contents}, page
