"""Stories of the console: real Chromium, real gateway and worker, the WorkOS twin."""
