"""What the public and operators send in: votes, answers, reports, objections; in a database of its own."""
