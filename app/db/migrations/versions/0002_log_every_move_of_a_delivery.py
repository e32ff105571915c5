"""Log every move of a delivery, keep copies apart, hold mail back, unsubscribe from digests."""

import zlib

import sqlalchemy as sa
from alembic import op

import app.db.types
from app.addresses import email_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS_BEFORE = ("invitation", "reminder", "confirmation", "sign_in", "digest")
KINDS = (*KINDS_BEFORE, "test")
STATES = (
    "queued", "sending", "deferred", "sent", "failed", "uncertain", "bounced", "cancelled",
)  # fmt: skip
PAUSES = ("settings", "server", "domain", "stopped")
UNFINISHED = "state IN ('queued', 'deferred', 'sending')"
BEGUN = "state = 'sending'"
Moment = app.db.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    _make_move_table()
    _make_copy_table()
    _add_columns()
    _fill_in()
    _finish_delivery(KINDS, drop=("reply", "subject", "text"))
    _make_pause_table()
    op.create_table(
        "digest_unsubscription",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_digest_unsubscription_event_id_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "email_key", name=op.f("pk_digest_unsubscription")),
    )
    op.add_column("wave", sa.Column("scheduled_for", Moment, nullable=True))


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _make_move_table() -> None:
    op.create_table(
        "delivery_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.CheckConstraint(_one_of("state", STATES), name=op.f("ck_delivery_move_state_exists")),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_delivery_move_delivery_id_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_move")),
    )
    op.create_index("ix_delivery_move_delivery", "delivery_move", ["delivery_id", "id"])
    op.create_index(
        "ix_delivery_move_begun",
        "delivery_move",
        ["at"],
        sqlite_where=sa.text(BEGUN),
        postgresql_where=sa.text(BEGUN),
    )


def _make_copy_table() -> None:
    op.create_table(
        "delivery_copy",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_delivery_copy_delivery_id_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "attempt", name=op.f("pk_delivery_copy")),
    )


def _make_pause_table() -> None:
    op.create_table(
        "pause",
        sa.Column("scope", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("until", Moment, nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("struck_at", Moment, nullable=False),
        sa.Column("trial", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.CheckConstraint(_one_of("kind", PAUSES), name=op.f("ck_pause_kind_exists")),
        sa.CheckConstraint(
            "(kind = 'stopped') = (until IS NULL)", name=op.f("ck_pause_only_a_stop_has_no_end")
        ),
        sa.CheckConstraint("strikes > 0", name=op.f("ck_pause_has_a_strike")),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_pause")),
    )


def _add_columns() -> None:
    op.add_column("delivery", sa.Column("resend", sa.Boolean(), nullable=True))
    op.add_column("delivery", sa.Column("batch", sa.String(40), nullable=True))
    op.add_column("delivery", sa.Column("recipient_domain", sa.String(255), nullable=True))
    op.add_column("delivery", sa.Column("changed_at", Moment, nullable=True))


def _fill_in() -> None:
    """Give what was sent before a log and a copy, as far as is known."""
    connection = op.get_bind()
    delivery = sa.Table("delivery", sa.MetaData(), autoload_with=connection)
    moment = {"created_at", "sent_at", "changed_at"}
    for name in moment:
        delivery.c[name].type = Moment
    rows = connection.execute(sa.select(delivery)).mappings().all()
    for row in rows:
        connection.execute(
            delivery.update()
            .where(delivery.c.id == row["id"])
            .values(
                resend=row["kind"] == "invitation" and not row["key"].endswith(":1"),
                recipient_domain=email_key(row["recipient"]).rpartition("@")[2],
                changed_at=row["sent_at"] or row["created_at"],
            )
        )
    connection.execute(
        sa.text(
            "UPDATE delivery SET batch = (SELECT wave.event_id || ':wave:' || wave.number"
            " FROM invitation JOIN wave ON wave.id = invitation.wave_id"
            " WHERE invitation.id = delivery.subject_id) WHERE kind = 'invitation'"
        )
    )
    _insert("delivery_move", [line for row in rows for line in _log(row)])
    _insert("delivery_copy", [_copy(row) for row in rows if row["text"]])


def _insert(table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        connection = op.get_bind()
        into = sa.Table(table, sa.MetaData(), autoload_with=connection)
        if "at" in into.c:
            into.c["at"].type = Moment
        connection.execute(into.insert(), rows)


def _log(row: sa.RowMapping) -> list[dict[str, object]]:
    line = {"delivery_id": row["id"], "by": "", "reason": "", "reply": ""}
    asked = {**line, "at": row["created_at"], "state": "queued", "attempt": 0}
    if row["state"] == "queued":
        return [asked]
    last = {**line, "reason": row["error"], "reply": row["reply"], "attempt": row["attempts"]}
    return [asked, {**last, "at": row["sent_at"] or row["created_at"], "state": row["state"]}]


def _copy(row: sa.RowMapping) -> dict[str, object]:
    return {
        "delivery_id": row["id"],
        "attempt": row["attempts"],
        "headers": "",
        "subject": row["subject"],
        "text": row["text"],
        "html": zlib.compress(b""),
        "calendar": "",
    }


def _finish_delivery(
    kinds: tuple[str, ...], *, drop: tuple[str, ...] = (), add: tuple[sa.Column, ...] = ()
) -> None:
    """Close the columns and let the kinds in; on SQLite that rebuilds the table."""
    op.drop_index("ix_delivery_work", "delivery")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_kind_exists"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_kind_exists"), _one_of("kind", kinds))
        for column in add:
            batch.add_column(column)
        if not add:
            batch.alter_column("resend", existing_type=sa.Boolean(), nullable=False)
            batch.alter_column("recipient_domain", existing_type=sa.String(255), nullable=False)
            batch.alter_column("changed_at", existing_type=Moment, nullable=False)
        for name in drop:
            batch.drop_column(name)
    op.create_index(
        "ix_delivery_work",
        "delivery",
        ["due_at", "id"],
        sqlite_where=sa.text(UNFINISHED),
        postgresql_where=sa.text(UNFINISHED),
    )
    if not add:
        op.create_index("ix_delivery_batch", "delivery", ["batch"])


def downgrade() -> None:
    """Go back to one reply and one text for each mail; logs, copies of HTML and pauses are lost."""
    op.drop_column("wave", "scheduled_for")
    op.drop_table("digest_unsubscription")
    op.drop_table("pause")
    op.execute("DELETE FROM delivery WHERE kind = 'test'")
    op.drop_index("ix_delivery_batch", "delivery")
    _finish_delivery(
        KINDS_BEFORE,
        drop=("resend", "batch", "recipient_domain", "changed_at"),
        add=tuple(
            sa.Column(name, sa.Text(), nullable=False, server_default="")
            for name in ("reply", "subject", "text")
        ),
    )
    op.execute(
        "UPDATE delivery SET reply = COALESCE((SELECT reply FROM delivery_move"
        " WHERE delivery_id = delivery.id ORDER BY id DESC LIMIT 1), '')"
    )
    op.execute(
        "UPDATE delivery SET subject = copy.subject, text = copy.text FROM delivery_copy AS copy"
        " WHERE copy.delivery_id = delivery.id AND copy.attempt = (SELECT MAX(attempt)"
        " FROM delivery_copy AS newest WHERE newest.delivery_id = delivery.id)"
    )
    op.drop_table("delivery_copy")
    op.drop_table("delivery_move")
