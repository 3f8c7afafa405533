"""The generator: `spec/` in, generated Python and reference pages out. Development only, never shipped."""
