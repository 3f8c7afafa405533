"""Channels, their members and the sidebar."""
