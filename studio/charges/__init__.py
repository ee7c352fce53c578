"""Money: what calls that cost may cost, do cost and did cost, counted before it is spent.

Ground floor, beside jobs and assets: knows the database and people, no job, no picture and no
provider.
"""
