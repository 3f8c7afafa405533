"""The client's websocket against RFC 6455: cases, what carries them out, and the page of their outcomes."""
