"""The training of the wheel's build."""
