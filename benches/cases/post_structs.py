"""msgspec's types for a list of posts: the fields of our models, for the fastest way msgspec has.

Nested values that no post of the measured lists has are plain dicts; that costs nothing.
"""

# msgspec is in the environment of the peers only, not where the types are checked.
# mypy: disable-error-code="import-not-found,misc,call-arg"

from __future__ import annotations

from typing import Any

import msgspec


class FileInfo(msgspec.Struct, gc=False):
    id: str | None = None
    user_id: str | None = None
    post_id: str | None = None
    create_at: int | None = None
    update_at: int | None = None
    delete_at: int | None = None
    name: str | None = None
    extension: str | None = None
    size: int | None = None
    mime_type: str | None = None
    width: int | None = None
    height: int | None = None
    has_preview_image: bool | None = None
    channel_id: str | None = None
    mini_preview: str | None = None
    remote_id: str | None = None
    archived: bool | None = None


class Reaction(msgspec.Struct, gc=False):
    user_id: str | None = None
    post_id: str | None = None
    emoji_name: str | None = None
    create_at: int | None = None
    update_at: int | None = None
    delete_at: int | None = None
    remote_id: str | None = None
    channel_id: str | None = None


class PostMetadata(msgspec.Struct, gc=False):
    embeds: list[dict[str, Any]] | None = None
    emojis: list[dict[str, Any]] | None = None
    files: list[FileInfo] | None = None
    images: dict[str, dict[str, Any]] | None = None
    reactions: list[Reaction] | None = None
    priority: dict[str, Any] | None = None
    acknowledgements: list[dict[str, Any]] | None = None
    translations: dict[str, dict[str, Any]] | None = None
    expire_at: int | None = None
    recipients: list[str] | None = None


class Post(msgspec.Struct, gc=False):
    id: str | None = None
    create_at: int | None = None
    update_at: int | None = None
    delete_at: int | None = None
    edit_at: int | None = None
    user_id: str | None = None
    channel_id: str | None = None
    root_id: str | None = None
    original_id: str | None = None
    message: str | None = None
    type: str | None = None
    props: dict[str, Any] | None = None
    file_ids: list[str] | None = None
    pending_post_id: str | None = None
    metadata: PostMetadata | None = None
    is_pinned: bool | None = None
    message_source: str | None = None
    hashtags: str | None = None
    has_reactions: bool | None = None
    remote_id: str | None = None
    reply_count: int | None = None
    last_reply_at: int | None = None
    participants: list[dict[str, Any]] | None = None
    is_following: bool | None = None
    hashtag: str | None = None


class PostList(msgspec.Struct, gc=False):
    order: list[str] | None = None
    posts: dict[str, Post] | None = None
    next_post_id: str | None = None
    prev_post_id: str | None = None
    has_next: bool | None = None
    first_inaccessible_post_time: int | None = None
