"""Archives what an account can read from now on into SQLite: TOKEN=... python archive.py <url> <database>.

No post is missed, whatever happens to the network, the server or this program: start it again, and it goes on
where it was. Posts and position are in one database, and are committed together.
"""

import os
import signal
import sqlite3
import sys

from matterapi import SyncClient
from matterapi.events import PostDeleted, Posted, PostEdited, SQLiteCheckpoint

TABLE = "CREATE TABLE IF NOT EXISTS post (id PRIMARY KEY, channel_id, user_id, message, update_at, deleted)"
# Some events come again after a restart, and an edit may come before its post: the newest state stays.
KEEP = """INSERT INTO post VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (id) DO UPDATE
    SET message = excluded.message, update_at = excluded.update_at WHERE update_at < excluded.update_at"""
DELETE = "INSERT INTO post VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (id) DO UPDATE SET deleted = 1"

client = SyncClient(options={"url": sys.argv[1], "auth": {"token": os.environ["TOKEN"]}})
database = sqlite3.connect(sys.argv[2])
database.execute(TABLE)
with client.events(Posted, PostEdited, PostDeleted, checkpoint=SQLiteCheckpoint(database)) as stream:
    signal.signal(signal.SIGTERM, lambda _number, _frame: stream.stop())
    stream.ready()
    database.commit()  # where the archive begins
    print("archiving", flush=True)
    for batch in stream.batches():
        with database:
            for event in batch:
                post, statement = event.post, DELETE if isinstance(event, PostDeleted) else KEEP
                row = (post.id, post.channel_id, post.user_id, post.message, post.update_at)
                database.execute(statement, row)
        print(f"{len(batch)} events", flush=True)
database.commit()
database.close()
