"""The hash that binds a review to what was seen: the signed record, its changes and every addendum."""

import hashlib

from inspections.visits.sync.merging import canonical
from inspections.visits.sync.queries import FieldRecord


def fingerprint_of(record: FieldRecord) -> str:
    """SHA-256 over the signature and all changes; any change that arrives later gives another one."""
    changes = [
        [stored.id, stored.change.key, stored.change.value, stored.account, stored.tablet]
        for stored in sorted(record.changes, key=lambda one: one.id)
    ]
    material = [record.visit.client_id, record.visit.signed_sha256, sorted(record.covered), changes]
    return hashlib.sha256(canonical(material).encode()).hexdigest()
