"""Visits from tablets, their reviews, orders and what followed"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('record_number_blocks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tablet_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('first', sa.Integer(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.Column('leased_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tablet_id'], ['tablets.id'], name=op.f('fk_record_number_blocks_tablet_id_tablets')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record_number_blocks')),
    sa.UniqueConstraint('year', 'first', name=op.f('uq_record_number_blocks_year_first'))
    )
    op.create_table('field_visits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('checklist_version_id', sa.Integer(), nullable=False),
    sa.Column('rulebook_version_id', sa.Integer(), nullable=True),
    sa.Column('lead_account_id', sa.Integer(), nullable=False),
    sa.Column('second_account_id', sa.Integer(), nullable=False),
    sa.Column('record_number', sa.String(), nullable=True),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('signed_received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('signed_text', sa.Text(), nullable=True),
    sa.Column('signed_sha256', sa.String(), nullable=True),
    sa.Column('covers', sa.Text(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_field_visits_assignment_id_assignments')),
    sa.ForeignKeyConstraint(['checklist_version_id'], ['checklist_versions.id'], name=op.f('fk_field_visits_checklist_version_id_checklist_versions')),
    sa.ForeignKeyConstraint(['lead_account_id'], ['accounts.id'], name=op.f('fk_field_visits_lead_account_id_accounts')),
    sa.ForeignKeyConstraint(['rulebook_version_id'], ['rulebook_versions.id'], name=op.f('fk_field_visits_rulebook_version_id_rulebook_versions')),
    sa.ForeignKeyConstraint(['second_account_id'], ['accounts.id'], name=op.f('fk_field_visits_second_account_id_accounts')),
    sa.ForeignKeyConstraint(['unit_id'], ['catering_units.id'], name=op.f('fk_field_visits_unit_id_catering_units')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('fk_field_visits_visit_id_visits')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_field_visits')),
    sa.UniqueConstraint('client_id', name=op.f('uq_field_visits_client_id')),
    sa.UniqueConstraint('record_number', name=op.f('uq_field_visits_record_number'))
    )
    with op.batch_alter_table('field_visits', schema=None) as batch_op:
        batch_op.create_index('ix_field_visits_state', ['state'], unique=False)
        batch_op.create_index('ix_field_visits_unit_id', ['unit_id'], unique=False)

    op.create_table('exam_results',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('field_visit_id', sa.Integer(), nullable=False),
    sa.Column('questions', sa.Text(), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('right', sa.Integer(), nullable=False),
    sa.Column('question_file_sha256', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['field_visit_id'], ['field_visits.id'], name=op.f('fk_exam_results_field_visit_id_field_visits')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_results')),
    sa.UniqueConstraint('field_visit_id', name=op.f('uq_exam_results_field_visit_id'))
    )
    op.create_table('orders',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('field_visit_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('item_codes', sa.String(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline_on', sa.Date(), nullable=True),
    sa.Column('state', sa.String(40), nullable=False),
    sa.ForeignKeyConstraint(['field_visit_id'], ['field_visits.id'], name=op.f('fk_orders_field_visit_id_field_visits')),
    sa.ForeignKeyConstraint(['unit_id'], ['catering_units.id'], name=op.f('fk_orders_unit_id_catering_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders'))
    )
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.create_index('ix_orders_state', ['state'], unique=False)
        batch_op.create_index('ix_orders_unit_id', ['unit_id'], unique=False)

    op.create_table('register_findings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('field_visit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('value', sa.String(), nullable=True),
    sa.Column('decision', sa.String(), nullable=True),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['field_visit_id'], ['field_visits.id'], name=op.f('fk_register_findings_field_visit_id_field_visits')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_findings')),
    sa.UniqueConstraint('field_visit_id', 'kind', name=op.f('uq_register_findings_field_visit_id_kind'))
    )

    op.create_table('visit_changes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(), nullable=False),
    sa.Column('field_visit_id', sa.Integer(), nullable=False),
    sa.Column('tablet_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('replaces', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_visit_changes_account_id_accounts')),
    sa.ForeignKeyConstraint(['field_visit_id'], ['field_visits.id'], name=op.f('fk_visit_changes_field_visit_id_field_visits')),
    sa.ForeignKeyConstraint(['tablet_id'], ['tablets.id'], name=op.f('fk_visit_changes_tablet_id_tablets')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_changes')),
    sa.UniqueConstraint('client_id', name=op.f('uq_visit_changes_client_id'))
    )
    with op.batch_alter_table('visit_changes', schema=None) as batch_op:
        batch_op.create_index('ix_visit_changes_field_visit_id', ['field_visit_id'], unique=False)

    op.create_table('visit_photos',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('field_visit_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('piece_bytes', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('announced_by', sa.Integer(), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('complete_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('shown_sha256', sa.String(), nullable=True),
    sa.Column('refused', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['announced_by'], ['accounts.id'], name=op.f('fk_visit_photos_announced_by_accounts')),
    sa.ForeignKeyConstraint(['field_visit_id'], ['field_visits.id'], name=op.f('fk_visit_photos_field_visit_id_field_visits')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_photos')),
    sa.UniqueConstraint('field_visit_id', 'sha256', name=op.f('uq_visit_photos_field_visit_id_sha256'))
    )
    with op.batch_alter_table('visit_photos', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_visit_photos_sha256'), ['sha256'], unique=False)

    op.create_table('visit_reviews',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('field_visit_id', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('seen_sha256', sa.String(), nullable=False),
    sa.Column('decided_by', sa.String(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['field_visit_id'], ['field_visits.id'], name=op.f('fk_visit_reviews_field_visit_id_field_visits')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_reviews'))
    )
    with op.batch_alter_table('visit_reviews', schema=None) as batch_op:
        batch_op.create_index('ix_visit_reviews_field_visit_id', ['field_visit_id'], unique=False)

    op.create_table('order_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_events_order_id_orders')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_events'))
    )
    with op.batch_alter_table('order_events', schema=None) as batch_op:
        batch_op.create_index('ix_order_events_order_id', ['order_id'], unique=False)




def downgrade() -> None:

    with op.batch_alter_table('order_events', schema=None) as batch_op:
        batch_op.drop_index('ix_order_events_order_id')

    op.drop_table('order_events')
    with op.batch_alter_table('visit_reviews', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_reviews_field_visit_id')

    op.drop_table('visit_reviews')
    with op.batch_alter_table('visit_photos', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_visit_photos_sha256'))

    op.drop_table('visit_photos')
    with op.batch_alter_table('visit_changes', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_changes_field_visit_id')

    op.drop_table('visit_changes')
    op.drop_table('register_findings')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_index('ix_orders_unit_id')
        batch_op.drop_index('ix_orders_state')

    op.drop_table('orders')
    op.drop_table('exam_results')
    with op.batch_alter_table('field_visits', schema=None) as batch_op:
        batch_op.drop_index('ix_field_visits_unit_id')
        batch_op.drop_index('ix_field_visits_state')

    op.drop_table('field_visits')
    op.drop_table('record_number_blocks')

