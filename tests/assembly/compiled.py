"""What every application compiles anew, compiled once per process: it takes far longer than most of what is tested."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import CodeType, MethodType
from typing import Any

import pytest
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

MOST_STATEMENTS = 5000

compile_rule = Rule.compile
COMPILED = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")
"""What a rule of an address has after it was compiled."""
rules: dict[object, dict[str, Any]] = {}


def compile_known(rule: Rule) -> None:
    """Compile a rule, or take what was made of the same one before."""
    assert rule.map is not None
    key = (rule.rule, rule.subdomain, rule.merge_slashes, rule.map.converters["int"])
    if rule.defaults:  # become part of what is compiled
        compile_rule(rule)
    elif key not in rules:
        compile_rule(rule)
        rules[key] = {name: getattr(rule, name) for name in COMPILED}
    else:
        for name, made in rules[key].items():
            setattr(rule, name, MethodType(made.__func__, rule) if isinstance(made, MethodType) else made)


class Templates(BytecodeCache):
    """Templates of pages, by name and text."""

    def __init__(self) -> None:
        self.compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is there."""
        bucket.code = self.compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self.compiled[bucket.key, bucket.checksum] = bucket.code


@functools.cache
def migrations_in(folder: str) -> ScriptDirectory:
    """Return the migrations of a folder, of which all would be read again whenever an application is made."""
    return ScriptDirectory(folder)


def known_migrations(config: AlembicConfig) -> ScriptDirectory:
    """Return the migrations that a configuration names."""
    folder = config.get_main_option("script_location")
    assert folder is not None
    return migrations_in(folder)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Share among applications the rules of addresses, templates, migrations and statements.

    Statements are compiled for a dialect and kept by an engine: engines share them, and one dialect is like another.
    """
    statements: LRUCache[Any, Any] = LRUCache(MOST_STATEMENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", compile_known)
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Templates()})
        patch.setattr(ScriptDirectory, "from_config", known_migrations)
        patch.setattr(Engine, "_compiled_cache", property(lambda _: statements, lambda _, __: None), raising=False)
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        yield
