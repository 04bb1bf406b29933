"""Unit links, outgoing messages, epochs and backups"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('backup_runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('completed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('covers_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backup_runs'))
    )
    op.create_table('epochs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('restored_from', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epochs')),
    sa.UniqueConstraint('name', name=op.f('uq_epochs_name'))
    )
    op.create_table('outgoing_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_on', sa.Date(), nullable=True),
    sa.Column('delivered_how', sa.Text(), nullable=True),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['catering_units.id'], name=op.f('fk_outgoing_messages_unit_id_catering_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outgoing_messages'))
    )
    with op.batch_alter_table('outgoing_messages', schema=None) as batch_op:
        batch_op.create_index('ix_outgoing_messages_unit_id', ['unit_id'], unique=False)

    op.create_table('unit_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('leased_to_tablet_id', sa.Integer(), nullable=True),
    sa.Column('leased_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('bound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('bound_by', sa.String(), nullable=True),
    sa.Column('record_key', sa.String(), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['leased_to_tablet_id'], ['tablets.id'], name=op.f('fk_unit_links_leased_to_tablet_id_tablets')),
    sa.ForeignKeyConstraint(['unit_id'], ['catering_units.id'], name=op.f('fk_unit_links_unit_id_catering_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_unit_links_token_hash'))
    )
    with op.batch_alter_table('unit_links', schema=None) as batch_op:
        batch_op.create_index('ix_unit_links_unit_id', ['unit_id'], unique=False)

    op.create_table('unit_link_acts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('link_id', sa.Integer(), nullable=False),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['unit_links.id'], name=op.f('fk_unit_link_acts_link_id_unit_links')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_link_acts'))
    )
    with op.batch_alter_table('unit_link_acts', schema=None) as batch_op:
        batch_op.create_index('ix_unit_link_acts_link_id', ['link_id'], unique=False)




def downgrade() -> None:

    with op.batch_alter_table('unit_link_acts', schema=None) as batch_op:
        batch_op.drop_index('ix_unit_link_acts_link_id')

    op.drop_table('unit_link_acts')
    with op.batch_alter_table('unit_links', schema=None) as batch_op:
        batch_op.drop_index('ix_unit_links_unit_id')

    op.drop_table('unit_links')
    with op.batch_alter_table('outgoing_messages', schema=None) as batch_op:
        batch_op.drop_index('ix_outgoing_messages_unit_id')

    op.drop_table('outgoing_messages')
    op.drop_table('epochs')
    op.drop_table('backup_runs')

