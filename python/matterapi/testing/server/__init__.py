"""The server as tests see it, and the way of a request through it."""
