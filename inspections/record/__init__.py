"""The floor: clock, configuration, database, audit chain, dated settings, jobs. It knows no restaurant."""
