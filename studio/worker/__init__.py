"""The worker: takes jobs from the table, each in processes of its own, and what each kind does."""
