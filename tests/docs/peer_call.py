"""A call by another library, in a process of its own: `python -I peer_call.py <library>`.

Reads `{"url", "token", "call", "arguments"}` as JSON from standard input and writes what became of it: the
type of the result and how many items it has, or the class of the error. It imports nothing of ours: matterapi
0.5.0, which has the same name, is run by an interpreter of its own.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any
from urllib.parse import urlsplit


def driver_of(library: str, url: str, token: str) -> Any:
    package = importlib.import_module(library)
    if library == "matterapi":
        options = package.ApiClientOptions(url=url, auth={"token": token})
        return package.SyncClient(options=options)
    parts = urlsplit(url)
    options = {"url": parts.hostname, "port": parts.port, "scheme": parts.scheme, "token": token}
    driver = (getattr(package, "TypedDriver", None) or package.Driver)(options)
    driver.client.token = token
    return driver


def create_post(library: str, driver: Any, body: dict[str, Any]) -> Any:
    if library == "matterapi":
        return driver.posts.create_post(json_body=body)
    if library == "mattermostdriver":
        return driver.posts.create_post(body)
    return driver.posts.create_post(**body)


def main() -> None:
    library, task = sys.argv[1], json.load(sys.stdin)
    driver = driver_of(library, task["url"], task["token"])
    try:
        if task["call"] == "create_post":
            result = create_post(library, driver, task["arguments"])
        else:
            group, _, method = task["call"].partition(".")
            result = getattr(getattr(driver, group), method)(*task["arguments"])
    except Exception as error:  # noqa: BLE001 - what it raises is what is asked
        print(json.dumps({"error": type(error).__name__}))
        return
    size = len(result) if isinstance(result, list) else 1
    print(json.dumps({"type": type(result).__name__, "size": size}))


if __name__ == "__main__":
    main()
