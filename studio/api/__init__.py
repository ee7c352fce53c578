"""The studio for programs: REST under /api/v1, over the same functions as the pages."""
