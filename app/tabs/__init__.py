"""One file a tab: what is where, one line an event."""
