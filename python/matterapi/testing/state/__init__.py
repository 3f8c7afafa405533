"""The state that a server keeps in memory, and what can be read off it."""
