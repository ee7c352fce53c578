"""Who somebody is and what they may do: roles and rights, people, sign-in, sessions, tokens.

Ground floor: knows the database, no domain, and no web framework.
"""
