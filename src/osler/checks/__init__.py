"""`osler check`: everything that can be wrong, looked for before an accelerator is touched."""
