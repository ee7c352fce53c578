"""Services that make 3D models for money: what each is asked and answers, the calls that are open,
and what came of them."""
