"""Scope: whether a message is for a health assistant, before any model sees it.

`guard` judges, `emergency` knows what cannot wait, `texts` holds what is said in place of an
answer; `fit` is how the guard came to be.
"""
