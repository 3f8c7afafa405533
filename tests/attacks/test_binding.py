"""The binding's unsafe code: nothing that Python can pass it ends the process or changes what is others'.

Each attack runs in a process of its own, which says what it ended in.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

START = """
import gc, sys, threading
from typing import Any
from pydantic import BaseModel, RootModel
from matterapi import _core, models
from matterapi.decoding.schema import decoder_for, describe
from matterapi.types import BaseConfig

def end(attack):
    try:
        print(repr(attack()))
    except Exception as error:
        print(type(error).__name__, error)
"""


def end_of(code: str, before: str = "") -> str:
    """What the program prints; whatever ends it otherwise fails the test."""
    command = [sys.executable, "-u", "-W", "ignore", "-c", before + START + code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout.strip()


NO_MODELS = [
    "type(lambda: 0)",
    "int",
    "str",
    "type",
    "object",
    "type(gc)",
    "_core.RawResponse",
    "type('Plain', (), {})",
    "type('Slotted', (), {'__slots__': ()})",
    "BaseModel.register(type('Virtual', (), {}))",
    "type('Own', (BaseConfig,), {'__new__': lambda cls, *args: object.__new__(cls), '__module__': 'm'})",
]


def test_a_class_whose_instances_it_cannot_make_is_refused() -> None:
    """All in one process: what is printed before it ends says which class was the last."""
    code = """
def attack(given):
    schema = _core.ModelSchema(given)
    field = ("a", ["a"], ("any", None, True), False, False)
    schema.set_fields([field], ("any", None, True), {"a": None}, print)
    return _core.Decoder(("model", schema, False)).decode(b'{"a":1,"b":2}')
"""
    attacks = "".join(f"end(lambda: attack({given}))\n" for given in NO_MODELS)
    ends = end_of(code + attacks).splitlines()
    assert [end for end in ends if not end.startswith("TypeError")] == []
    assert len(ends) == len(NO_MODELS)


@pytest.mark.parametrize("slot", ["__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"])
def test_a_pydantic_that_keeps_a_slot_elsewhere_makes_its_instances_itself(slot: str) -> None:
    changed = f"""
import pydantic
slot = pydantic.BaseModel.__dict__["{slot}"]
setattr(pydantic.BaseModel, "{slot}", property(slot.__get__, slot.__set__, slot.__delete__))
"""
    code = """
from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.response import Response
op = Operation("GET /api/v4/x", list[models.User])
user = decode(op, Response(200, [], b'[{"id":"u1","new":1,"props":{"a":"b"}}]'))[0]
fields = user.model_fields_set == {"id", "new", "props"}
print(op.decoder.decode(b"[]") is NotImplemented, user.id, user.new, fields)
"""
    assert end_of(code, before=changed) == "True u1 1 True"


def test_who_switches_collection_off_while_a_body_is_decoded_keeps_it_off() -> None:
    code = """
def validate(content):
    # Another thread gets the lock here as well.
    thread = threading.Thread(target=gc.disable)
    thread.start()
    thread.join()
    return 1
decoder = _core.Decoder(("list", ("foreign", (validate, 0), False), False))
before = gc.isenabled()
print(before, decoder.decode(b"[1]"), gc.isenabled())
"""
    assert end_of(code) == "True [1] False"


def test_collection_goes_on_while_code_of_others_runs() -> None:
    code = """
decoder = _core.Decoder(("foreign", (lambda content: gc.isenabled(), 0), False))
print(decoder.decode(b"1"))
"""
    assert end_of(code) == "True"


@pytest.mark.parametrize("kind", ["list", "map"])
@pytest.mark.parametrize("place", ["Decoder(deep)", "ModelSchema(BaseConfig).set_root(deep)"])
def test_a_description_of_any_depth_is_read_or_refused(kind: str, place: str) -> None:
    code = f"""
deep = ("any", None, True)
for _ in range(100_000):
    deep = ("{kind}", deep, False)
end(lambda: _core.{place})
"""
    assert end_of(code) == "ValueError a description of more than 64 levels, or one that holds itself"


def test_a_root_model_that_is_itself_is_left_to_pydantic() -> None:
    code = """
schema = _core.ModelSchema(BaseConfig)
schema.set_root(("model", schema, False))
end(lambda: _core.Decoder(("model", schema, False)).decode(b"1"))
"""
    assert end_of(code) == "NotImplemented"
