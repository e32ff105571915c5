"""Give an event a brand: two colours and a crest."""

import sqlalchemy as sa
from alembic import op

import app.db.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(7), nullable=True),
        sa.Column("metal", sa.String(7), nullable=True),
        sa.Column("crest", sa.LargeBinary(), nullable=True),
        sa.Column("crest_type", sa.String(32), nullable=True),
        sa.Column("crest_ratio", sa.Double(), nullable=True),
        sa.Column("version", sa.String(10), nullable=False),
        sa.Column("changed_at", app.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.CheckConstraint("colour LIKE '#______'", name=op.f("ck_brand_colour_is_one")),
        sa.CheckConstraint("metal LIKE '#______'", name=op.f("ck_brand_metal_is_one")),
        sa.CheckConstraint(
            "(crest IS NULL) = (crest_type IS NULL) AND (crest IS NULL) = (crest_ratio IS NULL)",
            name=op.f("ck_brand_crest_is_whole"),
        ),
        sa.CheckConstraint("crest_type IN ('svg', 'png')", name=op.f("ck_brand_type_exists")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_brand_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand")),
        sa.UniqueConstraint("event_id", name=op.f("uq_brand_event_id")),
    )


def downgrade() -> None:
    """Go back to the product's own colours; crests are lost."""
    op.drop_table("brand")
