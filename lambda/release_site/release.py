"""A release: the files of an archive as objects below a prefix of their own."""

from __future__ import annotations

import mimetypes
import tempfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ALWAYS_ASK = "no-cache"
"""What browsers are told of pages, whose contents change under the same name. Edges forget them by an invalidation."""
_CACHE_A_DAY = "public, max-age=86400"
_PAGES = (".html", ".json", ".webmanifest", ".xml", ".txt")
_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Archive:
    """Where the archive of a site is."""

    bucket: str
    key: str


def release(s3: S3Client, archive: Archive, *, bucket: str, prefix: str) -> int:
    """Put every file of ``archive`` into ``bucket`` below ``prefix``; the number of files is returned.

    The same release can be put there again: the same names get the same contents.
    """
    with tempfile.TemporaryFile() as file:
        s3.download_fileobj(archive.bucket, archive.key, file)
        with zipfile.ZipFile(file) as site:
            names = [name for name in site.namelist() if not name.endswith("/")]
            for name in names:
                s3.put_object(
                    Bucket=bucket,
                    Key=f"{prefix}/{name}",
                    Body=site.read(name),
                    ContentType=mimetypes.guess_type(name)[0] or _UNKNOWN_TYPE,
                    CacheControl=_ALWAYS_ASK if name.endswith(_PAGES) else _CACHE_A_DAY,
                )
            return len(names)
