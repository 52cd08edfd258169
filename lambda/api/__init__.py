"""The API of the data pipeline: objects in, their status and results out."""
