"""Summaries of patients: their sections, drafts by rule, and the audit."""
