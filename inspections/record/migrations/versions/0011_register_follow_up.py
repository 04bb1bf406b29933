"""What became of a finding about the register after it was accepted"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('register_findings', sa.Column('settlement', sa.String(), nullable=True))
    op.add_column('register_findings', sa.Column('settlement_note', sa.Text(), nullable=False, server_default=''))
    op.add_column('register_findings', sa.Column('settled_by', sa.String(), nullable=True))
    op.add_column('register_findings', sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ('settled_at', 'settled_by', 'settlement_note', 'settlement'):
        op.drop_column('register_findings', name)
