"""What the measures of CDC PLACES mean, in plain words; who is counted is part of the name.

After the definitions at https://www.cdc.gov/places/measure-definitions, releases 2020 to 2025. All
are shares in percent. Where the ages counted changed between releases, the name leaves them out.
"""

from __future__ import annotations

TITLES = {
    "ACCESS2": "No health insurance among adults aged 18 to 64",
    "ARTHRITIS": "Diagnosed arthritis among adults",
    "BINGE": "Binge drinking among adults",
    "BPHIGH": "Diagnosed high blood pressure among adults",
    "BPMED": "Taking blood pressure medicine among adults with high blood pressure",
    "CANCER": "Cancer ever diagnosed among adults (common skin cancers not counted)",
    "CASTHMA": "Current asthma among adults",
    "CERVICAL": "Cervical cancer screening up to date among women aged 21 to 65",
    "CHD": "Diagnosed coronary heart disease among adults",
    "CHECKUP": "Routine checkup in the past year among adults",
    "CHOLSCREEN": "Cholesterol checked in the past 5 years among adults",
    "COGNITION": "Difficulty remembering, concentrating or deciding among adults",
    "COLON_SCREEN": "Colorectal cancer screening up to date among adults of screening age",
    "COPD": "Diagnosed chronic obstructive pulmonary disease among adults",
    "COREM": "Core preventive services up to date among men aged 65 and over",
    "COREW": "Core preventive services up to date among women aged 65 and over",
    "CSMOKING": "Current cigarette smoking among adults",
    "DENTAL": "Dental visit in the past year among adults",
    "DEPRESSION": "Depression ever diagnosed among adults",
    "DIABETES": "Diagnosed diabetes among adults",
    "DISABILITY": "Any disability among adults",
    "EMOTIONSPT": "Lack of social and emotional support among adults",
    "FOODINSECU": "Food insecurity in the past year among adults",
    "FOODSTAMP": "Food stamps received in the past year among adults",
    "GHLTH": "Fair or poor self-rated health among adults",
    "HEARING": "Difficulty hearing among adults",
    "HIGHCHOL": "Diagnosed high cholesterol among adults who were ever screened",
    "HOUSINSECU": "Housing insecurity in the past year among adults",
    "INDEPLIVE": "Difficulty doing errands alone among adults",
    "ISOLATION": "Feeling socially isolated among adults",
    "KIDNEY": "Diagnosed chronic kidney disease among adults",
    "LACKTRPT": "Lack of reliable transportation in the past year among adults",
    "LONELINESS": "Loneliness among adults",
    "LPA": "No leisure-time physical activity among adults",
    "MAMMOUSE": "Mammogram in the past 2 years among women of screening age",
    "MHLTH": "Poor mental health on 14 or more of the past 30 days among adults",
    "MOBILITY": "Difficulty walking or climbing stairs among adults",
    "OBESITY": "Obesity among adults",
    "PHLTH": "Poor physical health on 14 or more of the past 30 days among adults",
    "SELFCARE": "Difficulty dressing or bathing among adults",
    "SHUTUTILITY": "Threat of having utilities shut off in the past year among adults",
    "SLEEP": "Less than 7 hours of sleep among adults",
    "STROKE": "Stroke ever diagnosed among adults",
    "TEETHLOST": "All teeth lost among adults aged 65 and over",
    "VISION": "Blindness or difficulty seeing among adults",
}
"""Measure id -> what it says."""


def title_of(measure: str) -> str:
    """A measure in words; a measure newer than this table keeps its id."""
    return TITLES.get(measure, measure)
