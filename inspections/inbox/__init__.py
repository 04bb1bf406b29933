"""What the public and operators send in: votes, answers, later reports and objections; a database of its own."""
