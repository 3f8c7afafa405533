"""The whole state of one server."""

from matterapi.testing.http.encoding import JsonObject

from .categories import Categories
from .channels import Channels
from .clock import Clock, IdMaker
from .config import Config
from .drafts import Drafts
from .emoji import Emojis
from .files import Files
from .integrations import Integrations
from .plugins import Plugins
from .posts import Posts
from .preferences import Preferences
from .reactions import Reactions
from .roles import Roles
from .sessions import Sessions
from .statuses import Statuses
from .teams import Teams
from .threads import Threads
from .users import Users, View, render_user


class World:
    """Everything one server remembers. Only its event loop's thread may touch it.

    Args:
        version: Server version in the form `11.2`.
        licensed: Whether the server has a licence.
        seed: Makes ids and tokens repeatable.
        empty: Whether there is no plugin.
    """

    def __init__(self, *, version: str, licensed: bool, seed: int | None, empty: bool = False) -> None:
        self.version: str = version if version.count(".") == 2 else f"{version}.0"
        self.licensed = licensed
        self.clock: Clock = Clock()
        self.ids: IdMaker = IdMaker(seed)
        self.site_url = ""
        self.subpath = "/"
        self.users: Users = Users()
        self.sessions: Sessions = Sessions()
        self.teams: Teams = Teams()
        self.channels: Channels = Channels()
        self.posts: Posts = Posts()
        self.threads: Threads = Threads()
        self.reactions: Reactions = Reactions()
        self.files: Files = Files()
        self.preferences: Preferences = Preferences()
        self.statuses: Statuses = Statuses()
        self.drafts: Drafts = Drafts()
        self.categories: Categories = Categories()
        self.bots: dict[str, JsonObject] = {}
        self.jobs: dict[str, JsonObject] = {}
        self.emojis: Emojis = Emojis()
        self.plugins: Plugins = Plugins(empty=empty)
        self.integrations: Integrations = Integrations()
        self.roles: Roles = Roles(self.ids, self.clock.now())
        self.priorities: dict[str, JsonObject] = {}
        self.brand_image: bytes | None = None
        self.busy_until_ms = 0
        self.database_away = False
        self.config: Config = Config()
        self.installed_at: int = self.clock.now()
        self.diagnostic_id: str = self.ids.new()

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(self.version.partition(".")[0])

    @property
    def version_id(self) -> str:
        """Value of the header `X-Version-Id` and of hello's `server_version`."""
        return f"{self.version}..{self.config.digest}.{str(self.licensed).lower()}"

    def show_user(self, user: JsonObject, view: View) -> JsonObject:
        """Return what a reader gets to see of `user`; the settings hide some of it from others.

        Args:
            user: The stored record.
            view: As of `render_user`.
        """
        hidden = [] if self.config.flag("PrivacySettings.ShowEmailAddress") else ["email"]
        hidden += [] if self.config.flag("PrivacySettings.ShowFullName") else ["first_name", "last_name"]
        return render_user(user, view, hidden)

    def now(self) -> int:
        """Return the server's time in ms."""
        return self.clock.now()
