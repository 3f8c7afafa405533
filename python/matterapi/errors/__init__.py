"""The errors of this library, and how they come about."""
