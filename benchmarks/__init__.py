"""How fast and how large karmalog is, measured beside plain programs that do the same work on the same machine."""
