"""What this library warns about, beside what it raises."""

from __future__ import annotations


class UnknownKeyWarning(UserWarning):
    """A body given as a dict has a key that the operation does not know: misspelled, most likely.

    It is sent all the same, and the server ignores it. Each key of an operation is warned about once a
    process; `warnings.filterwarnings("error", category=UnknownKeyWarning)` makes it an error, before anything
    is sent.
    """


class DroppedValueWarning(UserWarning):
    """The server did what was asked, but without some of the values of a list, and did not say so.

    Such are files of a post that are unknown, of another user, or in use by another post (app/post.go,
    attachFileIDsToPost). Where `warnings.filterwarnings` makes it an error, the post is there all the same.
    """
