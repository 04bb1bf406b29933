"""What leaves the house: editions, public facts, the static site, search, plates, scheduled jobs."""
