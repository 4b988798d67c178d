"""What members need in order to take part: said once, arranged for each event, booked in time."""
