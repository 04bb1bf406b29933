"""Campaigns, draws, assignments, the plan of a year"""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('campaigns',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('issue_no', sa.Integer(), nullable=False),
    sa.Column('theme', sa.String(), nullable=False),
    sa.Column('theme_items', sa.String(), nullable=False),
    sa.Column('pool_rule', sa.Text(), nullable=False),
    sa.Column('strata_rule', sa.Text(), nullable=False),
    sa.Column('draw_count', sa.Integer(), nullable=False),
    sa.Column('substitutes', sa.Integer(), nullable=False),
    sa.Column('load_limit', sa.Integer(), nullable=False),
    sa.Column('guests', sa.Text(), nullable=False),
    sa.Column('nominate_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reveal_by', sa.Date(), nullable=True),
    sa.Column('revealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaigns')),
    sa.UniqueConstraint('key', name=op.f('uq_campaigns_key'))
    )
    op.create_table('draws',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('roster', sa.Text(), nullable=False),
    sa.Column('roster_sha256', sa.String(), nullable=False),
    sa.Column('nonce_hex', sa.String(), nullable=False),
    sa.Column('nonce_sha256', sa.String(), nullable=False),
    sa.Column('private', sa.Text(), nullable=False),
    sa.Column('announced_source', sa.String(), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('committed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('committed_by', sa.String(), nullable=False),
    sa.Column('public_value', sa.String(), nullable=True),
    sa.Column('value_source', sa.Text(), nullable=True),
    sa.Column('value_link', sa.String(), nullable=True),
    sa.Column('value_photo_sha256', sa.String(), nullable=True),
    sa.Column('value_known_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('value_entered_by', sa.String(), nullable=True),
    sa.Column('seed', sa.String(), nullable=True),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_draws_campaign_id_campaigns')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draws')),
    sa.UniqueConstraint('campaign_id', 'number', name=op.f('uq_draws_campaign_id_number'))
    )
    op.create_table('nomination_counts',
    sa.Column('campaign_id', sa.Integer(), nullable=False),
    sa.Column('premises_id', sa.Integer(), nullable=False),
    sa.Column('votes', sa.Integer(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_nomination_counts_campaign_id_campaigns')),
    sa.ForeignKeyConstraint(['premises_id'], ['premises.id'], name=op.f('fk_nomination_counts_premises_id_premises')),
    sa.PrimaryKeyConstraint('campaign_id', 'premises_id', name=op.f('pk_nomination_counts'))
    )
    op.create_table('assignments',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('premises_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('source', sa.String(40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('campaign_id', sa.Integer(), nullable=True),
    sa.Column('draw_id', sa.Integer(), nullable=True),
    sa.Column('stratum', sa.String(), nullable=True),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('is_substitute', sa.Boolean(), nullable=False),
    sa.Column('replaces_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('state_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lead_account_id', sa.Integer(), nullable=True),
    sa.Column('second_account_id', sa.Integer(), nullable=True),
    sa.Column('release_on', sa.Date(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('checklist', sa.String(), nullable=True),
    sa.Column('items', sa.String(), nullable=False),
    sa.Column('recheck_of_key', sa.String(), nullable=True),
    sa.Column('visited_on', sa.Date(), nullable=True),
    sa.Column('result', sa.String(), nullable=True),
    sa.Column('made_by', sa.String(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('lead_account_id IS NULL OR lead_account_id <> second_account_id', name=op.f('ck_assignments_two_inspectors')),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_assignments_campaign_id_campaigns')),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_assignments_draw_id_draws')),
    sa.ForeignKeyConstraint(['lead_account_id'], ['accounts.id'], name=op.f('fk_assignments_lead_account_id_accounts')),
    sa.ForeignKeyConstraint(['premises_id'], ['premises.id'], name=op.f('fk_assignments_premises_id_premises')),
    sa.ForeignKeyConstraint(['replaces_id'], ['assignments.id'], name=op.f('fk_assignments_replaces_id_assignments')),
    sa.ForeignKeyConstraint(['second_account_id'], ['accounts.id'], name=op.f('fk_assignments_second_account_id_accounts')),
    sa.ForeignKeyConstraint(['unit_id'], ['catering_units.id'], name=op.f('fk_assignments_unit_id_catering_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignments')),
    sa.UniqueConstraint('public_id', name=op.f('uq_assignments_public_id'))
    )
    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.create_index('ix_assignments_campaign_id', ['campaign_id'], unique=False)
        batch_op.create_index('ix_assignments_lead_account_id', ['lead_account_id'], unique=False)
        batch_op.create_index('ix_assignments_second_account_id', ['second_account_id'], unique=False)
        batch_op.create_index('ix_assignments_unit_id', ['unit_id'], unique=False)

    op.create_table('assignment_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(40), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('photo_sha256', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_assignment_events_assignment_id_assignments')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment_events'))
    )
    with op.batch_alter_table('assignment_events', schema=None) as batch_op:
        batch_op.create_index('ix_assignment_events_assignment_id', ['assignment_id'], unique=False)

    op.create_table('draw_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draw_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(40), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=True),
    sa.Column('replaces', sa.String(), nullable=True),
    sa.Column('inspector', sa.String(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('fk_draw_events_draw_id_draws')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw_events')),
    sa.UniqueConstraint('draw_id', 'number', name=op.f('uq_draw_events_draw_id_number'))
    )

    op.create_table('higher_checks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('authority', sa.String(), nullable=False),
    sa.Column('checked_on', sa.Date(), nullable=False),
    sa.Column('items', sa.String(), nullable=False),
    sa.Column('recorded_by', sa.String(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['catering_units.id'], name=op.f('fk_higher_checks_unit_id_catering_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_higher_checks'))
    )
    with op.batch_alter_table('higher_checks', schema=None) as batch_op:
        batch_op.create_index('ix_higher_checks_unit_id', ['unit_id'], unique=False)

    op.create_table('planned_tasks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(40), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('external_ref', sa.String(), nullable=False),
    sa.Column('external_file_sha256', sa.String(), nullable=True),
    sa.Column('external_row', sa.Text(), nullable=True),
    sa.Column('assignment_id', sa.Integer(), nullable=True),
    sa.Column('dropped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignments.id'], name=op.f('fk_planned_tasks_assignment_id_assignments')),
    sa.ForeignKeyConstraint(['unit_id'], ['catering_units.id'], name=op.f('fk_planned_tasks_unit_id_catering_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_tasks')),
    sa.UniqueConstraint('year', 'unit_id', 'source', 'due_on', 'external_ref', name=op.f('uq_planned_tasks_year_unit_id_source_due_on_external_ref'))
    )
    with op.batch_alter_table('planned_tasks', schema=None) as batch_op:
        batch_op.create_index('ix_planned_tasks_assignment_id', ['assignment_id'], unique=False)
        batch_op.create_index('ix_planned_tasks_due_on', ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_planned_tasks_external_file_sha256'), ['external_file_sha256'], unique=False)




def downgrade() -> None:

    with op.batch_alter_table('planned_tasks', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_planned_tasks_external_file_sha256'))
        batch_op.drop_index('ix_planned_tasks_due_on')
        batch_op.drop_index('ix_planned_tasks_assignment_id')

    op.drop_table('planned_tasks')
    with op.batch_alter_table('higher_checks', schema=None) as batch_op:
        batch_op.drop_index('ix_higher_checks_unit_id')

    op.drop_table('higher_checks')
    op.drop_table('draw_events')
    with op.batch_alter_table('assignment_events', schema=None) as batch_op:
        batch_op.drop_index('ix_assignment_events_assignment_id')

    op.drop_table('assignment_events')
    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.drop_index('ix_assignments_unit_id')
        batch_op.drop_index('ix_assignments_second_account_id')
        batch_op.drop_index('ix_assignments_lead_account_id')
        batch_op.drop_index('ix_assignments_campaign_id')

    op.drop_table('assignments')
    op.drop_table('nomination_counts')
    op.drop_table('draws')
    op.drop_table('campaigns')

