"""What tablets knew an assignment as before its team or its state changed"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('former_tasks',
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('lead_account_id', sa.Integer(), nullable=True),
    sa.Column('second_account_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_former_tasks_assignment_id_assignments')),
    sa.ForeignKeyConstraint(['lead_account_id'], ['accounts.id'], name=op.f('fk_former_tasks_lead_account_id_accounts')),
    sa.ForeignKeyConstraint(['second_account_id'], ['accounts.id'], name=op.f('fk_former_tasks_second_account_id_accounts')),
    sa.PrimaryKeyConstraint('public_id', name=op.f('pk_former_tasks'))
    )
    op.create_index('ix_former_tasks_assignment_id', 'former_tasks', ['assignment_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_former_tasks_assignment_id', table_name='former_tasks')
    op.drop_table('former_tasks')
