"""The refusal of every use case of this room: a sentence that says what to do instead."""

from inspections.record.errors import HouseError


class CampaignError(HouseError):
    """A campaign, a draw, a plan or an assignment cannot be changed as asked."""
