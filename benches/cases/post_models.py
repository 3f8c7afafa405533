"""pydantic's models of a post, as a user of a bare websocket client would write them: the fields of ours."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class FileInfo(BaseModel):
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


class Reaction(BaseModel):
    user_id: str | None = None
    post_id: str | None = None
    emoji_name: str | None = None
    create_at: int | None = None
    update_at: int | None = None
    delete_at: int | None = None
    remote_id: str | None = None
    channel_id: str | None = None


class PostMetadata(BaseModel):
    embeds: list[dict[str, Any]] | None = None
    emojis: list[dict[str, Any]] | None = None
    files: list[FileInfo] | None = None
    images: dict[str, dict[str, Any]] | None = None
    reactions: list[Reaction] | None = None
    priority: dict[str, Any] | None = None
    acknowledgements: list[dict[str, Any]] | None = None


class Post(BaseModel):
    id: str
    create_at: int
    update_at: int
    delete_at: int
    edit_at: int
    user_id: str
    channel_id: str
    root_id: str
    original_id: str
    message: str
    type: str
    props: dict[str, Any]
    file_ids: list[str] | None = None
    pending_post_id: str = ""
    metadata: PostMetadata | None = None
    is_pinned: bool = False
    hashtags: str = ""
    remote_id: str | None = None
    reply_count: int = 0
    last_reply_at: int = 0
    participants: list[dict[str, Any]] | None = None


class PostList(BaseModel):
    order: list[str]
    posts: dict[str, Post]
    next_post_id: str = ""
    prev_post_id: str = ""
    has_next: bool | None = None
    first_inaccessible_post_time: int = 0


class NewPost(BaseModel):
    channel_id: str
    message: str
    root_id: str | None = None
    file_ids: list[str] | None = None
    props: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
