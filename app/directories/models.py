"""Tables of the mirror: directories, their people, groups and memberships, and the rules that make roles of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Key, tenant_fk


class Directory(Base):
    """One directory of one tenant, as WorkOS describes it."""

    __tablename__ = "directories"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "workos_id"),
        Index(None, "workos_id"),
        CheckConstraint(
            "state in ('linked','validating','invalid_credentials','unlinked','deleting','deleted')", name="state"
        ),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    workos_id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    last_synced_at: Mapped[datetime | None]
    # Of what happened up to then a whole listing has told.
    listed_at: Mapped[datetime | None]
    # Something was missed: a full sync is wanted, and not only when its turn comes.
    sync_wanted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DirectoryUser(Base):
    """A person of one directory, or the tombstone of one who is gone; `user_id` is who they are here.

    `(at, event_id)` is the version: an older one never overwrites a newer one. `hard`: gone by an event, and not only
    missing in a listing. `gone_at`: when they were last gone, by an event of theirs or with their directory; who comes
    back is a member of nothing of before it. `touched_at`: when an event last changed it, by our clock. `shown`: the
    wire's JSON, ready to be sent; null until it is made again after a change.
    """

    __tablename__ = "directory_users"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "workos_id"),
        CheckConstraint("state in ('active','inactive','deleted','unmanaged')", name="state"),
        tenant_fk("directory_id", "directories"),
        tenant_fk("user_id", "users"),
        Index(None, "organization_id", "directory_id", "id"),
        Index(None, "organization_id", "directory_id", "email_lower"),
        Index(None, "organization_id", "idp_id"),
        Index(None, "organization_id", "user_id"),
        Index("ix_directory_users_unshown", "id", postgresql_where=text("shown is null")),
        Index("ix_directory_users_gone", "touched_at", postgresql_where=text("state = 'deleted'")),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    directory_id: Mapped[UUID]
    workos_id: Mapped[str]
    idp_id: Mapped[str | None]
    email: Mapped[str | None]
    email_lower: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    department: Mapped[str | None]
    job_title: Mapped[str | None]
    # text, not jsonb: that refuses NUL and lone surrogates; it is only shown, never searched.
    custom_attributes: Mapped[str] = mapped_column(server_default=text("'{}'"))
    state: Mapped[str]
    user_id: Mapped[UUID | None]
    at: Mapped[datetime]
    event_id: Mapped[str] = mapped_column(server_default=text("''"))
    hard: Mapped[bool] = mapped_column(server_default=text("false"))
    gone_at: Mapped[datetime | None]
    touched_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    shown: Mapped[str | None]


class DirectoryGroup(Base):
    """A group of one directory. `role` and `rule_position` are what the tenant's rules make of it."""

    __tablename__ = "directory_groups"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "workos_id"),
        CheckConstraint("state in ('active','deleted')", name="state"),
        tenant_fk("directory_id", "directories"),
        Index(None, "organization_id", "directory_id", "id"),
        Index("ix_directory_groups_gone", "touched_at", postgresql_where=text("state = 'deleted'")),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    directory_id: Mapped[UUID]
    workos_id: Mapped[str]
    idp_id: Mapped[str | None]
    name: Mapped[str]
    state: Mapped[str]
    role: Mapped[str | None]
    rule_position: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]
    event_id: Mapped[str] = mapped_column(server_default=text("''"))
    hard: Mapped[bool] = mapped_column(server_default=text("false"))
    gone_at: Mapped[datetime | None]
    touched_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class GroupName(Base):
    """Which group holds a name for the rules: the first that was seen with it (threats.md E10)."""

    __tablename__ = "directory_group_names"
    __table_args__ = (
        tenant_fk("directory_id", "directories"),
        tenant_fk("group_id", "directory_groups", ondelete="CASCADE"),
        Index(None, "organization_id", "group_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    directory_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[UUID]


class Membership(Base):
    """Whether a person is in a group; one who left stays as a tombstone, so that late news does not bring them back."""

    __tablename__ = "directory_memberships"
    __table_args__ = (
        tenant_fk("group_id", "directory_groups", ondelete="CASCADE"),
        tenant_fk("directory_user_id", "directory_users", ondelete="CASCADE"),
        Index(None, "organization_id", "group_id"),
        Index("ix_directory_memberships_gone", "touched_at", postgresql_where=text("not member")),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    # The person first: most is asked of people, and where nothing is known of the table's size the planner takes any
    # index that holds the columns at all.
    directory_user_id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[bool]
    at: Mapped[datetime]
    event_id: Mapped[str] = mapped_column(server_default=text("''"))
    touched_at: Mapped[datetime]


class RoleRule(Base):
    """One of a tenant's own rules: members of a group, by its id or its name, get a role; the first that matches wins.

    A tenant without rules of its own (`organization_policies.rules_version` is null) has the default ones.
    """

    __tablename__ = "role_rules"
    __table_args__ = (
        UniqueConstraint("organization_id", "position"),
        CheckConstraint("(group_id is null) <> (group_name is null)", name="group_or_name"),
        CheckConstraint(
            "role in ('ROLE_PLATFORM_ADMIN','ROLE_CLIENT_ADMIN','ROLE_CLIENT_USER','ROLE_MEMBER')", name="role"
        ),
        tenant_fk("group_id", "directory_groups", ondelete="CASCADE"),
        tenant_fk("directory_id", "directories"),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    position: Mapped[int] = mapped_column(BigInteger)
    group_id: Mapped[UUID | None]
    group_name: Mapped[str | None]
    directory_id: Mapped[UUID | None]
    role: Mapped[str]
