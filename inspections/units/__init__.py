"""The register: premises, catering units, their numbers, imports, search keys and storefront codes."""
