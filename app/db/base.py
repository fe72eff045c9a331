"""Base: the declarative base, constraint names, and column shorthands."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[UUID, mapped_column(primary_key=True)]


class Base(DeclarativeBase):
    """Every table of the gateway."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True)}  # noqa: RUF012 -- SQLAlchemy's own contract


def tenant_fk(column: str, table: str, **options: str) -> ForeignKeyConstraint:
    """Return the composite foreign key (organization_id, column) -> table.

    A simple key would let a row of one tenant point at another's: foreign keys look past row-level
    security (threats.md E5).
    """
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{table}.organization_id", f"{table}.id"], ondelete=options.get("ondelete")
    )
