"""Whether a listener gets everything, whatever is cut: `python -m tests.survival`, `make survival`."""
