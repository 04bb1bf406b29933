"""What the bureau says to an operator: letters with their delivery records, and text messages about them."""
