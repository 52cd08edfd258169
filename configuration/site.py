"""The versions of the site, and where each is kept."""

import hashlib

from configuration.cdn import PROJECT

RELEASES = "releases"
"""The folder of the assets' bucket below which every version has one of its own."""


def release_prefix(site: str) -> str:
    """Where the version of a site is kept that its folder holds at the moment: a digest of its names and contents."""
    folder = PROJECT / site
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        contents = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(contents)}\0".encode() + contents)
    return f"{RELEASES}/{digest.hexdigest()[:16]}"
