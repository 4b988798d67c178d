"""What every application compiles anew, compiled once per process: it takes far longer than most of what is tested."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import CodeType
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

compile_builder = Rule._compile_builder
builders: dict[object, Any] = {}


def known_builder(rule: Rule, append_unknown: bool = True) -> Any:
    """Return what builds a rule's address."""
    if rule.defaults:  # become part of the compiled address
        return compile_builder(rule, append_unknown)
    key = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in builders:
        builders[key] = compile_builder(rule, append_unknown)
    return builders[key]


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
    """Share among applications the builders of addresses, templates, migrations and statements.

    Statements are compiled for a dialect and kept by an engine: engines share them, and one dialect is like another.
    """
    statements: LRUCache[Any, Any] = LRUCache(MOST_STATEMENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", known_builder)
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Templates()})
        patch.setattr(ScriptDirectory, "from_config", known_migrations)
        patch.setattr(Engine, "_compiled_cache", property(lambda _: statements, lambda _, __: None), raising=False)
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        yield
