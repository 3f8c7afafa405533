"""Websocket events."""
