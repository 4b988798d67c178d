"""What members are written and told about events: reminders, changes, messages of the organisers."""
