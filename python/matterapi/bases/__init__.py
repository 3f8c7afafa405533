"""The parents of the generated models."""
