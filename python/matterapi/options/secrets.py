"""A parent for option models that hold credentials: readable as attributes, masked everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    FieldSerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_serializer,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError
from typing_extensions import Self

from matterapi.redaction.patterns import MASK

from .refusals import TOP, check_names, refusals


class SecretiveModel(BaseModel):
    """Parent of the option models.

    `repr`, `str`, `model_dump`, `model_dump_json` and pickles show `**********` for the fields named in
    `_secret_fields`; `model_dump(context={"secrets": True})` shows them. Validation errors do not
    quote their input. Copies keep the secrets; what comes out of a pickle has lost them.

    Raises:
        InvalidOptions: A value cannot be used, or there is no option of that name. It is a `ValueError`, and
            for values a `pydantic.ValidationError` as well, for names a `TypeError`.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        coerce_numbers_to_str=True, hide_input_in_errors=True, defer_build=True
    )

    _secret_fields: ClassVar[frozenset[str]] = frozenset()
    _place: ClassVar[str] = TOP

    if not TYPE_CHECKING:  # type checkers read the fields instead

        def __init__(self, /, **values: Any) -> None:
            with refusals():
                super().__init__(**values)

        # Otherwise pydantic makes nested models through it, and would get our errors instead of its own.
        __init__.__pydantic_base_init__ = True

        @classmethod
        def model_validate(cls, obj: Any, **how: Any) -> Self:
            """As pydantic's, with our errors."""
            with refusals():
                return super().model_validate(obj, **how)

    @classmethod
    def read(cls, data: Any) -> Self:
        """`model_validate` for use inside of validators, with pydantic's own errors."""
        return super().model_validate(data)

    @classmethod
    def check_names(cls, data: Mapping[Any, Any]) -> None:
        """Refuse names that no option in this place has.

        Raises:
            UnknownNameError: See `refusals.check_names`.
        """
        places: dict[str, dict[str, None]] = {}
        for model in SecretiveModel.__subclasses__():
            places.setdefault(model._place, {}).update(dict.fromkeys(model.model_fields))
        check_names(data, cls._place, places)

    @model_validator(mode="before")
    @classmethod
    def _known_names(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            cls.check_names(data)
        return data

    @model_validator(mode="wrap")
    @classmethod
    def _hide_input(cls, data: Any, handler: Callable[[Any], Self]) -> Self:
        # `hide_input_in_errors` covers the text of the error only, not its `errors()`.
        try:
            return handler(data)
        except ValidationError as error:
            raise _without_input(error) from None

    @field_serializer("*", mode="wrap")
    def _serialize(
        self, value: Any, handler: SerializerFunctionWrapHandler, info: FieldSerializationInfo
    ) -> Any:
        if info.context and info.context.get("secrets"):
            return handler(value)
        return handler(self._masked(info.field_name, value))

    def __repr_args__(self) -> Any:
        for name, value in super().__repr_args__():
            yield name, value if name is None else self._masked(name, value)

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        values = state["__dict__"]
        return {**state, "__dict__": {name: self._masked(name, value) for name, value in values.items()}}

    @classmethod
    def _masked(cls, name: str, value: Any) -> Any:
        return MASK if name in cls._secret_fields and value is not None else value


def _without_input(error: ValidationError) -> ValidationError:
    lines = [
        InitErrorDetails(
            # The parameters are declared as literal texts, which these have been.
            type=PydanticCustomError(line["type"], line["msg"]),  # pyright: ignore[reportArgumentType]
            # The validator above puts itself into the location of nested errors.
            loc=tuple(part for part in line["loc"] if not str(part).startswith("function-wrap[")),
            input=MASK,
        )
        for line in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return ValidationError.from_exception_data(error.title, lines, hide_input=True)
