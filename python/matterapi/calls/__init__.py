"""What carries a call, whichever client makes it: operations, bodies, scripts, streams."""
