"""Checks that the packages of the extra are there; importing it raises ImportError where one is missing.

They are not imported for that: a server without TLS has no use for trustme, which takes long to load.
"""

from importlib.util import find_spec

for name in ("aiohttp", "msgpack", "trustme"):
    if find_spec(name) is None:
        why = f"matterapi.testing needs the package {name!r}: pip install matterapi[testing]"
        raise ImportError(why, name=name)
