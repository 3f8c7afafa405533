"""The operations that have code of their own, in a folder for each resource."""
