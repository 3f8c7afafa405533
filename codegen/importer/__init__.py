"""Takes a newer description of the API into `spec/`: see docs/contributing/bump-the-server.md."""
