"""The database: migrations, COPY, the catalogue's versions, releases."""
