"""MemberPulse Auth Gateway."""
