"""The base of all errors that are sentences for people: what, where, and the cure."""


class HouseError(Exception):
    """A refusal that its reader can mend; commands print it and end with exit code 1."""


class BusyError(HouseError):
    """Another process is at the same work, and finishes it: nothing is lost and nothing need be done."""
