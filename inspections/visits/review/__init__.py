"""The reviewer's side of visits: what came in with its evidence, and what follows from its orders."""
