"""Benchmarks against other clients: `python -m benches`. See README.md."""
