"""The public data sets there are: what their files must be, whose they are, how they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from osler.data import public_dialogues as dialogues
from osler.data import public_general as general
from osler.data import public_readers as readers
from osler.data.tables import Ask
from osler.rows import Dropped, Row

Reader = Callable[[list[Path], Ask], Iterator[Row | Dropped]]


@dataclass(frozen=True)
class PublicFile:
    """One file of a set. Without a url there is no official address in this form."""

    name: str
    sha256: str
    url: str | None = None
    digest_of: Literal["file", "xml members", "unpacked"] = "file"
    """GitHub packs an archive anew on every request: what is pinned of one is its content. Of an
    `unpacked` file a mirror may hold NAME.gz in its place."""


@dataclass(frozen=True)
class PublicSet:
    """A data set with everything that must be known to use it."""

    name: str
    title: str
    kind: Literal["qa", "text", "counties"]
    """What it holds; `counties` is a table for `osler records county`, with nothing to train on."""
    licence: str
    attribution: str
    homepage: str
    commit: str
    folder: str
    """Its folder in a mirror."""
    files: tuple[PublicFile, ...]
    reader: Reader | None = None
    """None where the set has no rows to train on."""
    own_split: bool = False
    """Its rows come with their side (`Row.side`)."""


_MEDQUAD = "577bd37b96c02d1833b2c9eed2de9f96964e96cb"
_MEDQUAD_AUTHORS = (
    "Asma Ben Abacha and Dina Demner-Fushman: A question-entailment approach to question "
    "answering. BMC Bioinformatics 20, 511 (2019)."
)

_MTS_DIALOG = "3ff0801933608d6f570468c13125125fb5cabdea"
_ACI_BENCH = "b909b2bb9cf1d19de08df15cddde7bd0179665e4"

_NQ_OPEN = "fb26a3073b1fe636c97302890a27b491d6530130"
_SELF_INSTRUCT = "0b26ccaa415992100fa32df62d41b994cf928e23"

_SETS = (
    PublicSet(
        name="medquad",
        title="MedQuAD: 16,407 answered medical questions from 9 NIH sites",
        kind="qa",
        licence="CC-BY-4.0",
        attribution=_MEDQUAD_AUTHORS,
        homepage="https://github.com/abachaa/MedQuAD",
        commit=_MEDQUAD,
        folder="medquad",
        files=(
            PublicFile(
                name="MedQuAD-577bd37.zip",
                sha256="3eac49028e3bba522f39734b416ec9ea5ce420864d24a0bf37762a90e67e1ef8",
                url=f"https://github.com/abachaa/MedQuAD/archive/{_MEDQUAD}.zip",
                digest_of="xml members",
            ),
        ),
        reader=readers.read_medquad_zip,
    ),
    PublicSet(
        name="medquad-csv",
        title="MedQuAD's answered pairs as one table",
        kind="qa",
        licence="CC-BY-4.0",
        attribution=_MEDQUAD_AUTHORS,
        homepage="https://github.com/abachaa/MedQuAD",
        commit=_MEDQUAD,
        folder="medquad",
        files=(
            PublicFile(
                name="medquad_with_answers.csv.gz",
                sha256="7d44d031196fbc1cbdb7fe0180d94935df70730fb5cec68308feaf6f38d57642",
            ),
        ),
        reader=readers.read_medquad_csv,
    ),
    PublicSet(
        name="openstax-health",
        title="Five OpenStax health textbooks, 838 modules",
        kind="text",
        licence="CC-BY-4.0",
        attribution="OpenStax, Rice University (openstax.org), and the authors named in each book.",
        homepage="https://github.com/openstax",
        commit="osbooks-anatomy-physiology@b0058a743bdd2cc08196abaaa7d5469970c0d80c, "
        "osbooks-microbiology@ecf34dad129d686703780e87ab5aa2e59c577a6a, "
        "osbooks-nursing-external-bundle@7876f90a3dbdc0756e21a374d4a46526d0ac453b",
        folder="openstax_health",
        files=(
            PublicFile(
                name="openstax_health_modules.jsonl.xz",
                sha256="c9a8daa1126369f6482a0d9ef52c72ed35f997f3191cba5291c3c257ca872685",
            ),
        ),
        reader=readers.read_openstax,
    ),
    PublicSet(
        name="pmc-rct-ccby",
        title="2,544 full-text trial articles of PubMed Central",
        kind="text",
        licence="CC-BY-2.0 AND CC-BY-2.5 AND CC-BY-3.0 AND CC-BY-4.0 AND CC0-1.0",
        attribution="The articles' authors, one by one in attribution.csv.gz; chosen by DeYoung "
        "et al., Evidence Inference 2.0 (2020).",
        homepage="https://github.com/jayded/evidence-inference",
        commit="b9831b6c59b52ac2d277f757d413ececf0949a8d",
        folder="pmc_rct_ccby",
        files=(
            PublicFile(
                name="pmc_rct_articles.jsonl.xz",
                sha256="55b8e0ad641807b19332f7e3bea41b64d2e14e79aac336d3109b6102b046aecf",
            ),
            PublicFile(
                name="attribution.csv.gz",
                sha256="75b298129e16c63719a54f4a24a550a47f11f0e40015fc90d72d976d558c818a",
            ),
        ),
        reader=readers.read_pmc,
    ),
    PublicSet(
        name="mts-dialog",
        title="MTS-Dialog: 1,501 conversations, each with a section of the note",
        kind="qa",
        licence="CC-BY-4.0",
        attribution="Asma Ben Abacha, Wen-wai Yim, Yadan Fan and Thomas Lin: An Empirical Study of "
        "Clinical Note Generation from Doctor-Patient Encounters. EACL (2023).",
        homepage="https://github.com/abachaa/MTS-Dialog",
        commit=_MTS_DIALOG,
        folder="mts_dialog",
        files=tuple(
            PublicFile(
                name=name,
                sha256=sha256,
                url="https://raw.githubusercontent.com/abachaa/MTS-Dialog/"
                f"{_MTS_DIALOG}/Main-Dataset/{name}",
            )
            for name, sha256 in (
                (
                    "MTS-Dialog-TrainingSet.csv",
                    "65a28681dd59fc159681ea026e44610f2af7bc64a0e7f892d763eb03d9f503dc",
                ),
                (
                    "MTS-Dialog-ValidationSet.csv",
                    "227206520c4534381c0d7fba6d3f09319a9af5a6d9603a93c0341af1198e3958",
                ),
                (
                    "MTS-Dialog-TestSet-1-MEDIQA-Chat-2023.csv",
                    "b4d38dd2c99b2e9860099abcf653f1e0f3e9b69f9fcc45be2a2699b37a4d2f37",
                ),
            )
        ),
        reader=dialogues.read_mts_dialog,
        own_split=True,
    ),
    PublicSet(
        name="aci-bench",
        title="ACI-Bench: 127 visits as conversations, each with its whole note",
        kind="qa",
        licence="CC-BY-4.0",
        attribution="Wen-wai Yim, Yujuan Fu, Asma Ben Abacha, Neal Snider, Thomas Lin and Meliha "
        "Yetisgen: ACI-BENCH. Scientific Data 10, 586 (2023).",
        homepage="https://github.com/wyim/aci-bench",
        commit=_ACI_BENCH,
        folder="aci_bench",
        files=tuple(
            PublicFile(
                name=name,
                sha256=sha256,
                url="https://raw.githubusercontent.com/wyim/aci-bench/"
                f"{_ACI_BENCH}/data/challenge_data/{name}",
            )
            for name, sha256 in (
                ("train.csv", "6c778d4ac5e6cc6f1964786f9286e8d765c210f22ed6b57f83aff8497409cea4"),
                ("valid.csv", "6629e89e3fb409d2b3eceab60dc7b32fe1d3fb8d4e07795039284965522aa4d0"),
                (
                    "clinicalnlp_taskB_test1.csv",
                    "5cc4008e68545f84913744a8e493a58bdf17ba7e1b7a0be46d6943d6bfca9471",
                ),
            )
        ),
        reader=dialogues.read_aci_bench,
        own_split=True,
    ),
    PublicSet(
        name="nq-open",
        title="NQ-Open: 3,610 questions of general knowledge that people typed into a search",
        kind="qa",
        licence="CC-BY-SA-3.0",
        attribution="Kenton Lee, Ming-Wei Chang and Kristina Toutanova: Latent Retrieval for "
        "Weakly Supervised Open Domain Question Answering. ACL (2019); from Kwiatkowski et al., "
        "Natural Questions. TACL (2019).",
        homepage="https://github.com/google-research-datasets/natural-questions",
        commit=_NQ_OPEN,
        folder="nq_open",
        files=(
            PublicFile(
                name="NQ-open.dev.jsonl",
                sha256="f15567f38099f3615f5b8a685c0aef449c11ad90d3da3735e8d1b98115b40616",
                url="https://raw.githubusercontent.com/google-research-datasets/natural-questions/"
                f"{_NQ_OPEN}/nq_open/NQ-open.dev.jsonl",
                digest_of="unpacked",
            ),
        ),
        reader=general.read_nq_open,
    ),
    PublicSet(
        name="self-instruct",
        title="Self-Instruct: 427 tasks for an assistant, written by people, of every kind",
        kind="qa",
        licence="Apache-2.0",
        attribution="Yizhong Wang et al.: Self-Instruct: Aligning Language Models with "
        "Self-Generated Instructions. ACL (2023).",
        homepage="https://github.com/yizhongw/self-instruct",
        commit=_SELF_INSTRUCT,
        folder="self_instruct",
        files=tuple(
            PublicFile(
                name=name,
                sha256=sha256,
                url="https://raw.githubusercontent.com/yizhongw/self-instruct/"
                f"{_SELF_INSTRUCT}/{folder}/{name}",
            )
            for folder, name, sha256 in (
                (
                    "data",
                    "seed_tasks.jsonl",
                    "7779004fa198fdf27cf70a159363879d8a26c53329e11b436af17b3941875f48",
                ),
                (
                    "human_eval",
                    "user_oriented_instructions.jsonl",
                    "81d60a117db495cecedecd9193504fd07c5b5a42f6699ef6b0f9da10fc22f42e",
                ),
            )
        ),
        reader=general.read_self_instruct,
    ),
    PublicSet(
        name="cdc-places-2022",
        title="CDC PLACES: 30 health measures of 3,143 US counties, 2022 release",
        kind="counties",
        licence="public domain in the US (a work of its federal government)",
        attribution="Centers for Disease Control and Prevention (CDC), PLACES: Local Data for "
        "Better Health, county data in GIS-friendly format, 2022 release (data.cdc.gov).",
        homepage="https://github.com/yshao/HealthAnalyticsInterviewCase",
        commit="a10b06a88ef421dab2ce426129abb8a49b3c9cfd",
        folder="cdc_places",
        files=(
            PublicFile(
                name="places_county_gis_2022_release.csv.gz",
                sha256="d526024b3c7eb7199d0017835c332382bd4f0ed1fc5e1eddabe1e8c01254659c",
            ),
        ),
    ),
)
PUBLIC = {public.name: public for public in _SETS}
"""Name in a recipe -> the set."""
