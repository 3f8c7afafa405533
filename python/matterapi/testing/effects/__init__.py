"""What a change brings with it: the steps that several operations share, and the events that they cause."""
