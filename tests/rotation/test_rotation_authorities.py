"""The certificates by which the function knows a database of RDS."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from rotate_secret.settings import Settings

from configuration import load_environment
from configuration.database import AUTHORITIES
from configuration.loading import available_environments
from configuration.partition import regions

BUNDLES = sorted(AUTHORITIES.glob("*.pem"))


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.stem)
def test_a_bundle_holds_the_regions_own_roots_for_years(bundle: Path) -> None:
    certificates = x509.load_pem_x509_certificates(bundle.read_bytes())
    assert bundle.stem in regions()
    kinds = set()
    for certificate in certificates:
        (name,) = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        owner, _, kind = str(name.value).partition(" Root CA ")
        assert owner == f"Amazon RDS {bundle.stem}"
        kinds.add(kind)
        assert certificate.issuer == certificate.subject
        certificate.verify_directly_issued_by(certificate)
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert certificate.not_valid_after_utc > datetime.now(UTC) + timedelta(days=3650)
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
    assert kinds == {"RSA2048 G1", "RSA4096 G1", "ECC384 G1"}


def test_the_function_loads_every_bundle_from_the_root_of_its_archive() -> None:
    assert len(BUNDLES) >= 25
    for bundle in BUNDLES:
        relative = bundle.relative_to(AUTHORITIES.parents[1])
        trusted = Settings.from_environment({"DATABASE_CA_BUNDLE": str(relative)}).tls.get_ca_certs()
        assert len(trusted) == 3


@pytest.mark.parametrize("name", available_environments())
def test_a_provided_environment_can_choose_the_own_function_anywhere(name: str) -> None:
    known = {bundle.stem for bundle in BUNDLES}
    assert {region.name for region in load_environment(name).regions} <= known
