"""What a change of state brings with it: further changes, system posts, counters and events."""
