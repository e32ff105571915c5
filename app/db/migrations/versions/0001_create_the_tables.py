"""Create the tables."""

import sqlalchemy as sa
from alembic import op

import app.db.types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("theme", sa.JSON(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("city", sa.JSON(), nullable=False),
        sa.Column("place_limit", sa.Integer(), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=False),
        sa.Column("companions_per_guest", sa.Integer(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("contact_name", sa.JSON(), nullable=False),
        sa.Column("contact_email", sa.String(length=320), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("digest_time", sa.Time(), nullable=False),
        sa.Column("digest_recipients", sa.JSON(), nullable=False),
        sa.Column("created_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "companions_per_guest >= 0", name=op.f("ck_event_companions_not_negative")
        ),
        sa.CheckConstraint(
            "digest_weekday BETWEEN 0 AND 6", name=op.f("ck_event_digest_weekday_exists")
        ),
        sa.CheckConstraint("ends >= starts", name=op.f("ck_event_ends_after_it_starts")),
        sa.CheckConstraint("place_limit > 0", name=op.f("ck_event_has_places")),
        sa.CheckConstraint("reply_by <= starts", name=op.f("ck_event_reply_by_before_it_starts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("slug", name=op.f("uq_event_slug")),
    )
    op.create_table(
        "organiser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organiser")),
        sa.UniqueConstraint("email_key", name=op.f("uq_organiser_email_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_organiser_public_id")),
    )
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=40), nullable=False),
        sa.Column("made_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_digest_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("event_id", "slot", name=op.f("uq_digest_event_id_slot")),
    )
    op.create_table(
        "fixed_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("starts", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("venue", sa.JSON(), nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_fixed_point_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_fixed_point_event_id_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fixed_point")),
    )
    op.create_table(
        "funder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("share", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("share >= 0", name=op.f("ck_funder_share_not_negative")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_funder_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funder")),
        sa.UniqueConstraint("event_id", "position", name=op.f("uq_funder_event_id_position")),
    )
    op.create_table(
        "guest_list_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=False),
        sa.Column("approved_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_guest_list_version_numbers_from_one")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_guest_list_version_event_id_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_list_version")),
        sa.UniqueConstraint(
            "event_id", "number", name=op.f("uq_guest_list_version_event_id_number")
        ),
    )
    op.create_table(
        "host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.CheckConstraint("quota >= 0", name=op.f("ck_host_quota_not_negative")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_host_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host")),
        sa.UniqueConstraint("event_id", "position", name=op.f("uq_host_event_id_position")),
    )
    op.create_table(
        "organiser_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("created_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", app.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.id"],
            name=op.f("fk_organiser_session_organiser_id_organiser"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organiser_session")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_organiser_session_key_digest")),
    )
    op.create_table(
        "programme_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "plenary",
                "specialist session",
                "workshop",
                "study visit",
                "reception",
                "dinner",
                name="kind_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("starts", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("venue", sa.JSON(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("arrival", sa.Boolean(), nullable=False),
        sa.Column("dress_code", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("transfer_minutes", sa.Integer(), nullable=False),
        sa.Column("locks", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT arrival OR kind NOT IN ('study visit', 'workshop')",
            name=op.f("ck_programme_item_visits_lie_within_the_event"),
        ),
        sa.CheckConstraint(
            "kind <> 'dinner' OR places IS NOT NULL",
            name=op.f("ck_programme_item_dinner_has_places"),
        ),
        sa.CheckConstraint("ends > starts", name=op.f("ck_programme_item_ends_after_it_starts")),
        sa.CheckConstraint("places > 0", name=op.f("ck_programme_item_places_positive")),
        sa.CheckConstraint(
            "transfer_minutes >= 0", name=op.f("ck_programme_item_transfer_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_programme_item_event_id_event"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_item")),
        sa.UniqueConstraint("event_id", "slug", name=op.f("uq_programme_item_event_id_slug")),
        sa.UniqueConstraint("public_id", name=op.f("uq_programme_item_public_id")),
    )
    op.create_table(
        "role_on_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "organiser",
                "approver",
                "viewer",
                "door",
                name="role_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_role_on_event_event_id_event"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.id"],
            name=op.f("fk_role_on_event_organiser_id_organiser"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_on_event")),
        sa.UniqueConstraint(
            "organiser_id", "event_id", name=op.f("uq_role_on_event_organiser_id_event_id")
        ),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("created_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", app.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.id"],
            name=op.f("fk_sign_in_link_organiser_id_organiser"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sign_in_link_public_id")),
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sent_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_wave_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_wave_event_id_number")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "matter",
            sa.Enum(
                "theme",
                "list",
                "main speaker",
                "participation",
                "study visits",
                "dinner",
                "communication",
                name="matter_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_decision_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["guest_list_version.id"],
            name=op.f("fk_decision_version_id_guest_list_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("version_id", name=op.f("uq_decision_version_id")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_event", ["event_id", "decided_on"], unique=False)

    op.create_table(
        "guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("salutation", sa.String(length=40), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "approved",
                "reserve",
                "removed",
                name="status_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_change", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status <> 'approved' OR rank IS NULL) AND (status <> 'reserve' OR rank IS NOT NULL)",
            name=op.f("ck_guest_rank_is_for_the_reserve"),
        ),
        sa.CheckConstraint("rank > 0", name=op.f("ck_guest_rank_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_guest_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["host.id"], name=op.f("fk_guest_host_id_host"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest")),
        sa.UniqueConstraint("event_id", "email_key", name=op.f("uq_guest_event_id_email_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_guest_public_id")),
    )
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.create_index(
            "ix_guest_event_status", ["event_id", "status", "rank", "position"], unique=False
        )

    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invitation",
                "reminder",
                "confirmation",
                "sign_in",
                "digest",
                name="kind_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("guest_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "deferred",
                "sent",
                "failed",
                "uncertain",
                "bounced",
                "cancelled",
                name="state_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("lease_until", app.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", app.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state <> 'failed' OR error <> ''", name=op.f("ck_delivery_failed_has_a_reason")
        ),
        sa.CheckConstraint(
            "state <> 'sending' OR lease IS NOT NULL", name=op.f("ck_delivery_sending_has_a_lease")
        ),
        sa.CheckConstraint(
            "state <> 'sent' OR sent_at IS NOT NULL", name=op.f("ck_delivery_sent_has_a_time")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_delivery_attempts_not_negative")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_delivery_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guest_id"], ["guest.id"], name=op.f("fk_delivery_guest_id_guest"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_delivery_public_id")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_event_state", ["event_id", "state"], unique=False)
        batch_op.create_index("ix_delivery_guest", ["guest_id"], unique=False)
        batch_op.create_index("ix_delivery_sent", ["sent_at"], unique=False)
        batch_op.create_index("ix_delivery_subject", ["kind", "subject_id"], unique=False)
        batch_op.create_index(
            "ix_delivery_work",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'deferred', 'sending')"),
            postgresql_where=sa.text("state IN ('queued', 'deferred', 'sending')"),
        )

    op.create_table(
        "guest_list_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("guest_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.ForeignKeyConstraint(
            ["guest_id"],
            ["guest.id"],
            name=op.f("fk_guest_list_entry_guest_id_guest"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["guest_list_version.id"],
            name=op.f("fk_guest_list_entry_version_id_guest_list_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_list_entry")),
        sa.UniqueConstraint("id", "guest_id", name=op.f("uq_guest_list_entry_id_guest_id")),
        sa.UniqueConstraint(
            "version_id", "guest_id", name=op.f("uq_guest_list_entry_version_id_guest_id")
        ),
        sa.UniqueConstraint(
            "version_id", "position", name=op.f("uq_guest_list_entry_version_id_position")
        ),
    )
    with op.batch_alter_table("guest_list_entry", schema=None) as batch_op:
        batch_op.create_index("ix_guest_list_entry_guest", ["guest_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("guest_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "answered",
                "expired",
                "withdrawn",
                name="state_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("holds_place", sa.Boolean(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("sendings", sa.Integer(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=False),
        sa.Column("opened_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", app.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", app.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'open' OR holds_place", name=op.f("ck_invitation_open_holds_a_place")
        ),
        sa.CheckConstraint(
            "state NOT IN ('expired', 'withdrawn') OR NOT holds_place",
            name=op.f("ck_invitation_closed_holds_no_place"),
        ),
        sa.CheckConstraint("link_version > 0", name=op.f("ck_invitation_link_version_from_one")),
        sa.CheckConstraint("reminders >= 0", name=op.f("ck_invitation_reminders_not_negative")),
        sa.ForeignKeyConstraint(
            ["entry_id", "guest_id"],
            ["guest_list_entry.id", "guest_list_entry.guest_id"],
            name=op.f("fk_invitation_entry_id_guest_id_guest_list_entry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["event.id"],
            name=op.f("fk_invitation_event_id_event"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guest_id"],
            ["guest.id"],
            name=op.f("fk_invitation_guest_id_guest"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["wave.id"], name=op.f("fk_invitation_wave_id_wave"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("guest_id", name=op.f("uq_invitation_guest_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invitation_event", ["event_id", "state", "holds_place"], unique=False
        )

    op.create_table(
        "rsvp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "declined",
                name="answer_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "diet",
            sa.Enum(
                "none",
                "vegetarian",
                "vegan",
                "gluten-free",
                "lactose-free",
                "nut-allergy",
                "other",
                name="diet_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("diet_words", sa.String(length=200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("wishes_place_since", app.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_rsvp_version_from_one")),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitation.id"],
            name=op.f("fk_rsvp_invitation_id_invitation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsvp")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_rsvp_invitation_id")),
    )
    op.create_table(
        "choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rsvp_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "yes",
                "no",
                "reserve",
                name="answer_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reserve_since", app.db.types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answer = 'reserve') = (reserve_since IS NOT NULL)",
            name=op.f("ck_choice_reserve_has_a_time"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["programme_item.id"],
            name=op.f("fk_choice_item_id_programme_item"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["rsvp_id"], ["rsvp.id"], name=op.f("fk_choice_rsvp_id_rsvp"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
        sa.UniqueConstraint("rsvp_id", "item_id", name=op.f("uq_choice_rsvp_id_item_id")),
    )
    with op.batch_alter_table("choice", schema=None) as batch_op:
        batch_op.create_index("ix_choice_item", ["item_id", "answer"], unique=False)

    op.create_table(
        "companion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rsvp_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "diet",
            sa.Enum(
                "none",
                "vegetarian",
                "vegan",
                "gluten-free",
                "lactose-free",
                "nut-allergy",
                "other",
                name="diet_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("diet_words", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["rsvp_id"], ["rsvp.id"], name=op.f("fk_companion_rsvp_id_rsvp"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companion")),
        sa.UniqueConstraint("rsvp_id", "position", name=op.f("uq_companion_rsvp_id_position")),
    )
    op.create_table(
        "rsvp_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rsvp_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "guest",
                "delegate",
                "phone",
                "letter",
                "e-mail",
                "in person",
                "calendar",
                name="channel_exists",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("part", sa.String(length=120), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rsvp_id"], ["rsvp.id"], name=op.f("fk_rsvp_change_rsvp_id_rsvp"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsvp_change")),
    )
    with op.batch_alter_table("rsvp_change", schema=None) as batch_op:
        batch_op.create_index("ix_rsvp_change_rsvp", ["rsvp_id", "version"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rsvp_change", schema=None) as batch_op:
        batch_op.drop_index("ix_rsvp_change_rsvp")

    op.drop_table("rsvp_change")
    op.drop_table("companion")
    with op.batch_alter_table("choice", schema=None) as batch_op:
        batch_op.drop_index("ix_choice_item")

    op.drop_table("choice")
    op.drop_table("rsvp")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index("ix_invitation_event")

    op.drop_table("invitation")
    with op.batch_alter_table("guest_list_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_guest_list_entry_guest")

    op.drop_table("guest_list_entry")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_delivery_work",
            sqlite_where=sa.text("state IN ('queued', 'deferred', 'sending')"),
            postgresql_where=sa.text("state IN ('queued', 'deferred', 'sending')"),
        )
        batch_op.drop_index("ix_delivery_subject")
        batch_op.drop_index("ix_delivery_sent")
        batch_op.drop_index("ix_delivery_guest")
        batch_op.drop_index("ix_delivery_event_state")

    op.drop_table("delivery")
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.drop_index("ix_guest_event_status")

    op.drop_table("guest")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_event")

    op.drop_table("decision")
    op.drop_table("wave")
    op.drop_table("sign_in_link")
    op.drop_table("role_on_event")
    op.drop_table("programme_item")
    op.drop_table("organiser_session")
    op.drop_table("host")
    op.drop_table("guest_list_version")
    op.drop_table("funder")
    op.drop_table("fixed_point")
    op.drop_table("digest")
    op.drop_table("organiser")
    op.drop_table("event")
