"""The platform's default application: a small HTTPS service that shows which region serves a client.

It is the stand-in for the user's own application and keeps the contract that ``docs/application.md`` states: TLS on
one port, a shallow and a deep health check, SIGTERM drains. The same source runs on EC2 (Amazon Linux 2023, system
Python 3.9) and on Fargate (a public Python image, read-only root file system, any user), with nothing but the
standard library and without writing a file.

Run it with ``python3 -m application``, or as the archive that ``application.packaging`` makes.
"""

__version__ = "1.0.0"
