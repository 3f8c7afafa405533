"""Websocket events: their bytes, who gets them, and the sockets they go to."""
