"""A reform before it happens: the register graded by the rules in force and by a draft, nothing stored."""
