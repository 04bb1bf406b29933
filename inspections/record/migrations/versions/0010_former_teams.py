"""Teams one of whom was replaced after a draw"""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('former_teams',
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('lead_account_id', sa.Integer(), nullable=True),
    sa.Column('second_account_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('replaced_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_former_teams_assignment_id_assignments')),
    sa.ForeignKeyConstraint(['lead_account_id'], ['accounts.id'], name=op.f('fk_former_teams_lead_account_id_accounts')),
    sa.ForeignKeyConstraint(['second_account_id'], ['accounts.id'], name=op.f('fk_former_teams_second_account_id_accounts')),
    sa.PrimaryKeyConstraint('public_id', name=op.f('pk_former_teams'))
    )
    op.create_index('ix_former_teams_assignment_id', 'former_teams', ['assignment_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_former_teams_assignment_id', table_name='former_teams')
    op.drop_table('former_teams')
