"""What crosses a border: events, the log's records, the rulebook, facts and answers."""
