"""What hostile servers, proxies and chat users may try; every attack that once worked has its test here.

An attack is a script of `tests.support.scripted` (raw bytes) or `tests.support.websocket` (raw frames), run
by the fixture `attack` for both clients, in plain and over TLS where the test asks for it. `cost.py` judges
work by its growth and `apart.py` memory by the peak of a process of its own.
"""
