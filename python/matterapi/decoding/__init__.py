"""From JSON to values: what the core decodes by, and what becomes of values that do not fit."""
