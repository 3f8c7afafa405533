import pytest

from matterapi.testing import MattermostServer
from tests.support.chat import Chat


@pytest.fixture
def chat(server: MattermostServer, kind: str) -> Chat:
    """A chat to listen to with either client."""
    return Chat(server, kind)
