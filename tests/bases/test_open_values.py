"""Bodies whose fields with free keys take a dict: at run time they are what they always were."""

from __future__ import annotations

from matterapi.bases.open_values import OrDict
from matterapi.models import ConvertBotToUserJsonBody, CreatePostJsonBody


def test_a_dict_becomes_the_model_of_the_field() -> None:
    body = CreatePostJsonBody(channel_id="c", message="m", props={"mark": "x"})
    assert isinstance(body.props, CreatePostJsonBody.Props)
    assert body.props["mark"] == "x"
    assert body.model_dump(exclude_unset=True)["props"] == {"mark": "x"}
    assert CreatePostJsonBody.model_fields["props"].annotation == CreatePostJsonBody.Props | None
    assert ConvertBotToUserJsonBody(props={"a": "b"}) == ConvertBotToUserJsonBody.model_validate(
        {"props": {"a": "b"}}
    )


def test_the_type_is_the_model_itself() -> None:
    assert OrDict[CreatePostJsonBody] is CreatePostJsonBody  # type: ignore[comparison-overlap, misc, unused-ignore]
