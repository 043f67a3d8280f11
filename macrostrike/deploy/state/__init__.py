"""What a chain holds, where a target says something of it: `snapshot` is data, `read` reads it."""
