"""Which entries of the Inbox were taken"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pulled_entries',
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('pulled_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('public_id', name=op.f('pk_pulled_entries'))
    )


def downgrade() -> None:
    op.drop_table('pulled_entries')
