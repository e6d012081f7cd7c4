"""A fifth corpus: what statistics packages print, and layouts of health, wage and student-aid offices; twins throughout."""
