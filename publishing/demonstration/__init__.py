"""The demonstration district: made-up units, two years of visits and twelve editions, from a fixed seed."""
