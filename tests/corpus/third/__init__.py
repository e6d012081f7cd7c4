"""The third corpus: straight readings of each sentence of the rule text, a file that breaks it and a near-miss that does not.

Written from the rule text and the public interface alone, as an acceptance tester would, and committed before its first measure.
"""
