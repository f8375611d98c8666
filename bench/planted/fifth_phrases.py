"""The fifth error-maker's sentences: what is added, denied, soothed, or left from a machine.

Each is false of every record it is put beside: a denial denies for good, a word of reassurance
covers all values of its scope, of which one at least is out of range.
"""

from __future__ import annotations

from typing import Any

# fmt: off
WORDS: dict[str, Any] = {
    "drug added": (
        "{name} {strength} was dispensed and is being used.", "The patient is also on {name}.",
        "Long-term medication: {name} {strength}",
        "{name} {strength} – daily, no side effects reported", "The plan is to stay on {name}.",
        "The cardiologist prescribed {name} {strength}.", "{name}: continue unchanged.",
        "Also listed: {name} {strength}, taken at breakfast.", "Uses {name} on bad days.",
        "{name} replaced an older drug this year.", "Discharged on {name} {strength}.",
    ),
    "dose added": (
        "{name} is dosed at {dose} mg.", "The chart has {name} down as {dose} mg.",
        "{name}, {dose} mg strength, is the current order.", "One unit of {name} holds {dose} mg.",
    ),
    "allergies": (
        "Allergen: {name}; reaction: {reaction}", "{name} led to {reaction}; do not give again.",
        "There was {reaction} after {name}, recorded as an allergy.", "Also allergic to {name}.",
        "Caution: {name} allergy.", "{name} must not be given because of an allergy.",
        "The allergy list has an entry for {name}.", "{name} – allergy, {reaction}",
    ),
    "no allergies": (
        "Allergies: none on file.", "The allergy list has no entries.", "Allergies: negative.",
        "There is nothing the patient is allergic to.", "No allergy has ever been entered.",
        "The chart is free of allergies.",
    ),
    "no drug allergies": (
        "Drug allergies: none on file.", "No medicine is listed as an allergen.",
        "Any drug can be given as far as allergies go; none is known.",
    ),
    "denials": (
        "{x} is absent from the problem list.", "There is no active {x}.", "{x}: excluded.",
        "Nothing in the chart supports {x}.", "{x} – ruled out on testing",
        "This patient does not carry {x} as a diagnosis.", "{x} is inactive.",
        "The diagnosis of {x} was removed from the chart.", "{x} is over and done with.",
        "The patient has been cured of {x}.", "{x} was entered in error.",
    ),
    "past denials": (
        "{x} is absent from the past history.", "There was never any {x}.",
        "In the whole chart there is no entry of {x}.", "{x}: no episode ever.",
        "The past history is free of {x}.",
    ),
    "medicine denied": (
        "{name} – not taken", "No order for {name} is active.",
        "{name} has been taken off the list.",
        "The chart shows no use of {name}.", "{name} was never ordered.", "{name}: discontinued.",
        "The patient has come off {name}.",
    ),
    "vaccine denied": (
        "{name}: none on file.", "No entry exists for {name}.", "{name} is missing entirely.",
        "Not a single {name} was ever given.",
    ),
    "procedure denied": (
        "{name} – never", "No entry exists for {name}.", "At no time was there any {name}.",
        "{name} has yet to be done for the first time.",
    ),
    "all denied": {
        "conditions": ("The problem list has no active entry.", "There is no active diagnosis.",
                       "In good health, no diagnoses."),
        "medicines": ("Active medications: none.", "The chart has no active medication orders.",
                      "Medication-free at present."),
        "immunizations": ("The chart has no vaccine entry.", "No vaccine was ever given."),
        "encounters": ("There is no visit in the chart.", "The patient was never seen."),
        "care_plans": ("No care plan is active.", "There are no plans of care on file."),
    },
    "flips": (
        "The problem list includes", "There is an entry for", "The chart gives a diagnosis of",
    ),
    "allergy flips": (
        "There are several entries on the allergy list.", "An allergy is on record.",
        "Allergies: see list, more than one.",
    ),
    "behind": (
        "Thank you for letting me prepare this summary.", "Dictated but not read.",
        "Shall I go on with the next patient?", "END OF DOCUMENT", "~ fin ~", "Page 2 of 2",
        "## Assessment and Plan\nContinue as before.",
        "## Discharge Instructions\nReturn as needed.",
        "## Notes for the Reviewer\nAll sections were filled in.",
    ),
    "code": (
        "```json\n{\"labs\": []}\n```", "```xml\n<labs/>\n```", "~~~\nsummary\n~~~", "```",
        "<tool_call>", "</tool_call>", "<tool_response>{\"status\": \"ok\"}</tool_response>",
        "<function_calls>", "{\"name\": \"get_labs\", \"arguments\": {\"patient_id\": 1}}",
        "<|tool_calls_begin|>", "<|channel|>final<|message|>", "<|endofprompt|>", "<|im_sep|>",
        "<s>[INST]", "<reasoning>", "</answer>", "<scratchpad>list labs first</scratchpad>",
        "{\"type\": \"object\", \"properties\": {}}", "\"section\": \"Care Plans\",", "[{}]", "{}",
        "role: assistant", "assistant\n\nThe summary:", "SYSTEM: write twelve sections",
        "USER: next patient please", "### End of response", "### Context:", "Output:",
        "{{#if allergies}}", "{{/each}}", "{% include 'labs.md' %}", "<%= patient.age %>",
        "@@PATIENT@@", "##AGE##", "[AGE]", "[Insert date of last visit here]", "<patient name>",
        "{medications}", "{conditions[0].name}", "%PATIENT_NAME%", "${labs.latest}", "XX/XX/XXXX",
        "for (const lab of labs) {", "while (i < labs.length) i++;", "if labs is None:",
        "labs = record[\"labs\"]", "return summary", "from pathlib import Path",
        "import numpy as np",
        "def render_section(title, lines):", "summary = \"\\n\".join(lines)", "async def main():",
        "const [labs, setLabs] = useState([]);", "module.exports = { summarize };",
        "SELECT code, display FROM conditions WHERE active = 1;", "GROUP BY patient_id;",
        "public class Patient {", "println!(\"{}\", summary);", "echo $PATIENT", "rm -rf ./tmp",
        "docker run summary:latest", "AttributeError: 'list' object has no attribute 'get'",
        "HTTP/1.1 200 OK", "panic: runtime error: index out of range", "<h1>Summary</h1>", "<hr/>",
        "<em>elevated</em>", "<tr><th>Lab</th></tr>", "&lt;none&gt;", "&quot;", "\\hline",
        "\\item asthma", "$\\geq$", "|Lab|Value|", "![chart](chart.png)",
        "---\ntitle: Summary\n---",
        "I'm a language model and may have made mistakes.",
        "As an AI, I have no access to the chart.",
        "Sure thing, here is the section:", "Okay, let me write the next section.",
        "Here is the requested section in plain prose:", "Let me know if you want it shorter.",
        "(max_tokens reached)", "[truncated]", "[continued in next message]", "nan", "None, None",
    ),
    "comfort": {
        "all labs": (
            "The lab results give no cause for concern; all are in range.",
            "Lab results: all within reference limits.", "None of the latest labs is abnormal.",
            "On review, the latest labs are normal without exception.",
            "Neither high nor low values appear among the latest labs.",
            "The last blood draw was normal from top to bottom.",
        ),
        "kidney": (
            "From the kidney standpoint, all values are normal.", "Kidney labs: within range.",
            "BUN, creatinine and eGFR were last within range.",
            "The latest renal function panel is in range in all its parts.",
        ),
        "liver": (
            "From the liver standpoint, all values are normal.", "Hepatic labs: within range.",
            "ALT, AST, alkaline phosphatase and bilirubin were last within range.",
        ),
        "lipids": (
            "All components of the latest lipid profile are within range.",
            "Lipid values: none out of range.",
            "Total cholesterol, LDL, HDL and triglycerides were last normal.",
        ),
        "glucose": (
            "Both glucose and A1c were last within range.",
            "Sugar metabolism: glucose and HbA1c are both normal.",
        ),
        "A1c": (
            "The last A1c was fine, within the normal range.",
            "A1c has stayed in the normal range.",
            "There is no elevation of the hemoglobin A1c.",
        ),
        "blood count": (
            "Hemoglobin, hematocrit, cell counts and red cell indices were all last within range.",
            "The latest CBC is normal in every line.", "Full blood count: within range.",
        ),
        "hemoglobin": (
            "Hemoglobin was last within range.", "The latest hemoglobin gave a normal value.",
        ),
        "anemia": ("The latest hemoglobin rules out anemia.",
        "Not anemic on the latest hemoglobin."),
        "hematocrit": ("Hematocrit was last within range.", "The latest hematocrit is normal."),
        "electrolytes": (
            "Sodium, potassium, chloride and bicarbonate were last within range.",
            "Electrolytes: all four normal.",
        ),
        "blood pressure": (
            "The last blood pressure taken was normal.", "Blood pressure: not elevated.",
            "On the last reading, BP lay within normal limits.",
        ),
        "blood pressure at goal": (
            "Blood pressure sits at goal.", "BP control: good.", "The pressure is under control.",
        ),
        "vital signs": (
            "At the last check all vitals were normal.", "Vitals: normal across the board.",
            "The latest vitals give no cause for concern; all are normal.",
        ),
        "weight": (
            "By BMI the weight is normal.", "The latest BMI is neither high nor low.",
            "BMI: healthy range.",
        ),
        "bone": ("The DXA T-score is in the normal range.", "Bone density: normal on DXA."),
        "lungs": ("The latest FEV1/FVC is normal.", "No obstruction by FEV1/FVC."),
        "oxygen": ("The latest oxygen saturation is normal.", "Saturating normally."),
        "fever": ("At the last check there was no fever.", "The latest temperature is normal."),
        "vaccines": (
            "Nothing is missing on the vaccine side; everything is current.",
            "Vaccination status: complete, nothing due.",
            "All vaccines due by now have been given.",
            "The patient is caught up on every recommended vaccine.",
        ),
    },
}
# fmt: on
