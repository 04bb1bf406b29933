"""Prints of plates, and what became of each plate"""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plate_batches',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('form', sa.String(), nullable=False),
    sa.Column('chosen', sa.Text(), nullable=False),
    sa.Column('plates', sa.Integer(), nullable=False),
    sa.Column('per_file', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plate_batches'))
    )
    op.create_table('plate_batch_plates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=False),
    sa.Column('plate_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['batch_id'], ['plate_batches.id'], name=op.f('fk_plate_batch_plates_batch_id_plate_batches')),
    sa.ForeignKeyConstraint(['plate_id'], ['plates.id'], name=op.f('fk_plate_batch_plates_plate_id_plates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plate_batch_plates')),
    sa.UniqueConstraint('batch_id', 'place', name=op.f('uq_plate_batch_plates_batch_id_place'))
    )
    op.create_index('ix_plate_batch_plates_plate_id', 'plate_batch_plates', ['plate_id'], unique=False)
    op.create_table('plate_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('plate_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.CheckConstraint("kind <> 'handed_over' OR person IS NOT NULL", name=op.f('ck_plate_events_handed_to_somebody')),
    sa.ForeignKeyConstraint(['plate_id'], ['plates.id'], name=op.f('fk_plate_events_plate_id_plates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plate_events'))
    )
    op.create_index('ix_plate_events_plate_id', 'plate_events', ['plate_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_plate_events_plate_id', table_name='plate_events')
    op.drop_table('plate_events')
    op.drop_index('ix_plate_batch_plates_plate_id', table_name='plate_batch_plates')
    op.drop_table('plate_batch_plates')
    op.drop_table('plate_batches')
