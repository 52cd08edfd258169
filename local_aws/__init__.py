"""AWS on the laptop: MiniStack with the CloudFormation types it lacks, repaired where it differs from AWS.

Nothing here reaches a real AWS account, and no real credential reaches what runs here. What is real, what is a
record without anything behind it and what is a stand-in stands in :mod:`local_aws.fidelity`; docs/local-aws.md
tells how to use it.
"""
