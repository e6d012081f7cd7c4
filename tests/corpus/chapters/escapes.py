"""What the best peer lets through, and the harmless work it breaks on: each once, as the file that would be handed in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from tests.corpus.case import Case, Draw, cases
from tests.corpus.chapters.model import sample, summary
from tests.corpus.population import people


def frame(draw: Draw) -> pd.DataFrame:
    return people()[people()["cohort"] == 2015 + draw.turn]


@cases(2)
def lambda_as_aggregate(draw: Draw) -> Case:
    """`aggfunc=[len, lambda s: s.iloc[0]]` on small cells."""
    some = frame(draw)[frame(draw)["county"].isin(["Glenn", "Inyo", "Yolo", "Tehama"])]
    out = some.groupby("industry")["wage"].agg(["count", lambda s: s.max()])
    return draw.disclosive(
        "min_cell order_statistic",
        "a lambda prints one person's wage beside counts, some below 11",
        {"pivot.csv": out.to_csv().encode()},
    )


@cases(2)
def maximum_of_ten_and_more(draw: Draw) -> Case:
    out = pd.crosstab(frame(draw)["sector"], frame(draw)["gender"], values=frame(draw)["wage"], aggfunc="max")[
        ["Female", "Male"]
    ].add_prefix("max_")
    text = out.to_csv() if draw.turn else out.reset_index().to_html(index=False)
    return draw.disclosive(
        "order_statistic",
        "maxima of large cells are single persons' wages",
        {draw.cycle(["max.html", "max.csv"]): text.encode()},
    )


@cases(2)
def median_of_one(draw: Draw) -> Case:
    out = pd.DataFrame(
        {"district": ["Fresno", "Kern"], "n": [104, 98], "n_nonmissing": [1, 88], "median": [41_877.52, 33_100.0]}
    )
    text = out.to_csv(index=False) if draw.turn else out.to_string(index=False)
    return draw.disclosive(
        "min_cell order_statistic",
        "one non-missing value among a hundred rows",
        {draw.cycle(["median.txt", "median.csv"]): text.encode()},
    )


@cases(1)
def all_the_same_value(draw: Draw) -> Case:
    out = pd.DataFrame(
        {"program": ["Energy", "Education"], "count": [25, 301], "mean": [18.0, 21.4], "std": [0.0, 6.2]}
    )
    return draw.disclosive(
        "group", "a deviation of 0 over 25 persons", {"wage_by_program.csv": out.to_csv(index=False).encode()}
    )


@cases(1)
def mean_of_a_flag(draw: Draw) -> Case:
    out = pd.DataFrame(
        {"district": ["Oak Valley", "Pine Ridge", "Rio Seco"], "n": [212, 64, 133], "on_probation": [0.213, 1.0, 0.308]}
    )
    return draw.disclosive(
        "group", "everybody of one district is on probation", {"flags.csv": out.to_csv(index=False).encode()}
    )


@cases(1)
def one_person_dummy(draw: Draw) -> Case:
    some = sample(draw, 500)
    some["alone"] = np.r_[1, np.zeros(499)].astype(int)
    text = summary(smf.ols("wage ~ alone", some).fit())
    return draw.disclosive(
        "model",
        "a dummy of one person",
        {
            "ols.txt": f"alone: 1 person of 500\nalone\n0    499\n1      1\nName: count, dtype: int64\n\n{text}\n".encode()
        },
    )


@cases(1)
def saturated(draw: Draw) -> Case:
    some = sample(draw, 9)
    some["key"] = list("abcdefghi")
    return draw.disclosive(
        "model", "a saturated design", {"ols.txt": summary(smf.ols("wage ~ C(key)", some).fit()).encode()}
    )


@cases(1)
def crosstabs_one_person_apart(draw: Draw) -> Case:
    some = frame(draw)[frame(draw)["race"].isin(["Asian", "White", "Hispanic or Latino"])]
    tables = [pd.crosstab(f["sector"], f["race"], margins=True) for f in (some, some.drop(some.index[7]))]
    return draw.disclosive(
        "differencing",
        "two crosstabs, one person apart",
        {f"t{i}.csv": t.to_csv().encode() for i, t in enumerate(tables, 1)},
    )


@cases(1)
def margins_beside_a_total(draw: Draw) -> Case:
    first = "district,foster,other\nOak Valley,*,210\nPine Ridge,*,174\nRio Seco,31,305\n"
    second = "district,n\nOak Valley,212\nPine Ridge,176\nRio Seco,336\n"
    return draw.disclosive(
        "secondary differencing",
        "2 + 2 follow from separately printed totals",
        {"by_status.csv": first.encode(), "totals.csv": second.encode()},
    )


@cases(1)
def sixty_rows_of_two(draw: Draw) -> Case:
    text = "industry,n_records,n_persons,mean_wage\nMining,60,2,21400\nUtilities,1210,88,23100\nRetail Trade,8840,610,7900\n"
    return draw.disclosive("min_cell", "60 wage records of 2 persons", {"wages.csv": text.encode()})


@cases(1)
def microdata_as_custom_output(draw: Draw) -> Case:
    return draw.disclosive(
        "unit_record",
        "microdata",
        {"custom_output.csv": frame(draw).head(300).drop(columns=["school"]).to_csv(index=False).encode()},
    )


# --- harmless -------------------------------------------------------------------------------------------------------------------------


@cases(3)
def normalised(draw: Draw) -> Case:
    out = pd.crosstab(
        people()["sector"],
        people()["sed"].map({True: "SED", False: "Not SED"}),
        normalize=draw.cycle(["all", "index", "columns"]),
    )
    return draw.harmless("rate", "shares of thousands", {"share.csv": out.to_csv().encode()})


@cases(1)
def suppressed_list_of_aggregates(draw: Draw) -> Case:
    out = frame(draw).groupby("race")["wage"].agg(["count", "mean"]).round({"mean": -2})
    shown = out.astype(object)
    shown[out["count"] < 11] = ""
    return draw.harmless("min_cell secondary", "small groups are blank, no total", {"agg.csv": shown.to_csv().encode()})


@cases(1)
def label_equal_to_the_variable(draw: Draw) -> Case:
    out = pd.DataFrame({"race": ["race", "White", "Asian"], "n": [41, 2_040, 870]})
    return draw.harmless(
        "min_cell", "a category is called like its variable", {"labels.csv": out.to_csv(index=False).encode()}
    )


@cases(1)
def distinct_and_first(draw: Draw) -> Case:
    out = (
        frame(draw)
        .groupby("sector")
        .agg(students=("person_id", "nunique"), first_cohort=("cohort", "first"), districts=("district", "nunique"))
    )
    return draw.harmless(
        "min_cell", "distinct persons, districts and the cohort's year", {"nunique.csv": out.to_csv().encode()}
    )


@cases(1)
def histogram_with_an_outlier(draw: Draw) -> Case:
    text = "bin_from,bin_to,persons\n0,20000,1204\n20000,40000,4110\n40000,60000,2093\n60000,,611\n"
    return draw.harmless("min_cell order_statistic", "bins with an open last one", {"hist.csv": text.encode()})
