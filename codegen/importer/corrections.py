"""Where the description is wrong and the server's own traffic or sources say what is right."""

from __future__ import annotations

from .schemas import Json


def correct(description: Json) -> None:
    """Mend the description in place."""
    schemas = description["components"]["schemas"]
    # A map from URL to size (model.PostMetadata.Images), described as an object with `items`.
    schemas["PostMetadata"]["properties"]["images"] = {
        "type": "object",
        "additionalProperties": {"$ref": "#/components/schemas/PostImage"},
    }
