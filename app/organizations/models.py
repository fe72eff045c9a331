"""Tables of the tenant: organizations, their policy, their domains."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Key, tenant_fk


class Organization(Base):
    """A tenant. Row-level security compares its own id with the transaction's tenant."""

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("workos_id"),
        UniqueConstraint("slug"),
        CheckConstraint("state in ('active','suspended')", name="state"),
    )

    id: Mapped[Key]
    workos_id: Mapped[str | None]
    name: Mapped[str]
    slug: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class OrganizationPolicy(Base):
    """How the people of a tenant sign in (contract.md, `/api/organizations/{id}/sso`)."""

    __tablename__ = "organization_policies"
    __table_args__ = (
        CheckConstraint("jit_provisioning in ('never','without_directory','always')", name="jit_provisioning"),
        CheckConstraint("default_role in ('ROLE_CLIENT_ADMIN','ROLE_CLIENT_USER','ROLE_MEMBER')", name="default_role"),
        CheckConstraint("session_idle_seconds between 900 and 86400", name="session_idle_seconds"),
        CheckConstraint("session_absolute_seconds between 900 and 604800", name="session_absolute_seconds"),
        tenant_fk("default_connection_id", "connections"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    required: Mapped[bool] = mapped_column(server_default=text("false"))
    default_connection_id: Mapped[UUID | None]
    jit_provisioning: Mapped[str] = mapped_column(server_default=text("'without_directory'"))
    default_role: Mapped[str] = mapped_column(server_default=text("'ROLE_MEMBER'"))
    allow_idp_initiated: Mapped[bool] = mapped_column(server_default=text("false"))
    allow_foreign_domains: Mapped[bool] = mapped_column(server_default=text("false"))
    hard_delete_removed_users: Mapped[bool] = mapped_column(server_default=text("false"))
    # How often its group -> role rules were written; null: never, so the default rules hold.
    rules_version: Mapped[int | None] = mapped_column(BigInteger)
    # Which attributes feed which fields, where the tenant has said so (JSON: field -> paths); null: the default ones.
    attribute_mappings: Mapped[str | None]
    # How often that was written; null: never.
    attribute_mappings_version: Mapped[int | None] = mapped_column(BigInteger)
    session_idle_seconds: Mapped[int] = mapped_column(server_default=text("28800"))
    session_absolute_seconds: Mapped[int] = mapped_column(server_default=text("86400"))
    # Of what an administrator may change: the ETag. The rules have a version of their own.
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))


class OrganizationDomain(Base):
    """An e-mail domain that a tenant claims; only `verified` ones let people in."""

    __tablename__ = "organization_domains"
    __table_args__ = (
        UniqueConstraint("organization_id", "domain"),
        Index(None, "domain"),
        Index(None, "workos_id"),
        CheckConstraint("state in ('pending','verified','failed')", name="state"),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    workos_id: Mapped[str | None]
    domain: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
