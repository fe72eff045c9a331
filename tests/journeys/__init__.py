"""Stories, through HTTP."""
