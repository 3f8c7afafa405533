"""The calls that public bots make, in their order: checked strictly, and run against the embedded server."""
