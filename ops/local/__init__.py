"""The whole platform on a laptop: deployed by the real CDK CLI into the local AWS, used, and taken down again."""
