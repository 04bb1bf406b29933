"""The system of record and the staff surface: rooms from the floor (`record`) up."""
