"""The websocket: its frames and messages, the streams of events, who gets what."""
