"""People who never were: simulated lives, written as FHIR R4 bundles and Synthea's CSV tables.

A life is walked through from birth, visit by visit. What is true of a body (its pressure, sugar,
kidneys) moves with age, illness and treatment; what is in the record is what was measured, found
and done on visits. Patient k of a seed is the same however many there are.
"""
