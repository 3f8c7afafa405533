import json

from benches.cases.post_bytes import POSTS, post_list
from matterapi.decoding.schema import decoder_for
from matterapi.models import PostList


def test_a_list_has_200_posts_and_the_size_of_a_real_one() -> None:
    content = post_list(1)
    value = json.loads(content)

    assert len(value["order"]) == len(value["posts"]) == POSTS == 200
    assert 180_000 < len(content) < 195_000


def test_the_same_seed_gives_the_same_list_and_others_share_no_post() -> None:
    assert post_list(1) == post_list(1)
    assert not set(json.loads(post_list(1))["order"]) & set(json.loads(post_list(2))["order"])


def test_a_longer_list_starts_with_the_shorter_one_s_posts() -> None:
    short, long = json.loads(post_list(1)), json.loads(post_list(1, 2 * POSTS))

    assert long["order"][:POSTS] == short["order"]
    assert len(long["posts"]) == 2 * POSTS


def test_text_is_escaped_as_the_server_does() -> None:
    content = post_list(1)

    assert b"\\u003e see" in content
    assert b">" not in content
    assert "café".encode() in content


def test_our_models_lose_nothing_of_a_list() -> None:
    content = post_list(1)
    decoded = decoder_for(PostList).decode(content)

    assert isinstance(decoded, PostList)
    dumped = decoded.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for post in json.loads(content)["posts"].values():
        shown = dumped["posts"][post["id"]]
        assert shown | {"participants": None, "metadata": None} == post | {"metadata": None}
        for kind, items in post["metadata"].items():
            assert shown["metadata"][kind] == items
