"""The engine: a rulebook's text and facts in, results with their derivation out."""
