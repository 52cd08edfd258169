"""What every MySQL instance of the platform has in common."""

from aws_cdk import aws_rds as rds
from constructs import Construct

ENGINE = rds.DatabaseInstanceEngine.mysql(version=rds.MysqlEngineVersion.VER_8_4_8)
"""The version a first instance is created with; minor versions follow by themselves, a copy has its source's."""

EXPORTED_LOGS = ("error", "slowquery")


class MysqlParameters(rds.ParameterGroup):
    """Refuses connections without TLS (MySQL 8.4 offers 1.2 and 1.3 only), and logs statements of over a second.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.require-ssl.html
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            engine=ENGINE,
            description="TLS only; slow statements are logged",
            parameters={
                "require_secure_transport": "1",
                "slow_query_log": "1",
                "long_query_time": "1",
                "log_output": "FILE",
            },
        )
