"""Calendar entries, changes of the programme, own words of mails, reminders by themselves."""

import sqlalchemy as sa
from alembic import op

import app.db.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "invitation", "reminder", "confirmation", "sign_in", "digest", "test",
    "delegate", "delegate_added", "code", "question", "late_change", "representative",
)  # fmt: skip
KINDS = (
    *KINDS_BEFORE,
    "offer", "last_reminder", "moved_up", "programme_changed", "withdrawn", "called_off",
    "thank_you", "approval_request",
)  # fmt: skip
UNFINISHED = "state IN ('queued', 'deferred', 'sending')"
IN_A_THREAD = f"thread IS NOT NULL AND {UNFINISHED}"
Moment = app.db.types.UtcDateTime(timezone=True)
ENTRIES = """
    INSERT INTO calendar_entry (invitation_id, item_id, uid, sequence, is_on, changed_at)
    SELECT invitation.id, item.id, item.public_id || '.' || invitation.public_id || '@couvert',
           item.sequence + rsvp.version, {yes}, rsvp.changed_at
    FROM choice
    JOIN rsvp ON rsvp.id = choice.rsvp_id
    JOIN invitation ON invitation.id = rsvp.invitation_id
    JOIN programme_item AS item ON item.id = choice.item_id
    WHERE {yes} OR EXISTS (
        SELECT 1 FROM rsvp_change
        WHERE rsvp_change.rsvp_id = rsvp.id AND rsvp_change.part = 'item:' || item.slug
          AND rsvp_change.after = 'yes'
    )
"""
"""What guests were told before: an entry for each part that is, or ever was, answered yes."""
TOLD = """
    INSERT INTO calendar_telling (delivery_id, entry_id, sequence)
    SELECT MAX(delivery.id), entry.id, entry.sequence
    FROM calendar_entry AS entry
    JOIN delivery ON delivery.kind = 'confirmation' AND delivery.subject_id = entry.invitation_id
    WHERE delivery.state IN ('sent', 'uncertain')
    GROUP BY entry.id, entry.sequence
"""
"""The confirmation that told the guest's calendar of it."""
YES = "(choice.answer = 'yes' AND rsvp.answer = 'accepted' AND invitation.state = 'answered')"


def upgrade() -> None:
    _make_amendment_table()
    _make_entry_tables()
    _make_text_table()
    _change_deliveries()
    _add_columns()
    op.execute(ENTRIES.format(yes=YES))
    op.execute(TOLD)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _change_deliveries() -> None:
    """Let in the new kinds, threads and what is sent by day only; SQLite rebuilds the table."""
    op.drop_index("ix_delivery_work", "delivery")
    op.add_column("delivery", sa.Column("thread", sa.String(40), nullable=True))
    op.add_column("delivery", sa.Column("by_day", sa.Boolean(), nullable=True))
    op.execute("UPDATE delivery SET by_day = false")
    with op.batch_alter_table("delivery") as batch:
        batch.alter_column("by_day", existing_type=sa.Boolean(), nullable=False)
        batch.drop_constraint(op.f("ck_delivery_kind_exists"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind_exists"), _one_of("kind", KINDS))
    _index_work()
    op.create_index(
        "ix_delivery_thread",
        "delivery",
        ["thread", "id"],
        sqlite_where=sa.text(IN_A_THREAD),
        postgresql_where=sa.text(IN_A_THREAD),
    )
    with op.batch_alter_table("delivery_copy") as batch:
        batch.add_column(sa.Column("text_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_delivery_copy_text_id_event_text"),
            "event_text",
            ["text_id"],
            ["id"],
            ondelete="SET NULL",
        )


def _index_work() -> None:
    op.create_index(
        "ix_delivery_work",
        "delivery",
        ["due_at", "id"],
        sqlite_where=sa.text(UNFINISHED),
        postgresql_where=sa.text(UNFINISHED),
    )


FILLED = {
    "event": {
        "remind_after": (sa.JSON(), "'[]'"),
        "remind_before": (sa.JSON(), "'[]'"),
        "feed_version": (sa.Integer(), "1"),
        "called_off_by": (sa.String(200), "''"),
    },
    "wave": {"remind_after": (sa.JSON(), "'[]'"), "remind_before": (sa.JSON(), "'[]'")},
    "guest": {"do_not_remind": (sa.Boolean(), "false")},
    "invitation": {"feed_version": (sa.Integer(), "1")},
}
"""Columns with the value that the rows there are begin with."""
EMPTY = {
    "event": {"called_off_at": Moment, "called_off_note": sa.JSON(none_as_null=True)},
    "invitation": {"reminded_at": Moment, "reminder_day": sa.Date()},
}


def _add_columns() -> None:
    for table, columns in EMPTY.items():
        for name, column_type in columns.items():
            op.add_column(table, sa.Column(name, column_type, nullable=True))
    for table, filled in FILLED.items():
        for name, (filled_type, value) in filled.items():
            op.add_column(table, sa.Column(name, filled_type, nullable=True))
            op.execute(f"UPDATE {table} SET {name} = {value}")  # noqa: S608 - our own words
        with op.batch_alter_table(table) as batch:
            for name, (filled_type, _) in filled.items():
                batch.alter_column(name, existing_type=filled_type, nullable=False)


def _references(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def _make_amendment_table() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("note", sa.JSON(none_as_null=True), nullable=True),
        _references("amendment", "event_id", "event", "CASCADE"),
        _references("amendment", "item_id", "programme_item", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    op.create_index("ix_amendment_event", "amendment", ["event_id", "id"])


def _make_entry_tables() -> None:
    op.create_table(
        "calendar_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("uid", sa.String(100), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("changed_at", Moment, nullable=False),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_calendar_entry_sequence_not_negative")),
        sa.CheckConstraint(
            "item_id IS NOT NULL OR facts IS NOT NULL",
            name=op.f("ck_calendar_entry_is_about_something"),
        ),
        _references("calendar_entry", "invitation_id", "invitation", "CASCADE"),
        _references("calendar_entry", "item_id", "programme_item", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_entry")),
        sa.UniqueConstraint("uid", name=op.f("uq_calendar_entry_uid")),
        sa.UniqueConstraint(
            "invitation_id", "item_id", name=op.f("uq_calendar_entry_invitation_id_item_id")
        ),
    )
    op.create_index("ix_calendar_entry_item", "calendar_entry", ["item_id"])
    op.create_table(
        "calendar_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=True),
        _references("calendar_update", "delivery_id", "delivery", "CASCADE"),
        _references("calendar_update", "entry_id", "calendar_entry", "CASCADE"),
        _references("calendar_update", "amendment_id", "amendment", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_update")),
    )
    op.create_index("ix_calendar_update_entry", "calendar_update", ["entry_id"])
    op.create_index("ix_calendar_update_delivery", "calendar_update", ["delivery_id"])
    op.create_table(
        "calendar_telling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        _references("calendar_telling", "delivery_id", "delivery", "CASCADE"),
        _references("calendar_telling", "entry_id", "calendar_entry", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_telling")),
    )
    op.create_index("ix_calendar_telling_entry", "calendar_telling", ["entry_id"])
    op.create_index("ix_calendar_telling_delivery", "calendar_telling", ["delivery_id"])


def _make_text_table() -> None:
    op.create_table(
        "event_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("written_by", sa.String(200), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_event_text_version_from_one")),
        _references("event_text", "event_id", "event", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_text")),
        sa.UniqueConstraint(
            "event_id",
            "kind",
            "language",
            "version",
            name=op.f("uq_event_text_event_id_kind_language_version"),
        ),
    )


def downgrade() -> None:
    """Go back to mails in the product's words; calendars are no longer followed."""
    for table, filled in FILLED.items():
        with op.batch_alter_table(table) as batch:
            for name in (*filled, *EMPTY.get(table, {})):
                batch.drop_column(name)
    for table in ("calendar_telling", "calendar_update", "calendar_entry", "amendment"):
        op.drop_table(table)
    with op.batch_alter_table("delivery_copy") as batch:
        batch.drop_constraint(op.f("fk_delivery_copy_text_id_event_text"), type_="foreignkey")
        batch.drop_column("text_id")
    op.drop_table("event_text")
    _restore_deliveries()


def _restore_deliveries() -> None:
    new = ", ".join(repr(kind) for kind in KINDS if kind not in KINDS_BEFORE)
    op.execute(f"DELETE FROM delivery WHERE kind IN ({new})")  # noqa: S608 - our own words
    op.drop_index("ix_delivery_thread", "delivery")
    op.drop_index("ix_delivery_work", "delivery")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_column("thread")
        batch.drop_column("by_day")
        batch.drop_constraint(op.f("ck_delivery_kind_exists"), type_="check")
        batch.create_check_constraint(
            op.f("ck_delivery_kind_exists"), _one_of("kind", KINDS_BEFORE)
        )
    _index_work()
