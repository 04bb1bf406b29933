"""What pages and commands share: headers, errors, sheets, formatters. It knows no restaurant."""
