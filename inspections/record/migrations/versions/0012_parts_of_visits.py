"""What a visit of a part looks at and what it re-checks, with the visit itself"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('field_visits', sa.Column('items', sa.Text(), nullable=False, server_default=''))
    op.add_column('field_visits', sa.Column('recheck_of_key', sa.String(), nullable=True))
    for name in ('items', 'recheck_of_key'):
        op.execute(
            f'UPDATE field_visits SET {name} = (SELECT {name} FROM assignments'
            ' WHERE assignments.id = field_visits.assignment_id) WHERE assignment_id IS NOT NULL'
        )


def downgrade() -> None:
    op.drop_column('field_visits', 'recheck_of_key')
    op.drop_column('field_visits', 'items')
