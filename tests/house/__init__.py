"""The rules of the house, as tests: imports, migrations, routes, problems, what the document says."""
