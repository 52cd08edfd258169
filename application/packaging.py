"""The application as one file, and as the command of a container that holds nothing but Python.

Not a part of the application itself: the platform uses it when it is synthesised.
"""

from __future__ import annotations

import base64
import io
import zipfile
import zlib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_START = "import sys\nfrom application.__main__ import main\nsys.exit(main())\n"
# A fixed time: the same source gives the same bytes, so nothing is replaced that did not change.
_TIME = (1980, 1, 1, 0, 0, 0)


def archive() -> bytes:
    """A zip file that Python runs: ``python3 application.pyz``. The same source gives the same bytes."""
    return _zip(zipfile.ZIP_DEFLATED)


def container_command() -> list[str]:
    """The command of a container of a public Python image that runs the application, which it carries in itself.

    No image is built, nothing is fetched at the start, and no file system has to be writable: the archive is put
    into memory and run from there. ECS takes a task definition of up to 64 KiB:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
    """
    # Compressed as a whole, which is a quarter smaller than file by file.
    payload = base64.b64encode(zlib.compress(_zip(zipfile.ZIP_STORED), 9)).decode()
    script = (
        "import base64,os,runpy,zlib;"
        "file=os.memfd_create('application');"
        f"os.write(file,zlib.decompress(base64.b64decode('{payload}')));"
        "runpy.run_path(f'/proc/self/fd/{file}',run_name='__main__')"
    )
    return ["python3", "-c", script]


def _zip(compression: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression, compresslevel=9) as file:
        for source in sorted(_PACKAGE.glob("*.py")):
            if source != Path(__file__).resolve():
                file.writestr(
                    zipfile.ZipInfo(f"{_PACKAGE.name}/{source.name}", _TIME), source.read_bytes(), compression
                )
        file.writestr(zipfile.ZipInfo("__main__.py", _TIME), _START, compression)
    return buffer.getvalue()
