"""One test per row of the threat table, named by its id."""
