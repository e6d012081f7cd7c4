"""Safe people: who they are, which roles they hold, what they were trained in and promised."""
