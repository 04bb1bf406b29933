"""Tables that people keep: reading CSV and XLSX with a fault for each cell, reports, templates."""
