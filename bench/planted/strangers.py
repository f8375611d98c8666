"""What is planted: drugs, conditions, allergens and texts that a patient's record does not have."""

from __future__ import annotations

DRUGS = (
    ("warfarin", "5 mg"), ("apixaban", "5 mg"), ("rivaroxaban", "20 mg"), ("digoxin", "0.125 mg"),
    ("metformin", "500 mg"), ("glipizide", "5 mg"), ("sitagliptin", "100 mg"),
    ("empagliflozin", "10 mg"), ("insulin glargine", "20 units"), ("liraglutide", "1.8 mg"),
    ("atorvastatin", "40 mg"), ("rosuvastatin", "10 mg"), ("pravastatin", "40 mg"),
    ("ezetimibe", "10 mg"), ("fenofibrate", "145 mg"), ("losartan", "50 mg"),
    ("valsartan", "80 mg"), ("olmesartan", "20 mg"), ("enalapril", "10 mg"),
    ("ramipril", "5 mg"), ("metoprolol", "50 mg"), ("atenolol", "25 mg"),
    ("carvedilol", "12.5 mg"), ("bisoprolol", "5 mg"), ("propranolol", "40 mg"),
    ("diltiazem", "120 mg"), ("verapamil", "240 mg"), ("nifedipine", "30 mg"),
    ("furosemide", "40 mg"), ("spironolactone", "25 mg"), ("chlorthalidone", "25 mg"),
    ("clonidine", "0.1 mg"), ("doxazosin", "4 mg"), ("amiodarone", "200 mg"),
    ("clopidogrel", "75 mg"), ("levothyroxine", "75 mcg"), ("methimazole", "10 mg"),
    ("prednisone", "10 mg"), ("dexamethasone", "4 mg"), ("sertraline", "50 mg"),
    ("fluoxetine", "20 mg"), ("escitalopram", "10 mg"), ("venlafaxine", "75 mg"),
    ("duloxetine", "60 mg"), ("bupropion", "150 mg"), ("mirtazapine", "15 mg"),
    ("trazodone", "50 mg"), ("amitriptyline", "25 mg"), ("quetiapine", "100 mg"),
    ("olanzapine", "10 mg"), ("risperidone", "2 mg"), ("lithium", "300 mg"),
    ("lamotrigine", "100 mg"), ("levetiracetam", "500 mg"), ("topiramate", "50 mg"),
    ("valproate", "500 mg"), ("phenytoin", "100 mg"), ("gabapentin", "300 mg"),
    ("pregabalin", "75 mg"), ("tramadol", "50 mg"), ("morphine", "15 mg"),
    ("methadone", "10 mg"), ("meloxicam", "15 mg"), ("celecoxib", "200 mg"),
    ("cyclobenzaprine", "10 mg"), ("baclofen", "10 mg"), ("lorazepam", "1 mg"),
    ("alprazolam", "0.5 mg"), ("clonazepam", "0.5 mg"), ("zolpidem", "10 mg"),
    ("omeprazole", "20 mg"), ("pantoprazole", "40 mg"), ("famotidine", "20 mg"),
    ("ondansetron", "4 mg"), ("montelukast", "10 mg"), ("tiotropium", "18 mcg"),
    ("budesonide", "180 mcg"), ("azithromycin", "250 mg"), ("doxycycline", "100 mg"),
    ("ciprofloxacin", "500 mg"), ("cephalexin", "500 mg"), ("metronidazole", "500 mg"),
    ("fluconazole", "150 mg"), ("valacyclovir", "500 mg"), ("tamsulosin", "0.4 mg"),
    ("finasteride", "5 mg"), ("sildenafil", "50 mg"), ("allopurinol", "300 mg"),
    ("colchicine", "0.6 mg"), ("hydroxychloroquine", "200 mg"), ("donepezil", "10 mg"),
    ("ropinirole", "1 mg"), ("sumatriptan", "50 mg"), ("tamoxifen", "20 mg"),
    ("Lipitor", "20 mg"), ("Xarelto", "20 mg"), ("Eliquis", "5 mg"), ("Jardiance", "10 mg"),
    ("Ozempic", "0.5 mg"), ("Lantus", "20 units"), ("Zoloft", "50 mg"), ("Lasix", "40 mg"),
    ("Coumadin", "5 mg"), ("Plavix", "75 mg"), ("Synthroid", "75 mcg"), ("Crestor", "10 mg"),
    ("Nexium", "40 mg"), ("Singulair", "10 mg"), ("Xanax", "0.5 mg"), ("Ambien", "10 mg"),
    ("Humira", "40 mg"), ("Januvia", "100 mg"), ("Lyrica", "75 mg"), ("Celebrex", "200 mg"),
)  # fmt: skip
"""Real ones, with a usual strength."""

SAME = {
    "lipitor": "atorvastatin", "xarelto": "rivaroxaban", "eliquis": "apixaban",
    "jardiance": "empagliflozin", "lantus": "insulin glargine", "zoloft": "sertraline",
    "lasix": "furosemide", "coumadin": "warfarin", "plavix": "clopidogrel",
    "synthroid": "levothyroxine", "crestor": "rosuvastatin", "singulair": "montelukast",
    "januvia": "sitagliptin", "lyrica": "pregabalin", "celebrex": "celecoxib",
    "xanax": "alprazolam", "ambien": "zolpidem", "nexium": "esomeprazole",
}  # fmt: skip
"""Brands of DRUGS: not planted where the ingredient is in the record."""

LOOK_ALIKE = {
    "lisinopril": "fosinopril", "amlodipine": "amiloride", "hydrochlorothiazide": "hydralazine",
    "simvastatin": "sitagliptin", "metformin": "metronidazole", "naproxen": "nabumetone",
    "loratadine": "lorazepam", "cetirizine": "sertraline", "albuterol": "atenolol",
    "acetaminophen": "acetazolamide", "alendronate": "risedronate", "ibuprofen": "bupropion",
    "amoxicillin": "ampicillin", "oxycodone": "oxymorphone", "fluticasone": "fluoxetine",
    "prednisone": "prednisolone", "losartan": "valsartan", "carvedilol": "captopril",
    "clopidogrel": "prasugrel", "furosemide": "torsemide", "levothyroxine": "liothyronine",
    "sertraline": "cetirizine", "tramadol": "trazodone", "penicillin V": "penicillamine",
    "glipizide": "glyburide", "metoprolol": "misoprostol", "gabapentin": "gemfibrozil",
}  # fmt: skip
"""Names that are mistaken for one another."""

INVENTED = (
    "Cardizolam", "lisopramide", "Zoventrix", "amlovastin", "metrofenac", "Glucorevil",
    "hydroxaprine", "Pulmocor", "betasolone", "carvetidine", "Nexaprolol", "sitafenadine",
    "Tensivar", "omeclovir", "dolamethicone", "Lipravex", "ramitidone", "fluoxopril",
    "Vasolexin", "cefadrazole",
)  # fmt: skip

CONDITIONS = (
    ("rheumatoid arthritis", r"rheumat|arthrit"), ("gout", r"gout|urate|uric"),
    ("type 2 diabetes", r"diabet|glyc|metformin|insulin"),
    ("type 1 diabetes mellitus", r"diabet|glyc|metformin|insulin"),
    ("COPD", r"obstructive|copd|emphysema|bronchi"), ("asthma", r"asthma|wheez"),
    ("atrial fibrillation", r"fibrill|arrhyth|cardiac"),
    ("congestive heart failure", r"heart|cardiac"),
    ("coronary artery disease", r"coronary|infarct|cardiac|angina|isch"),
    ("a stroke", r"stroke|cerebro|isch"), ("a myocardial infarction", r"infarct|coronary|cardiac"),
    ("deep vein thrombosis", r"thromb|embol"), ("a pulmonary embolism", r"thromb|embol"),
    ("stage 3 chronic kidney disease", r"kidney|renal|neph|proteinuria"),
    ("end-stage renal disease", r"kidney|renal|neph|dialys"),
    ("cirrhosis", r"cirrho|liver|hepat"), ("chronic hepatitis C", r"chronic hepatitis|hepatitis c "),
    ("hypothyroidism", r"thyr"), ("hyperthyroidism", r"thyr"),
    ("epilepsy", r"epilep|seizure|convul"), ("multiple sclerosis", r"scleros"),
    ("Parkinson's disease", r"parkinson"), ("Alzheimer's disease", r"alzheimer|dementia"),
    ("breast cancer", r"cancer|neoplas|carcin|malign|tumou?r"),
    ("colon cancer", r"cancer|neoplas|carcin|malign|tumou?r|polyp"),
    ("lung cancer", r"cancer|neoplas|carcin|malign|tumou?r"),
    ("lymphoma", r"cancer|neoplas|carcin|malign|lymphom|leuk"),
    ("melanoma", r"cancer|neoplas|carcin|malign|melanom"),
    ("bipolar disorder", r"bipolar|mania|mood"), ("schizophrenia", r"schizo|psycho"),
    ("major depressive disorder", r"depressive|depression\b(?! screening)"),
    ("PTSD", r"stress disorder|ptsd"), ("osteoporosis", r"osteopor|osteopen"),
    ("psoriasis", r"psoria"), ("lupus", r"lupus"), ("Crohn's disease", r"crohn|colitis|bowel"),
    ("ulcerative colitis", r"crohn|colitis|bowel"), ("celiac disease", r"celiac"),
    ("GERD", r"reflux|gerd"), ("a peptic ulcer", r"ulcer"), ("gallstones", r"gallst|gallbl|chole"),
    ("pancreatitis", r"pancrea"), ("kidney stones", r"stone|calcul|lithia"),
    ("benign prostatic hyperplasia", r"prostat"), ("endometriosis", r"endomet"),
    ("glaucoma", r"glaucom"), ("cataracts", r"catarac"), ("sleep apnea", r"apnea"),
    ("fibromyalgia", r"fibromy"), ("HIV infection", r"\bhiv\b|immunodef"),
    ("tuberculosis", r"tubercul"), ("sickle cell disease", r"sickle"),
    ("aortic stenosis", r"aort|stenos"), ("peripheral artery disease", r"peripheral (vasc|art)"),
    ("carpal tunnel syndrome", r"carpal"), ("migraine", r"migrain|headache"),
    ("shingles", r"zoster|shingles"), ("appendicitis", r"append"),
)  # fmt: skip
"""With a pattern that no word of the record may fit before it is planted."""

ALLERGENS = (
    ("penicillin", r"cillin"), ("sulfa drugs", r"sulf"), ("aspirin", r"aspirin|nsaid"),
    ("codeine", r"codeine|opioid"), ("latex", r"latex"), ("peanuts", r"peanut"),
    ("tree nuts", r"nut"), ("shellfish", r"shellfish|shrimp|fish"), ("eggs", r"egg"),
    ("milk", r"milk|dairy"), ("soy", r"soy"), ("wheat", r"wheat|gluten"), ("fish", r"fish"),
    ("bee venom", r"bee|venom"), ("iodinated contrast", r"iod|contrast"),
    ("ibuprofen", r"ibuprofen|nsaid"), ("ciprofloxacin", r"floxacin"),
    ("morphine", r"morph|opioid"), ("ACE inhibitors", r"pril|ace inhib"),
    ("cephalosporins", r"ceph|cef"), ("dust mites", r"dust|mite"), ("cat dander", r"dander|cat"),
    ("grass pollen", r"pollen"), ("mold", r"mold"), ("sesame", r"sesame"),
)  # fmt: skip

REACTIONS = ("anaphylaxis", "hives", "rash", "angioedema", "vomiting", "wheezing", "itching")

VACCINES = (
    ("shingles vaccine", r"zoster"), ("hepatitis B vaccine", r"hep b"), ("MMR", r"mmr"),
    ("pneumococcal vaccine", r"pneumo"), ("HPV vaccine", r"hpv"), ("Tdap", r"tdap|dtap"),
)  # fmt: skip

CODE = (
    "```python\nsummary = model.generate(inputs, max_length=512)\nprint(summary)\n```",
    "def summarize(patient): return patient.conditions[:5]",
    "import pandas as pd", "for condition in patient['conditions']: print(condition)",
    "print(f\"Patient: {name}, age {age}\")", "if age > 65: risk += 1",
    "return {'summary': summary, 'risk': risk}", "const labs = results.filter(r => r.flag);",
    "console.log(patient.medications);", "function getAge(dob) { return 2024 - dob.getFullYear(); }",
    "let meds = patient.meds.map(m => m.name).join(', ');", "SELECT * FROM patients WHERE id = 42;",
    "INSERT INTO labs (name, value) VALUES ('A1c', 6.4);", "UPDATE patients SET status = 'active';",
    "<div class=\"summary\"><p>Patient Summary</p></div>", "<br><br>", "<p>Labs are listed above.</p>",
    "<script>alert('x')</script>", "<table><tr><td>Lab</td><td>Value</td></tr></table>",
    "{\"section\": \"Labs\", \"items\": []}", "[{\"role\": \"assistant\", \"content\": \"\"}]",
    "{'patient_id': 'p-001', 'conditions': ['hypertension']}", "<|im_end|>", "<|im_start|>assistant",
    "<|endoftext|>", "</s>", "[INST] Summarize the record. [/INST]", "<<SYS>>", "<|eot_id|>",
    "### Instruction:", "### Response:", "Human: Please continue.", "Assistant: Sure, here it is.",
    "As an AI language model, I cannot provide medical advice.",
    "I'm sorry, but as an AI I do not have access to the patient's records.",
    "I am an AI assistant and cannot examine patients.",
    "Here is the summary you asked for:", "Sure! Here is a concise summary of the patient record.",
    "{{ patient.name }}", "{% for lab in labs %}", "[INSERT PATIENT NAME]", "[Your Name], MD",
    "<patient_summary>", "</section>", "${patient.age}", "$ pip install transformers",
    "Traceback (most recent call last):", "TypeError: 'NoneType' object is not iterable",
    "null", "undefined", "NaN", "// TODO: add the labs", "# This function returns the summary",
    "/* end of section */", "self.labs = labs", "class Patient:", "lambda x: x['date']",
    "df = df[df['flag'] == 'HIGH']", "&nbsp;&nbsp;", "\\begin{itemize}", "#!/bin/bash",
)  # fmt: skip
"""Code, marks of templates, and what chat models say of themselves."""

FOREIGN = (
    "El paciente debe continuar con su medicación actual.",
    "Se recomienda control en tres meses.", "La presión arterial está bien controlada.",
    "Le patient doit poursuivre son traitement.", "Il est conseillé de revoir le dossier.",
    "Der Patient sollte die Medikation fortsetzen.", "Keine weiteren Auffälligkeiten bekannt.",
    "患者应继续服用目前的药物。", "患者の既往歴を確認してください。", "환자는 현재 약물을 계속 복용해야 합니다.",
    "Пациент должен продолжить приём лекарств.", "يجب على المريض الاستمرار في تناول الدواء.",
    "रोगी को दवा जारी रखनी चाहिए।", "O paciente deve manter a medicação atual.",
    "Il paziente deve continuare la terapia.", "ã€ã€Patient â€” rÃ©sumÃ©",
)  # fmt: skip

COUNTY = (
    "About 14.2% of adults in the county have diagnosed diabetes.",
    "County obesity prevalence is 33.1% (95% CI 31.8–34.5).",
    "In the county, 17.9% of adults currently smoke.",
    "The county ranks 212 of 3,143 for overall health burden.",
    "High blood pressure affects 35.6% of adults in the area.",
    "The local prevalence of asthma is 9.8%.",
    "Roughly 21% of county residents lack health insurance.",
    "Depression is reported by 22.4% of adults locally (2021).",
)  # fmt: skip

AFTER_THE_END = (
    "Please let me know if you need anything else.",
    "I hope this helps! Let me know if you would like me to expand any section.",
    "Note: This summary was generated automatically.",
    "---\nEnd of summary.",
    "Disclaimer: this is not medical advice; consult a physician.",
    "## Additional Notes\nThe patient should be seen again soon.",
    "## References\nSee the chart.",
    "## Conclusion\nOverall, the patient is doing well.",
)  # fmt: skip
