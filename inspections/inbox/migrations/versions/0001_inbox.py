"""The first schema of the Inbox"""

import sqlalchemy as sa
from alembic import op

revision = "inbox_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "inbox_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_inbox_entries_public_id")),
    )
    with op.batch_alter_table("inbox_entries", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_entries_delivered_at", ["delivered_at"], unique=False)

    op.create_table(
        "link_uses",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", "on", name=op.f("pk_link_uses")),
    )
    op.create_table(
        "link_views",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_link_views")),
    )
    op.create_table(
        "open_campaigns",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("chosen_how", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voting_key", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_open_campaigns")),
    )
    op.create_table(
        "site_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("complaint_line", sa.String(), nullable=False),
        sa.Column("public_address", sa.String(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("votes_per_network", sa.Integer(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_copy")),
    )
    op.create_table(
        "candidates",
        sa.Column("campaign_key", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_key"], ["open_campaigns.key"], name=op.f("fk_candidates_campaign_key_open_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_key", "code", name=op.f("pk_candidates")),
    )
    op.create_table(
        "inbox_uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["inbox_entries.id"], name=op.f("fk_inbox_uploads_entry_id_inbox_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_uploads")),
    )
    with op.batch_alter_table("inbox_uploads", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_uploads_entry_id", ["entry_id"], unique=False)

    op.create_table(
        "network_buckets",
        sa.Column("campaign_key", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_key"],
            ["open_campaigns.key"],
            name=op.f("fk_network_buckets_campaign_key_open_campaigns"),
        ),
        sa.PrimaryKeyConstraint("campaign_key", "network", "on", name=op.f("pk_network_buckets")),
    )
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_key", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("voter", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_key"], ["open_campaigns.key"], name=op.f("fk_votes_campaign_key_open_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.UniqueConstraint("campaign_key", "voter", name=op.f("uq_votes_campaign_key_voter")),
    )
    with op.batch_alter_table("votes", schema=None) as batch_op:
        batch_op.create_index("ix_votes_campaign_key_code", ["campaign_key", "code"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("votes", schema=None) as batch_op:
        batch_op.drop_index("ix_votes_campaign_key_code")

    op.drop_table("votes")
    op.drop_table("network_buckets")
    with op.batch_alter_table("inbox_uploads", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_uploads_entry_id")

    op.drop_table("inbox_uploads")
    op.drop_table("candidates")
    op.drop_table("site_copy")
    op.drop_table("open_campaigns")
    op.drop_table("link_views")
    op.drop_table("link_uses")
    with op.batch_alter_table("inbox_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_entries_delivered_at")

    op.drop_table("inbox_entries")
