from __future__ import annotations

import pytest

from codegen.api import Glossary
from codegen.docstring import argument, summary
from codegen.lower_routes import ParameterPlan
from codegen.typeexpr import Type

GLOSSARY = Glossary(
    parameters={"page": "Page number, counted from 0.", "/api/v4/jobs page": "Page of jobs."},
    fields={},
    methods={"status": "Post a status update."},
    words={"ldap": "LDAP"},
)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("get_user", "Get the user."),
        ("create_user", "Create a user."),
        ("create_emoji", "Create an emoji."),
        ("get_users", "Get users."),
        ("get_channels_for_team_for_user", "Get channels for a team for a user."),
        ("get_user_by_username", "Get the user by username."),
        ("patch_bot", "Change some fields of the bot."),
        ("delete_ldap_public_certificate", "Delete the LDAP public certificate."),
        ("complete_onboarding", "Complete onboarding."),
        ("status", "Post a status update."),
    ],
)
def test_a_name_becomes_a_sentence(method: str, sentence: str) -> None:
    assert summary(method, GLOSSARY) == sentence


def _parameter(**facts: object) -> ParameterPlan:
    return ParameterPlan("page", "query", Type("int"), 0, facts)


def test_a_parameter_is_described_by_the_glossary_and_its_facts() -> None:
    assert argument(_parameter(), "GET /api/v4/users", GLOSSARY) == "Page number, counted from 0."
    assert argument(_parameter(), "GET /api/v4/jobs", GLOSSARY) == "Page of jobs."
    text = argument(_parameter(ignored=True, known=["a", "b"]), "GET /api/v4/users", GLOSSARY)
    assert text == "Page number, counted from 0; one of `a`, `b`; the server does not read it."
