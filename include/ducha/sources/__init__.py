"""Where submissions come from: one small protocol, one file a kind of source."""
