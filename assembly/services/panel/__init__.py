"""The panel: seats, reaching and confirming people, telling them, and filling the seats that become free."""
