"""Measurements of why one architecture does better than another: a module each, over runs that are trained."""
