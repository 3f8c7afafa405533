"""One-time codes: the values of RFC 6238, appendix B, cut to six digits."""

from base64 import b32encode

import pytest

from matterapi.options.totp import Totp

SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert Totp(SECRET, clock=lambda: seconds)() == code


def test_a_secret_may_be_written_as_apps_show_it() -> None:
    assert Totp("gezd gnbv gy3t qojq gezd gnbv gy3t qojq", clock=lambda: 59)() == "287082"


@pytest.mark.parametrize("secret", ["", "   ", "1234", "not base 32!"])
def test_what_is_no_secret_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(ValueError, match="not base 32") as caught:
        Totp(secret)
    assert not secret.strip() or secret not in str(caught.value)


def test_repr_shows_no_secret() -> None:
    assert SECRET not in repr(Totp(SECRET))
