"""Programs and settings: rows of persons in literals, and the small numbers that every program has."""

from __future__ import annotations

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import as_json, named, parcel, persons, records, ssns


@cases(6)
def rows_in_a_program(d: Draw) -> Case:
    people = persons(d.rng, 14)
    body = people[["person_id", "gpa", "wage"]]
    texts = [
        ("fix.py", "import pandas as pd\nROWS = [\n" + "\n".join(f"    ({p.person_id}, {p.gpa}, {p.wage})," for p in body.itertuples()) + "\n]\ndf = pd.DataFrame(ROWS, columns=['person_id', 'gpa', 'wage'])\n"),
        ("fix.R", f"df <- data.frame(person_id = c({', '.join(map(str, body.person_id))}),\n  gpa = c({', '.join(map(str, body.gpa))}),\n  wage = c({', '.join(map(str, body.wage))}))\n"),
        ("fix.do", "clear\ninput double person_id gpa wage\n" + "\n".join(f"{p.person_id} {p.gpa} {p.wage}" for p in body.itertuples()) + "\nend\n"),
        ("fix.sas", "data fix;\n  input person_id gpa wage;\n  datalines;\n" + "\n".join(f"{p.person_id} {p.gpa} {p.wage}" for p in body.itertuples()) + "\n;\nrun;\n"),
        ("fix.sql", "INSERT INTO wages (person_id, gpa, wage) VALUES\n" + ",\n".join(f"({p.person_id}, {p.gpa}, {p.wage})" for p in body.itertuples()) + ";\n"),
        ("expected.py", f"EXPECTED = {records(people)!r}\n\ndef test_rows():\n    assert load().to_dict('records') == EXPECTED\n"),
    ]  # fmt: skip
    name, text = texts[d.turn]
    return d.disclosive("unit_record", "fourteen persons written into the program", parcel(d, name, text))


@cases(6)
def persons_singled_out(d: Draw) -> Case:
    ids = persons(d.rng, 14).person_id.tolist()
    wages = persons(d.rng, 14).wage.tolist()
    people = named(d.rng, 5)
    texts = [
        ("drop.py", f"DROP = {ids}\ndf = df[~df.person_id.isin(DROP)]\n"),
        ("clean.do", "\n".join(f"replace wage = {w} if person_id == {i}" for i, w in zip(ids, wages, strict=True)) + "\n"),
        ("pull.sql", f"SELECT county, count(*) FROM wages WHERE person_id IN ({', '.join(map(str, ids))}) GROUP BY county;\n"),
        ("names.py", "PEOPLE = [\n" + "\n".join(f"    {{'first_name': '{p.first_name}', 'last_name': '{p.last_name}', 'dob': '{p.date_of_birth}'}}," for p in people.itertuples()) + "\n]\n"),
        ("ssn.R", f"bad <- c({', '.join(repr(s) for s in ssns(d.rng, 9))})\ndf <- subset(df, !(ssn %in% bad))\n"),
        ("fix.sas", "data w;\n  set ext.w;\n" + "\n".join(f"  if person_id = {i} then wage = {w};" for i, w in zip(ids, wages, strict=True)) + "\nrun;\n"),
    ]  # fmt: skip
    name, text = texts[d.turn]
    return d.disclosive("identifier unit_record", "identifiers of single persons in the program", parcel(d, name, text))


PROGRAMS = [
    ("fit.py", "import numpy as np\n\nSEED = 20240314\nGRADES = [9, 10, 11, 12]\nRECODE = {1: 'Asian', 2: 'Black', 3: 'Hispanic', -9: None}\nSIZES = (5, 10, 25)\n\ndef trim(x, low=0.01, high=0.99):\n    # drop the lowest 1 percent, see issue 7\n    return x.clip(np.quantile(x, low), np.quantile(x, high))\n\nif __name__ == '__main__':\n    for k in range(3):\n        print(k, trim(np.arange(10)))\n"),
    ("fit.R", "library(fixest)\nset.seed(42)\nyears <- 2012:2019\ncutoffs <- c(0, 5, 10, 25, 50)\nlabels <- c('1' = 'low', '2' = 'middle', '3' = 'high')\nm <- feols(lnwage ~ gpa | school + year, data = df, cluster = ~district)\netable(m, digits = 3)\n"),
    ("tables.do", "version 17\nset seed 8675309\nforvalues y = 2012/2019 {\n    use extract_`y', clear\n    recode grade (9 10 = 1) (11 12 = 2)\n    drop if missing(gpa) | gpa < 0.5\n    regress lnwage gpa i.race, vce(cluster school)\n    estimates store m`y'\n}\n"),
    ("tables.sas", "options nocenter ls=120;\n%let cut = 11;\nproc format;\n  value race 1='Asian' 2='Black' 3='Hispanic' 4='White';\nrun;\nproc means data=ext.w n mean std;\n  class county;\n  var wage;\nrun;\n"),
    ("pull.sql", "SELECT county, count(DISTINCT person_id) AS n, avg(gpa) AS gpa\nFROM grads\nWHERE year BETWEEN 2015 AND 2019 AND grade IN (9, 10, 11, 12) AND gpa >= 0.5\nGROUP BY county HAVING count(DISTINCT person_id) >= 11 ORDER BY 1;\n"),
    ("run.sh", "#!/bin/bash\nset -euo pipefail\nfor step in 1 2 3 4 5; do\n  python step_$step.py --workers 2 --chunk 50000\ndone\nsleep 3\n"),
    ("colours.py", "COLOURS = {'north': (31, 119, 180), 'south': (255, 127, 14), 'east': (44, 160, 44)}\nLAYOUT = [(0, 0, 3, 2), (0, 2, 3, 2), (3, 0, 3, 4)]\nZIPS = ['95814', '94103', '90012']\n"),
    ("model.stan", "data {\n  int<lower=0> N;\n  vector[N] y;\n}\nparameters { real mu; real<lower=0> sigma; }\nmodel { mu ~ normal(0, 5); sigma ~ exponential(1); y ~ normal(mu, sigma); }\n"),
]  # fmt: skip


@cases(8)
def clean_program(d: Draw) -> Case:
    name, text = PROGRAMS[d.turn]
    return d.harmless("file_kind unit_record", "a program with seeds, codes and cut-offs", parcel(d, name, text))


CONFIGS = [
    ("requirements.txt", "numpy==2.4.6\npandas==2.3.3\nscipy==1.17.1\nstatsmodels==0.15.0\nmatplotlib==3.11.2\npyarrow==26.0.1\n"),
    ("config.yaml", "seed: 42\nyears: [2015, 2016, 2017, 2018, 2019]\nthreshold: 11\nmodel:\n  folds: 5\n  depth: 3\n  learning_rate: 0.1\nworkers: 2\ngroups:\n  - {name: low, max: 2}\n  - {name: high, max: 4}\n"),
    ("package.json", as_json({"name": "dashboard", "version": "1.4.2", "scripts": {"build": "vite build"}, "dependencies": {"d3": "^7.9.0", "topojson-client": "3.1.0"}, "engines": {"node": ">=20"}})),
    ("pyproject.toml", '[project]\nname = "grads"\nversion = "0.3.1"\nrequires-python = ">=3.11"\ndependencies = ["pandas>=2.2,<3"]\n\n[tool.ruff]\nline-length = 120\n'),
    ("environment.yml", "name: grads\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pandas=2.3\n  - r-base=4.2\n"),
    ("CITATION.cff", "cff-version: 1.2.0\ntitle: Graduation and wages\nversion: 1.0.3\ndate-released: 2024-03-14\nauthors:\n  - family-names: Lee\n    given-names: Ana\n    orcid: https://orcid.org/0000-0002-1825-0097\n"),
    ("Makefile", "all: tables figures\n\ntables: 03_tables.py\n\tpython 03_tables.py --digits 3\n\nfigures:\n\tRscript 04_figures.R 12 8\n"),
    ("schema.json", as_json({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {"grade": {"type": "integer", "minimum": 9, "maximum": 12}, "el": {"enum": [0, 1]}}, "required": ["grade"]})),
]  # fmt: skip


@cases(8)
def clean_config(d: Draw) -> Case:
    name, text = CONFIGS[d.turn]
    return d.harmless("file_kind min_cell", "settings and versions", parcel(d, name, text))
