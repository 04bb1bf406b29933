"""Letters with their delivery records, text messages with their attempts, and how often a link was used"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('message_deliveries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('delivered_on', sa.Date(), nullable=False),
    sa.Column('way', sa.String(40), nullable=False),
    sa.Column('handed_over_by', sa.String(), nullable=False),
    sa.Column('receipt', sa.String(40), nullable=False),
    sa.Column('received_by', sa.String(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['outgoing_messages.id'], name=op.f('fk_message_deliveries_message_id_outgoing_messages')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_deliveries'))
    )
    with op.batch_alter_table('message_deliveries', schema=None) as batch_op:
        batch_op.create_index('ix_message_deliveries_message_id', ['message_id'], unique=False)

    op.create_table('unit_contacts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('mobile', sa.String(), nullable=True),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['catering_units.id'], name=op.f('fk_unit_contacts_unit_id_catering_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_contacts'))
    )
    with op.batch_alter_table('unit_contacts', schema=None) as batch_op:
        batch_op.create_index('ix_unit_contacts_unit_id', ['unit_id'], unique=False)

    op.create_table('text_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('mobile', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['outgoing_messages.id'], name=op.f('fk_text_messages_message_id_outgoing_messages')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text_messages')),
    sa.UniqueConstraint('message_id', name=op.f('uq_text_messages_message_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_text_messages_public_id'))
    )
    with op.batch_alter_table('text_messages', schema=None) as batch_op:
        batch_op.create_index('ix_text_messages_state_next_at', ['state', 'next_at'], unique=False)

    op.create_table('text_attempts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('text_message_id', sa.Integer(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['text_message_id'], ['text_messages.id'], name=op.f('fk_text_attempts_text_message_id_text_messages')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text_attempts'))
    )
    with op.batch_alter_table('text_attempts', schema=None) as batch_op:
        batch_op.create_index('ix_text_attempts_text_message_id', ['text_message_id'], unique=False)

    # What was written before had no reference: its own number is one that nothing else will ever have.
    with op.batch_alter_table('outgoing_messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reference', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('printed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('printed_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_by', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('withdrawn_because', sa.Text(), server_default='', nullable=False))
    op.execute("UPDATE outgoing_messages SET reference = 'earlier/' || id")
    with op.batch_alter_table('outgoing_messages', schema=None) as batch_op:
        batch_op.alter_column('reference', existing_type=sa.String(), nullable=False)
        batch_op.alter_column('about', existing_type=sa.String(), type_=sa.String(40), existing_nullable=False)
        batch_op.alter_column('withdrawn_because', existing_type=sa.Text(), server_default=None, existing_nullable=False)
        batch_op.create_unique_constraint(op.f('uq_outgoing_messages_reference'), ['reference'])
        batch_op.drop_column('way')
        batch_op.drop_column('sent_at')
        batch_op.drop_column('delivered_on')
        batch_op.drop_column('delivered_how')
        batch_op.drop_column('failure')

    with op.batch_alter_table('unit_link_acts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('times', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('on', sa.Date(), nullable=True))
    with op.batch_alter_table('unit_link_acts', schema=None) as batch_op:
        batch_op.alter_column('times', existing_type=sa.Integer(), server_default=None, existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table('unit_link_acts', schema=None) as batch_op:
        batch_op.drop_column('on')
        batch_op.drop_column('times')
    with op.batch_alter_table('outgoing_messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('way', sa.String(), server_default='letter', nullable=False))
        batch_op.add_column(sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('delivered_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('delivered_how', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('failure', sa.Text(), nullable=True))
        batch_op.drop_constraint(op.f('uq_outgoing_messages_reference'), type_='unique')
        batch_op.alter_column('about', existing_type=sa.String(40), type_=sa.String(), existing_nullable=False)
        batch_op.drop_column('withdrawn_because')
        batch_op.drop_column('withdrawn_by')
        batch_op.drop_column('withdrawn_at')
        batch_op.drop_column('printed_by')
        batch_op.drop_column('printed_at')
        batch_op.drop_column('reference')
    op.drop_table('text_attempts')
    op.drop_table('text_messages')
    op.drop_table('unit_contacts')
    op.drop_table('message_deliveries')
