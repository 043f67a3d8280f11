"""The journal's schema, as numbered steps. A step that was released is never edited again."""
