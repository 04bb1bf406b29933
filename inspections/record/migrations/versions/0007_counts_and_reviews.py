"""Complete counts of nominations, batches reviewed before their reveal, grades that rest on assumed values"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('campaigns', schema=None) as batch_op:
        batch_op.add_column(sa.Column('nominations_counted_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('visit_batches', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('reviewed_by', sa.String(), nullable=True))

    # What was graded before the flag was kept gets its own with the next grading.
    with op.batch_alter_table('unit_standings', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('rests_on_assumed', sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table('unit_standings', schema=None) as batch_op:
        batch_op.drop_column('rests_on_assumed')

    with op.batch_alter_table('visit_batches', schema=None) as batch_op:
        batch_op.drop_column('reviewed_by')
        batch_op.drop_column('reviewed_at')

    with op.batch_alter_table('campaigns', schema=None) as batch_op:
        batch_op.drop_column('nominations_counted_at')
