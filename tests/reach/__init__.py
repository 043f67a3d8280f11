"""What of the contracts the tests reach: functions, errors, events, and lines. Recorded, not
searched for."""
