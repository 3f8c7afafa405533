"""Blocking calls."""

from __future__ import annotations

from benches.plan.case import Case, Contestant, Lengths
from benches.served import Pages
from benches.targets import Target, at_cpu, faster, within

OURS = "benches.cases.sync_call"
PEERS = "benches.cases.peer_calls"
LISTS = "benches.cases.post_list"


def sync_cases(lengths: Lengths) -> tuple[Case, ...]:
    """All of them."""
    amount = lengths.amount
    return (
        Case("sync", "sync call in a session, typed User", _user(amount), waits=True),
        Case(
            "sync-tls",
            "the same over TLS",
            _secure_user(amount),
            waits=True,
            server=Pages(tls=True),
        ),
        Case("threads4", "4 threads, one client, typed User", _threads(4, amount)),
        Case("threads16", "16 threads, one client, typed User", _threads(16, amount)),
        Case(
            "posts",
            "sync list of 200 posts, typed",
            (_ours(LISTS, "client", amount), _old(LISTS, ("client", amount), faster(11))),
            waits=True,
        ),
        Case("session", "sync list of 200 posts in a session, typed", _posts(amount), waits=True),
        Case(
            "create-model",
            "make a post as a model and send it",
            _creating("model", amount),
            waits=True,
            server=Pages(echo=True),
        ),
        Case(
            "create",
            "send a post from keywords",
            _creating("keywords", amount),
            waits=True,
            server=Pages(echo=True),
        ),
        Case(
            "scale-calls",
            "ten times as many sync calls: one of them",
            (
                Contestant(f"matterapi, {lengths.many:,}", "ours", OURS, ("user", str(lengths.many))),
                Contestant(
                    f"matterapi, {lengths.many // 10:,}",
                    "ours",
                    OURS,
                    ("user", str(lengths.many // 10)),
                    (at_cpu(1.15),),
                ),
            ),
            waits=True,
        ),
        Case(
            "growth",
            f"growth over {lengths.soak:,} calls",
            tuple(
                Contestant(
                    f"matterapi, {kind}",
                    "ours",
                    "benches.cases.growth",
                    (kind, str(lengths.soak)),
                    (within(2),),
                )
                for kind in ("sync", "async")
            ),
            shown="costs",
            once=True,
        ),
    )


def _ours(module: str, work: str, amount: str, *targets: Target) -> Contestant:
    return Contestant("matterapi", "ours", module, (work, amount), targets)


def _old(module: str, arguments: tuple[str, ...], *targets: Target) -> Contestant:
    return Contestant("matterapi 0.5.0", "peer", module, arguments, targets, ("matterapi",))


def _peer(library: str, work: str, amount: str, *targets: Target, says: str = "bytes") -> Contestant:
    return Contestant(f"{library}, {says}", "peer", PEERS, (library, work, amount), targets, (library,))


def _floor(amount: str, *targets: Target) -> Contestant:
    return Contestant("a socket, bytes", "peer", PEERS, ("socket", "user", amount), targets, floor=True)


def _user(amount: str) -> tuple[Contestant, ...]:
    best = faster(1.1), at_cpu(1)
    return (
        _ours(OURS, "user", amount),
        _old(OURS, ("user", amount), faster(10)),
        *(_peer(library, "user", amount, *best) for library in ("pycurl", "httpr", "primp")),
        _peer("wreq", "user", amount),
        _peer("httpx", "user", amount),
        _floor(amount, at_cpu(1.3)),
    )


def _secure_user(amount: str) -> tuple[Contestant, ...]:
    return (
        _ours(OURS, "user", amount),
        _old(OURS, ("user", amount)),
        *(_peer(library, "user", amount, faster(1.1)) for library in ("pycurl", "httpr", "primp", "wreq")),
        _floor(amount),
    )


def _threads(count: int, amount: str) -> tuple[Contestant, ...]:
    shared = ("wreq", "pyreqwest", "httpr", "primp")
    return (
        _ours(OURS, f"threads{count}", amount),
        *(_peer(library, f"shared{count}", amount, faster(1.2)) for library in shared),
        _peer("pycurl", f"own{count}", amount, faster(1.2), says="a handle a thread"),
        Contestant("sockets, one a thread", "peer", PEERS, ("socket", f"own{count}", amount), floor=True),
    )


def _posts(amount: str) -> tuple[Contestant, ...]:
    return (
        _ours(LISTS, "session", amount),
        _old(LISTS, ("session", amount), faster(11)),
        Contestant(
            "pycurl + pydantic",
            "peer",
            PEERS,
            ("pycurl", "posts-models", amount),
            (faster(4.5),),
            ("pycurl", "pydantic"),
        ),
        Contestant(
            "pycurl + orjson, dicts",
            "peer",
            PEERS,
            ("pycurl", "posts-dicts", amount),
            (),
            ("pycurl", "orjson"),
        ),
    )


def _creating(work: str, amount: str) -> tuple[Contestant, ...]:
    peers = ("pycurl", "httpr")
    return (
        _ours(OURS, work, amount),
        _old(OURS, ("model", amount)),
        *(_peer(library, "create", amount, faster(3), says="pydantic's dump") for library in peers),
    )
