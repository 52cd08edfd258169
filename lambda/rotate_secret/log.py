"""The function's structured log."""

import logging

from aws_lambda_powertools import Logger

# At DEBUG the SDK logs whole requests and answers, secrets included: whatever the log level, it must not.
logging.getLogger("botocore").setLevel(logging.INFO)

logger = Logger()
