"""Half-way answers, parts open by name, access needs, delegates, codes, requests."""

import sqlalchemy as sa
from alembic import op

import app.db.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS_BEFORE = ("invitation", "reminder", "confirmation", "sign_in", "digest", "test")
KINDS = (
    *KINDS_BEFORE,
    "delegate", "delegate_added", "code", "question", "late_change", "representative",
)  # fmt: skip
REQUEST_KINDS = ("late change", "representative", "not me")
REQUEST_STATES = ("waiting", "granted", "refused", "taken back")
WISHED = ("yes", "no", "other")
CHANNELS = ("guest", "delegate", "phone", "letter", "e-mail", "in person", "calendar")
UNFINISHED = "state IN ('queued', 'deferred', 'sending')"
Moment = app.db.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    _let_in(KINDS)
    _add_columns()
    _make_named_guest_table()
    _make_delegate_table()
    _make_code_table()
    _make_request_table()


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _let_in(kinds: tuple[str, ...]) -> None:
    """Change the kinds a delivery may have; on SQLite that rebuilds the table."""
    op.drop_index("ix_delivery_work", "delivery")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_kind_exists"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind_exists"), _one_of("kind", kinds))
    op.create_index(
        "ix_delivery_work",
        "delivery",
        ["due_at", "id"],
        sqlite_where=sa.text(UNFINISHED),
        postgresql_where=sa.text(UNFINISHED),
    )


def _add_columns() -> None:
    op.add_column("event", sa.Column("code_first", sa.Boolean(), nullable=True))
    op.add_column("event", sa.Column("erase_health_on", sa.Date(), nullable=True))
    op.add_column("event", sa.Column("health_erased_at", Moment, nullable=True))
    op.add_column("programme_item", sa.Column("by_name", sa.Boolean(), nullable=True))
    op.add_column("rsvp", sa.Column("access_needs", sa.String(500), nullable=True))
    op.add_column("rsvp", sa.Column("parts_at", Moment, nullable=True))
    op.add_column("choice", sa.Column("moved_up_at", Moment, nullable=True))
    op.add_column("invitation", sa.Column("disowned_at", Moment, nullable=True))
    op.execute("UPDATE event SET code_first = false")
    op.execute("UPDATE programme_item SET by_name = false")
    op.execute("UPDATE rsvp SET access_needs = ''")
    op.execute("UPDATE rsvp SET parts_at = changed_at WHERE answer = 'accepted'")
    with op.batch_alter_table("event") as batch:
        batch.alter_column("code_first", existing_type=sa.Boolean(), nullable=False)
        batch.create_check_constraint(
            op.f("ck_event_health_kept_during_the_event"), "erase_health_on > ends"
        )
    with op.batch_alter_table("programme_item") as batch:
        batch.alter_column("by_name", existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("rsvp") as batch:
        batch.alter_column("access_needs", existing_type=sa.String(500), nullable=False)


def _make_named_guest_table() -> None:
    op.create_table(
        "named_guest",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("guest_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["programme_item.id"],
            name=op.f("fk_named_guest_item_id_programme_item"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guest_id"],
            ["guest.id"],
            name=op.f("fk_named_guest_guest_id_guest"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("item_id", "guest_id", name=op.f("pk_named_guest")),
    )
    op.create_index("ix_named_guest_guest", "named_guest", ["guest_id"])


def _make_delegate_table() -> None:
    op.create_table(
        "delegate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("revoked_at", Moment, nullable=True),
        sa.Column("revoked_by", sa.String(200), nullable=False),
        sa.CheckConstraint("link_version > 0", name=op.f("ck_delegate_link_version_from_one")),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name=op.f("fk_delegate_invitation_id_invitation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegate")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delegate_public_id")),
    )
    op.create_index("ix_delegate_invitation", "delegate", ["invitation_id"])


def _make_code_table() -> None:
    op.create_table(
        "code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", Moment, nullable=True),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_code_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name=op.f("fk_code_invitation_id_invitation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegate.id"],
            name=op.f("fk_code_delegate_id_delegate"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_public_id")),
    )
    op.create_index("ix_code_invitation", "code", ["invitation_id", "delegate_id", "asked_at"])


def _make_request_table() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("part", sa.String(120), nullable=False),
        sa.Column("wished", sa.String(32), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("person", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("decided_at", Moment, nullable=True),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.CheckConstraint(_one_of("kind", REQUEST_KINDS), name=op.f("ck_request_kind_exists")),
        sa.CheckConstraint(_one_of("state", REQUEST_STATES), name=op.f("ck_request_state_exists")),
        sa.CheckConstraint(_one_of("wished", WISHED), name=op.f("ck_request_wished_exists")),
        sa.CheckConstraint(_one_of("channel", CHANNELS), name=op.f("ck_request_channel_exists")),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_request_decided_has_a_time")
        ),
        sa.CheckConstraint(
            "kind <> 'late change' OR wished IS NOT NULL",
            name=op.f("ck_request_late_change_wishes"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"],
                [f"{table}.id"],
                name=op.f(f"fk_request_{table}_id_{table}"),
                ondelete="CASCADE",
            )
            for table in ("event", "invitation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_request_public_id")),
    )
    op.create_index("ix_request_event", "request", ["event_id", "state"])
    op.create_index("ix_request_invitation", "request", ["invitation_id"])


def downgrade() -> None:
    """Go back to answers given in one go; delegates, codes, requests and access needs are lost."""
    for table in ("request", "code", "delegate", "named_guest"):
        op.drop_table(table)
    op.drop_column("invitation", "disowned_at")
    op.drop_column("choice", "moved_up_at")
    with op.batch_alter_table("rsvp") as batch:
        batch.drop_column("parts_at")
        batch.drop_column("access_needs")
    with op.batch_alter_table("programme_item") as batch:
        batch.drop_column("by_name")
    with op.batch_alter_table("event") as batch:
        batch.drop_constraint(op.f("ck_event_health_kept_during_the_event"), type_="check")
        batch.drop_column("health_erased_at")
        batch.drop_column("erase_health_on")
        batch.drop_column("code_first")
    new = ", ".join(repr(kind) for kind in KINDS if kind not in KINDS_BEFORE)
    op.execute(f"DELETE FROM delivery WHERE kind IN ({new})")  # noqa: S608 - our own words
    _let_in(KINDS_BEFORE)
