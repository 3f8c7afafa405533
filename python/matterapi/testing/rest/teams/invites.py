"""Ways into a team: invite links and invitations by email (api4/team.go)."""

from matterapi.testing.effects.membership import join_team, publish_added
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import can_in_team, require

from .teams import the_team


@operation("AddTeamMemberFromInvite")
def add_team_member_from_invite(call: Call) -> Response:
    """POST /teams/members/invite: by a team's `invite_id`; tokens come with emails, which nobody sends."""
    if call.text("token"):
        raise AppError(400, "api.user.create_user.signup_link_invalid.app_error", "The link is not valid.")
    if not call.text("invite_id"):
        raise AppError(400, "api.team.add_user_to_team.missing_parameter.app_error", "No way in is named.")
    invited = [team for team in call.world.teams if team["invite_id"] == call.text("invite_id")]
    if not invited:
        raise AppError(404, "app.team.get_by_invite_id.finding.app_error", "No team with that invite id.")
    member = join_team(call.world, call.hub, invited[0], call.user, by=call.user)
    publish_added(call.hub, invited[0], call.user)
    return json_response(member, 201)


@operation("InviteUsersToTeam")
def invite_users_to_team(call: Call) -> Response:
    """POST /teams/{team_id}/invite/email: nothing is sent; `graceful=true` tells of each address."""
    team = the_team(call)
    for permission in ("invite_user", "add_user_to_team"):
        require(can_in_team(call.world, call.user, team["id"], permission))
    emails = _emails(call)
    if not emails:
        raise invalid_body("user_email")
    if call.flag("graceful"):
        return json_response([{"email": email, "error": None} for email in emails])
    return ok()


def _emails(call: Call) -> list[str]:
    """Return the addresses of the body: a list, or an object with one under `emails`."""
    if call.body.lstrip().startswith(b"["):
        emails: object = call.json_list("user_email")
    else:
        emails = call.json_object("user_email").get("emails")
    addresses = (
        [email.lower() for email in emails if isinstance(email, str)] if isinstance(emails, list) else []
    )
    if not isinstance(emails, list) or len(addresses) < len(emails):
        raise invalid_body("user_email")
    return addresses
