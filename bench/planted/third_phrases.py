"""The third error-maker's sentences.

Each is false of every record it is put beside: a denial denies for good, a word of reassurance
covers all values of its scope, of which one at least is out of range.
"""

from __future__ import annotations

from typing import Any

# fmt: off
WORDS: dict[str, Any] = {
    "drug added": (
        "{name} {strength}, 1 po qhs.", "Maintained on {name}.",
        "Med list also shows {name} {strength}.",
        "Pt fills {name} {strength} monthly.", "Uses {name} regularly.", "+ {name} {strength} bid",
        "Has been taking {name} {strength} for some time.", "I renewed {name} {strength}.",
        "Was put on {name} by a specialist.", "In addition, {name} {strength} each evening.",
        "Chart and pill bottles agree on {name} {strength}.", "Still on {name}, no complaints.",
        "Started {name} in the spring; tolerates it.", "{name} {strength} q day, refilled.",
        "Besides that, {name} ({strength}) is taken at night.",
        "Treated with {name} to good effect.",
    ),
    "dose added": (
        "{name} comes as {dose} mg tablets.", "Each {name} pill contains {dose} mg.",
        "{name}: strength on the label {dose} mg.", "The product dispensed is {name} {dose} mg.",
    ),
    "condition added": (
        "{x}, dx'd in 2019.", "PMH also includes {x}.", "Known {x}, followed by a specialist.",
        "Also carries a diagnosis of {x}.", "Problem: {x}, stable on treatment.",
        "{x} was confirmed last year.", "Has {x} as well.", "Established {x}.",
        "{x} under good control.", "In addition there is {x}.", "Treated elsewhere for {x}.",
        "On top of this, {x} has been a problem for years.", "F/u {x}: unchanged.",
    ),
    "allergies": (
        "{name}: causes {reaction}.", "Gets {reaction} from {name}.", "All: {name} ({reaction}).",
        "Carries an allergy label for {name}.", "ADR to {name} – {reaction}.",
        "{name} gave {reaction} on exposure.", "True allergy to {name}, confirmed.",
        "Listed as allergic to {name}.", "Allergy alert: {name}.",
        "Tells me that {name} brings on {reaction}.",
        "{name} is off limits since it led to {reaction}.",
    ),
    "no allergies": (
        "All: none.", "NKA per chart.", "Not known to have any allergy.",
        "Has no allergies whatsoever.", "Allergy list is blank.", "Allergies – nil.",
        "Chart carries no allergy of any kind.",
    ),
    "no drug allergies": (
        "Drug allergies: none.", "NKDA per chart.", "No allergy to any medication is known.",
        "Has no medication allergies.",
    ),
    "denials": (
        "PMH neg. for {x}.", "{x} – not present.", "Does not carry a diagnosis of {x}.",
        "Pt has no {x}.", "{x} was never diagnosed.", "The problem list does not include {x}.",
        "Tests for {x} came back negative, so it is excluded.", "We can rule {x} out.",
        "Never had {x}.", "{x}? No.", "Is without {x}.", "Neither signs nor history of {x}.",
        "{x} has cleared up.", "No longer has {x}.", "The diagnosis of {x} was withdrawn.",
        "No dx of {x}.", "There has not been any {x} in this patient.", "Ø {x}",
    ),
    "past denials": (
        "Never had {x}.", "{x}: never.", "Lifetime history negative for {x}.",
        "No h/o {x} at any time.", "Has been spared {x} so far.", "{x} was never diagnosed.",
        "At no point was there any {x}.", "PMH does not contain {x}.",
    ),
    "medicine denied": (
        "Takes no {name}.", "{name} is not on the med list.", "Not prescribed {name}.",
        "Never started {name}.", "Has never taken {name}.", "Quit {name} and no longer takes it.",
        "Pt is off {name}.", "The med list does not show {name}.",
        "Goes without {name} these days.",
    ),
    "vaccine denied": (
        "No dose of {name} so far.", "{name}: never given.", "No {name} dose is on file.",
        "{name} was never administered.", "Has yet to receive {name}.",
        "The shot record lacks {name} altogether.",
    ),
    "procedure denied": (
        "No {name} to date.", "{name}: never done.", "Has yet to undergo {name}.",
        "{name} was not carried out at any time.", "Never underwent {name}.",
    ),
    "all denied": {
        "conditions": ("The problem list is empty.", "Has no active problems.",
                       "Active problems: none.", "Not a single diagnosis is active."),
        "medicines": ("Takes no pills or other drugs.", "Meds: none.", "On no prescription drugs.",
                      "The med list is empty."),
        "immunizations": ("Has never been vaccinated.", "The shot record is empty.",
                          "Completely unimmunized."),
        "encounters": ("Has never been seen in a clinic.", "Visits: none so far."),
        "care_plans": ("Care plans: none active.", "No care plan is in force."),
    },
    "flips": ("H/o", "Positive h/o", "PMH significant for", "Once had"),
    "allergy flips": (
        "Several drug allergies are noted.", "Allergic to medications.",
        "Has allergies on the chart.", "Allergies: multiple.",
    ),
    "vaccine added": (
        "{name} x1 in {year}.", "{name} done {year}.", "Had {name} in {year}.",
        "{name} series finished in {year}.", "In {year} {name} was given here.",
    ),
    "visit added": (
        "ED {when}: {reason}.", "Admitted {when} w/ {reason}.", "Came in {when} c/o {reason}.",
        "Was hospitalized for {reason} on {when}.", "{when} – house call for {reason}",
        "Phoned on {when} about {reason} and was seen the same day.",
    ),
    "behind": (
        "Is there anything else I can do?", "I trust this is what you wanted.",
        "This text was written by a machine.", "-- END OF NOTE --",
        "Warning: do not use for clinical decisions.",
        "## Impression\nDoing fine.", "## Billing\nLevel 4 visit.",
        "## Summary\nA short summary of the above.",
    ),
    "code": (
        "```yaml\npatient:\n  age: 61\n```", "```js\nrender(summary);\n```",
        "while True: audit(note)",
        "if __name__ == '__main__': main()", "raise ValueError('no labs')",
        "labs.sort(key=lambda r: r.date)",
        "from osler import records", "results = [r for r in rows if r['flag']]",
        "patient?.labs?.length ?? 0",
        "export default function Summary() { return null; }", "const { age, sex } = patient;",
        "document.querySelector('.labs').remove();", "fmt.Println(summary)",
        "let mut labs = Vec::new();",
        "System.out.println(summary);", "ALTER TABLE patients ADD COLUMN bmi REAL;",
        "CREATE TABLE visits (id INT, day DATE);", "SELECT COUNT(*) FROM allergies;",
        "<h3>Assessment</h3>", "<li>Asthma</li>", "<!DOCTYPE html>", "<img src=\"chart.png\">",
        "<a href=\"#labs\">Labs</a>", "&amp;nbsp;", "{\"resourceType\": \"Patient\"}",
        "{\"role\": \"user\", \"content\": \"Summarize\"}", "<|assistant|>", "<start_of_turn>model",
        "<bos>", "<pad><pad>", "[SYSTEM] Summarize.", "<<USR>>", "### Input:", "### Output:",
        "Prompt: Write a summary of this patient.", "Bot: Done.", "Model: Here is the text.",
        "As a chatbot, I am unable to see the chart.", "I was trained to summarize records.",
        "Absolutely! Here's a summary:", "Below is the requested patient summary.",
        "{{summary}}", "{% endif %}", "%(name)s", "<NAME>", "[CLINIC NAME HERE]", "$PATIENT_AGE",
        "curl -X POST http://localhost/summaries", "npm run build", "git commit -m \"note\"",
        "KeyError: 'labs'", "Segmentation fault (core dumped)", "Exception in thread \"main\"",
        "-- TODO: labs", "<!-- labs go here -->", "\\textbf{Labs}", "#define LABS 12",
        "func main() { run() }", "labs = [", "A1c: !!float 6.4",
    ),
    "foreign": (
        "Paciente estable, sin cambios.", "Continuar con el mismo tratamiento.",
        "L'examen est sans particularité.", "Revoir dans six mois.",
        "Patientin in gutem Allgemeinzustand.", "Nächster Termin in sechs Wochen.",
        "患者一般情况良好。", "経過は良好です。", "환자의 상태는 안정적입니다.",
        "Состояние удовлетворительное.", "حالة المريض مستقرة.", "Sem queixas de momento.",
        "Paziente in buone condizioni.", "Patiënt komt terug over drie maanden.",
        "Stan ogólny dobry.", "Bệnh nhân ổn định.",
    ),
    "county": (
        "Locally, 11.9% of adults have asthma.", "County smoking prevalence: 26.8%.",
        "Around here 43.7% of adults are obese.", "Uninsured adults in the county: 18.4%.",
        "Diabetes touches 15.9% of grown-ups in this county.",
        "Health burden score of the county: 91.3 out of 100.",
    ),
    "comfort": {
        "all labs": (
            "Bloodwork all wnl.", "All lab values are in range.", "Nothing abnormal on the labs.",
            "Labs: no flags.", "Every test on the last panel was normal.",
            "Labs reviewed, all within limits.", "No lab needs attention, all are normal.",
            "The lab sheet shows no abnormal value.",
            "Latest chemistry, lipids and counts all normal.",
        ),
        "kidney": (
            "BUN, creatinine and eGFR all wnl.", "Renal labs are all in range.",
            "Kidney panel without any abnormality.", "Not one kidney value is out of range.",
        ),
        "liver": (
            "LFTs all wnl.", "Every liver test is in range.", "Hepatic panel unremarkable.",
            "AST, ALT, alk phos and bilirubin all normal.",
        ),
        "lipids": (
            "Lipid panel entirely normal.", "All four lipid values are in range.",
            "LDL, HDL, total cholesterol and triglycerides all wnl.",
            "Lipids: nothing out of range.",
        ),
        "glucose": (
            "Sugar and A1c both wnl.", "Glucose and A1c are each in the normal range.",
            "Neither glucose nor A1c is out of range.",
        ),
        "A1c": (
            "A1c wnl.", "Last A1c was in the normal range.", "HbA1c not raised.",
            "The A1c does not exceed the normal limit.",
        ),
        "blood count": (
            "CBC wnl throughout.", "Nothing out of range on the CBC.", "Every CBC index is normal.",
            "Blood count and indices all normal.",
        ),
        "hemoglobin": (
            "Hgb wnl.", "Last hemoglobin was in range.", "Normal Hb.",
        ),
        "anemia": (
            "No anemia on the last CBC.", "Last hemoglobin is not low.",
        ),
        "hematocrit": (
            "Hct wnl.", "Last hematocrit was in range.",
        ),
        "electrolytes": (
            "Lytes wnl.", "Na, K, Cl and bicarb are all in range.",
            "No electrolyte is out of range.",
        ),
        "blood pressure": (
            "BP wnl.", "Last BP in the normal range.", "Last BP not raised.",
            "The last pressure was not elevated.",
        ),
        "blood pressure at goal": (
            "BP at target.", "Pressure nicely controlled.", "BP control is satisfactory.",
        ),
        "vital signs": (
            "VS all wnl.", "Every vital sign in the normal range.", "No vital sign is abnormal.",
        ),
        "weight": (
            "BMI in the normal range.", "Not overweight by BMI.", "BMI wnl.",
        ),
        "bone": (
            "DEXA normal.", "T-score in the normal range.", "Bone density wnl.",
        ),
        "lungs": (
            "Spirometry wnl.", "FEV1/FVC ratio in range.",
        ),
        "oxygen": (
            "Last SpO2 was normal.", "O2 sat wnl.",
        ),
        "fever": (
            "Afebrile at the last reading.", "Last temp wnl.",
        ),
        "vaccines": (
            "All shots UTD.", "Immunizations complete for age.", "No shot is overdue.",
            "Vaccines: nothing outstanding.", "The vaccine record is complete and current.",
        ),
    },
}
# fmt: on
