"""Model results as text, LaTeX, JSON: degrees of freedom, dummies, saturation, leaves, persons' predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tests.corpus.case import Case, Draw, cases
from tests.corpus.second.documents.material import COUNTIES, as_json, parcel, persons, records


def sample(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Persons with an outcome that depends on their attributes."""
    out = persons(rng, n)
    out["age"], out["hours"], out["el"] = rng.integers(17, 60, n), rng.normal(32, 6, n), rng.integers(0, 2, n)
    out["lnwage"] = 8 + 0.3 * out.gpa - 0.1 * out.female + 0.01 * out.age + rng.normal(0, 0.5, n)
    out["grad"] = (rng.uniform(size=n) < 1 / (1 + np.exp(-(out.gpa - 2.4)))).astype(int)
    out["moves"] = rng.poisson(np.exp(0.2 * out.el))
    return out


@cases(3)
def few_degrees(d: Draw) -> Case:
    import statsmodels.formula.api as smf

    people = sample(d.rng, [14, 17, 19][d.turn])
    fit = smf.ols("lnwage ~ gpa + female + age + hours + el + score + days_absent + gpa:female + age:el", people).fit()
    text = [fit.summary().as_text(), fit.summary().as_latex(), fit.summary2().as_text()][d.turn]
    return d.disclosive(
        "model",
        f"{int(fit.df_resid)} residual degrees of freedom",
        parcel(d, ["ols.txt", "ols.tex", "ols.txt"][d.turn], text, "regression"),
    )


@cases(3)
def one_person_dummy(d: Draw) -> Case:
    import statsmodels.formula.api as smf

    people = sample(d.rng, 600)
    people["lone"] = 0
    people.loc[17, "lone"] = 1
    people["group"] = np.where(
        people.lone == 1, "Tribal college", d.rng.choice(["CSU", "UC", "Community college"], 600)
    )
    formula = ["lnwage ~ gpa + age + lone", "lnwage ~ gpa + C(group)", "lnwage ~ lone"][d.turn]
    fit = smf.ols(formula, people).fit()
    return d.disclosive("model", "a dummy that is 1 for one person: its coefficient gives that person's value", parcel(d, "reg.txt", fit.summary().as_text(), "regression"))  # fmt: skip


@cases(2)
def small_dummy(d: Draw) -> Case:
    """Four persons carry the dummy; the standard error and the residual variance give them away."""
    import statsmodels.formula.api as smf

    people = sample(d.rng, 900)
    people["tribe"] = (np.arange(900) < 4).astype(int)
    text = (
        smf.ols("lnwage ~ gpa + female + tribe", people).fit().summary().as_text()
        + "\n\ntribe = 1 for 4 students of the 900\n"
    )
    return d.disclosive(
        "model min_cell", "a printed dummy of four students", parcel(d, "tribe.txt", text, "regression")
    )


@cases(2)
def saturated(d: Draw) -> Case:
    import statsmodels.formula.api as smf

    people = sample(d.rng, 24)
    people["cell"] = np.repeat(np.arange(12), 2) if d.turn else np.arange(24)
    fit = smf.ols("lnwage ~ C(cell)", people).fit()
    return d.disclosive(
        "model",
        "a design with one or two persons a cell",
        parcel(d, "saturated.txt", fit.summary().as_text(), "regression"),
    )


@cases(2)
def separated_logit(d: Draw) -> Case:
    n = 780
    text = f"""                           Logit Regression Results
==============================================================================
Dep. Variable:                   grad   No. Observations:                {n}
Model:                          Logit   Df Residuals:                    {n - 4}
Method:                           MLE   Df Model:                            3
converged:                      {"False" if d.turn else "True "}   LL-Null:                       -421.90
==================================================================================
                     coef    std err          z      P>|z|      [0.025      0.975]
----------------------------------------------------------------------------------
Intercept         -1.2041      0.311     -3.872      0.000      -1.814      -0.594
gpa                0.9112      0.108      8.437      0.000       0.700       1.123
homeless          27.3318   2.31e+05      0.000      1.000   -4.53e+05    4.53e+05
female             0.2410      0.161      1.497      0.134      -0.075       0.557
==================================================================================
Possibly complete quasi-separation: all 6 homeless students graduated.
"""
    return d.disclosive(
        "model group min_cell",
        "six homeless students, all of whom graduated",
        parcel(d, "logit.txt", text, "regression"),
    )


@cases(3)
def residuals(d: Draw) -> Case:
    people = sample(d.rng, 40)
    people["fitted"] = np.round(people.lnwage - d.rng.normal(0, 0.4, 40), 4)
    people["resid"] = np.round(people.lnwage - people.fitted, 4)
    frame = people[["lnwage", "fitted", "resid"]].round(4)
    name, text = [("residuals.txt", frame.to_string()), ("fit.json", as_json({"model": "ols", "fittedvalues": frame.fitted.tolist(), "resid": frame.resid.tolist()})), ("resid.md", frame.to_markdown())][d.turn]  # fmt: skip
    return d.disclosive("model unit_record", "forty residuals, one a person", parcel(d, name, text, "regression"))


@cases(2)
def r_tiny(d: Draw) -> Case:
    r = d.rng
    text = f"""
Call:
lm(formula = lnwage ~ gpa + female + age + el, data = df)

Residuals:
       1        2        3        4        5        6        7        8        9
 0.{r.integers(1000, 9999)}  -0.{r.integers(1000, 9999)}   0.{r.integers(1000, 9999)}   0.{r.integers(1000, 9999)}  -0.{r.integers(1000, 9999)}   0.{r.integers(1000, 9999)}  -0.{r.integers(1000, 9999)}   0.{r.integers(1000, 9999)}  -0.{r.integers(1000, 9999)}

Coefficients:
             Estimate Std. Error t value Pr(>|t|)
(Intercept)  8.104112   0.912331   8.883 0.000889 ***
gpa          0.301122   0.201114   1.497 0.208741
female      -0.120411   0.311102  -0.387 0.718452
age          0.010234   0.009911   1.033 0.360145
el           0.201142   0.290871   0.692 0.527093
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

Residual standard error: 0.4107 on 4 degrees of freedom
Multiple R-squared:  0.6114,	Adjusted R-squared:  0.2228
F-statistic: 1.573 on 4 and 4 DF,  p-value: 0.3355
"""
    return d.disclosive(
        "model unit_record",
        "nine residuals and 4 degrees of freedom",
        parcel(d, "lm.txt" if d.turn else "lm.log", text, "regression"),
    )


@cases(2)
def school_effects(d: Draw) -> Case:
    rows = [
        f"C(school)[T.S{i:03d}]  {d.rng.normal(0, 0.4):>9.4f}  {d.rng.uniform(0.2, 0.6):>8.3f}   {int(d.rng.integers(1, 9))}"
        for i in range(1, 31)
    ]
    text = (
        "Coefficients of schools (base: S000)\n\nterm                  coef       se   students\n"
        + "\n".join(rows)
        + "\nN = 1240\n"
    )
    return d.disclosive(
        "model min_cell", "dummies of schools with one to eight students", parcel(d, "schools.txt", text, "regression")
    )


@cases(2)
def random_effects(d: Draw) -> Case:
    people = persons(d.rng, 45)
    values = {str(p): round(float(d.rng.normal(0, 0.3)), 5) for p in people.person_id}
    if d.turn:
        text = "$person_id\n             (Intercept)\n" + "\n".join(f"{k}  {v:>10.5f}" for k, v in values.items())
        return d.disclosive(
            "unit_record model", "a random intercept for each of 45 persons", parcel(d, "ranef.txt", text, "regression")
        )
    return d.disclosive("unit_record model", "a random intercept for each of 45 persons", parcel(d, "mixed.json", as_json({"random_effects": values, "vcov": 0.09}), "regression"))  # fmt: skip


@cases(4)
def confusion_small(d: Draw) -> Case:
    tn, fp, fn, tp = 812, 44, 3, 6
    text = [f"Confusion matrix\n                 predicted 0   predicted 1\nactual 0  {tn:>12} {fp:>13}\nactual 1  {fn:>12} {tp:>13}\n",
            as_json({"model": "gbm", "n_test": tn + fp + fn + tp, "confusion_matrix": {"tn": tn, "fp": fp, "fn": fn, "tp": tp}, "auc": 0.811}),
            "              precision    recall  f1-score   support\n\n     dropout       0.12      0.67      0.20         9\n    graduate       1.00      0.95      0.97       856\n\n    accuracy                           0.95       865\n   macro avg       0.56      0.81      0.59       865\nweighted avg       0.99      0.95      0.96       865\n",
            f"## Test set\n\n| actual | predicted no | predicted yes |\n|---|---|---|\n| no | {tn} | {fp} |\n| yes | {fn} | {tp} |\n"][d.turn]  # fmt: skip
    return d.disclosive(
        "min_cell",
        "three or nine students in a class",
        parcel(d, ["cm.txt", "metrics.json", "report.txt", "cm.md"][d.turn], text),
    )


@cases(2)
def roc_of_persons(d: Draw) -> Case:
    score = np.sort(d.rng.uniform(size=45))[::-1]
    label = (d.rng.uniform(size=45) < score).astype(int)
    tpr, fpr = np.cumsum(label) / label.sum(), np.cumsum(1 - label) / (1 - label).sum()
    if d.turn:
        text = as_json({"roc": {"thresholds": score.tolist(), "tpr": tpr.tolist(), "fpr": fpr.tolist()}, "n_test": 45})
        return d.disclosive("unit_record rate", "every threshold is one person's score", parcel(d, "roc.json", text))
    frame = pd.DataFrame({"threshold": score, "tpr": tpr, "fpr": fpr, "y_true": label})
    return d.disclosive(
        "unit_record rate",
        "every row is one person's score and outcome",
        parcel(d, "roc.txt", frame.to_string(index=False)),
    )


@cases(3)
def shap_of_persons(d: Draw) -> Case:
    values = np.round(d.rng.normal(0, 0.2, (30, 4)), 4)
    frame = pd.DataFrame(values, columns=["gpa", "days_absent", "female", "el"])
    ids = persons(d.rng, 30).person_id
    text = [as_json({"shap_values": values.tolist(), "base_value": 0.31, "features": list(frame), "index": ids.tolist()}),
            frame.set_axis(ids, axis=0).to_string(), "<html><body><h2>SHAP</h2>" + frame.assign(student=ids).to_html(index=False) + "</body></html>"][d.turn]  # fmt: skip
    return d.disclosive(
        "unit_record", "explanations of thirty persons", parcel(d, ["shap.json", "shap.txt", "shap.html"][d.turn], text)
    )


@cases(3)
def tree_small_leaves(d: Draw) -> Case:
    from sklearn.tree import DecisionTreeClassifier, export_graphviz, export_text

    people = sample(d.rng, 300)
    tree = DecisionTreeClassifier(max_depth=5, random_state=0).fit(people[["gpa", "age", "days_absent"]], people.grad)
    names = ["gpa", "age", "days_absent"]
    text = [export_text(tree, feature_names=names, show_weights=True), export_graphviz(tree, feature_names=names),
            as_json([{"node": int(i), "feature": names[tree.tree_.feature[i]] if tree.tree_.feature[i] >= 0 else None, "n_node_samples": int(tree.tree_.n_node_samples[i]), "value": tree.tree_.value[i][0].round(3).tolist()} for i in range(tree.tree_.node_count)])][d.turn]  # fmt: skip
    return d.disclosive(
        "min_cell model group",
        "leaves of one to ten students",
        parcel(d, ["tree.txt", "tree.dot", "tree.json"][d.turn], text, "regression"),
    )


@cases(2)
def embeddings(d: Draw) -> Case:
    people = persons(d.rng, 25)
    rows = {str(p): np.round(d.rng.normal(size=8), 4).tolist() for p in people.person_id}
    text = as_json(rows) if d.turn else "\n".join(f"{k} " + " ".join(map(str, v)) for k, v in rows.items())
    return d.disclosive(
        "unit_record", "a vector for each of 25 persons", parcel(d, "vectors.json" if d.turn else "vectors.txt", text)
    )


@cases(2)
def predictions(d: Draw) -> Case:
    people = sample(d.rng, 35)
    rows = records(people[["person_id", "grad"]].assign(prob=np.round(d.rng.uniform(size=35), 3)))
    text = "\n".join(as_json(r, None) for r in rows) if d.turn else as_json({"model": "logit-v2", "predictions": rows})
    return d.disclosive(
        "unit_record", "a prediction for each of 35 persons", parcel(d, "pred.jsonl" if d.turn else "pred.json", text)
    )


def latex_table(terms: list[str], n: int, rng: np.random.Generator, df: int | None = None) -> str:
    rows = "\n".join(
        f" {t} & {rng.normal(0, 0.3):.3f}$^{{***}}$ & {rng.normal(0, 0.3):.3f} \\\\\n  & ({rng.uniform(0.01, 0.1):.3f}) & ({rng.uniform(0.01, 0.1):.3f}) \\\\"
        for t in terms
    )
    se = f"Residual Std. Error & 0.512 (df = {df}) & 0.498 (df = {df}) \\\\\n" if df is not None else ""
    return f"\\begin{{table}}[!htbp] \\centering\n  \\caption{{Log wages}}\n\\begin{{tabular}}{{@{{\\extracolsep{{5pt}}}}lcc}}\n\\\\[-1.8ex]\\hline\n & \\multicolumn{{2}}{{c}}{{lnwage}} \\\\\n\\\\[-1.8ex] & (1) & (2)\\\\\n\\hline \\\\[-1.8ex]\n{rows}\n\\hline \\\\[-1.8ex]\nObservations & {n:,} & {n:,} \\\\\nR$^{{2}}$ & 0.214 & 0.231 \\\\\n{se}\\hline\n\\textit{{Note:}}  & \\multicolumn{{2}}{{r}}{{$^{{*}}$p$<$0.1; $^{{**}}$p$<$0.05; $^{{***}}$p$<$0.01}} \\\\\n\\end{{tabular}}\n\\end{{table}}\n"  # fmt: skip


TERMS = ["gpa", "female", "age", "hours", "el", "score", "absent", "moved", "frl", "siblings", "honors", "Constant"]


@cases(2)
def latex_few_degrees(d: Draw) -> Case:
    text = latex_table(TERMS, 18, d.rng, 6 if d.turn else None)
    return d.disclosive("model", "twelve coefficients on 18 students", parcel(d, "table2.tex", text, "regression"))


@cases(2)
def fixed_effects_listed(d: Draw) -> Case:
    people = persons(d.rng, 30)
    body = "\n".join(f"    C(person_id)[{p}]: {d.rng.normal(9, 0.5):.6f}" for p in people.person_id)
    text = f"###\n\nEstimation:  OLS\nDep. var.: lnwage, Fixed effects: person_id\nObservations:  240\n\nfit.fixef():\n{body}\n"
    return d.disclosive(
        "unit_record model",
        "a fixed effect for each of thirty persons",
        parcel(d, "fixef.txt" if d.turn else "fixef.log", text, "regression"),
    )


@cases(2)
def cook_distances(d: Draw) -> Case:
    people = sample(d.rng, 25)
    table = pd.DataFrame({"obs": people.index, "leverage": np.round(d.rng.uniform(0.01, 0.99, 25), 4), "cooks_d": np.round(d.rng.uniform(0, 1, 25), 4), "student_resid": np.round(d.rng.normal(size=25), 3)})  # fmt: skip
    text = table.to_markdown(index=False) if d.turn else "<html><body>" + table.to_html() + "</body></html>"
    return d.disclosive(
        "model unit_record",
        "influence of single persons",
        parcel(d, "influence.md" if d.turn else "influence.html", text, "regression"),
    )


# --- harmless -----------------------------------------------------------------------------------------------------------------


@cases(6)
def clean_regression(d: Draw) -> Case:
    import statsmodels.formula.api as smf

    people = sample(d.rng, [2000, 3400, 1250, 5600, 2480, 1800][d.turn])
    fit: Any = [lambda: smf.ols("lnwage ~ gpa + female + C(race) + age", people).fit(cov_type="HC1"),
                lambda: smf.logit("grad ~ gpa + female + el + C(county)", people).fit(disp=0),
                lambda: smf.probit("grad ~ gpa + age", people).fit(disp=0),
                lambda: smf.poisson("moves ~ el + age + female", people).fit(disp=0),
                lambda: smf.quantreg("lnwage ~ gpa + female", people).fit(),
                lambda: smf.ols("lnwage ~ gpa * female + age + np.power(age, 2)", people).fit()][d.turn]()  # fmt: skip
    text = fit.summary().as_latex() if d.turn == 4 else fit.summary().as_text()
    return d.harmless("model", "thousands of students, each dummy of hundreds, N rounded to 10", parcel(d, "fit.tex" if d.turn == 4 else "fit.txt", text, "regression"))  # fmt: skip


@cases(2)
def mixed_model(d: Draw) -> Case:
    import statsmodels.formula.api as smf

    people = sample(d.rng, 3000)
    fit = smf.mixedlm("lnwage ~ gpa + female", people, groups=people["county"]).fit()
    return d.harmless(
        "model",
        "six large groups, no effects of groups printed",
        parcel(d, "mixed.txt", fit.summary().as_text(), "regression"),
    )


@cases(2)
def r_glm(d: Draw) -> Case:
    n = 4210
    text = f"""
Call:
glm(formula = grad ~ gpa + female + el, family = binomial, data = df)

Coefficients:
            Estimate Std. Error z value Pr(>|z|)
(Intercept) -2.41123    0.14512 -16.615  < 2e-16 ***
gpa          1.01233    0.05022  20.158  < 2e-16 ***
female       0.12011    0.07012   1.713   0.0867 .
el          -0.30221    0.08122  -3.721 0.000198 ***
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

(Dispersion parameter for binomial family taken to be 1)

    Null deviance: 5412.3  on {n - 1}  degrees of freedom
Residual deviance: 4901.7  on {n - 4}  degrees of freedom
AIC: 4909.7

Number of Fisher Scoring iterations: 4
"""
    return d.harmless(
        "model",
        "4,210 students and four coefficients",
        parcel(d, "glm.txt" if d.turn else "glm.Rout", text, "regression"),
    )


@cases(4)
def clean_latex(d: Draw) -> Case:
    n = int(d.rng.integers(200, 900)) * 10
    if d.turn < 2:
        text, name = latex_table([*TERMS[:5], "Constant"], n, d.rng, n - 6 if d.turn else None), "table1.tex"
    else:
        rows = [
            {"": t, "(1)": f"{d.rng.normal(0, 0.3):.3f}***", "(2)": f"{d.rng.normal(0, 0.3):.3f}"} for t in TERMS[:5]
        ]
        rows += [
            {"": "Num.Obs.", "(1)": f"{n}", "(2)": f"{n}"},
            {"": "R2", "(1)": "0.214", "(2)": "0.231"},
            {"": "School fixed effects", "(1)": "X", "(2)": "X"},
        ]
        frame = pd.DataFrame(rows)
        text, name = (
            (frame.to_markdown(index=False), "models.md")
            if d.turn == 2
            else ("<html><body>" + frame.to_html(index=False) + "</body></html>", "models.html")
        )
    return d.harmless("model", "thousands of observations, six coefficients", parcel(d, name, text, "regression"))


@cases(2)
def fixest_table(d: Draw) -> Case:
    import contextlib
    import io

    import pyfixest as pf

    people, out = sample(d.rng, 4000), io.StringIO()
    fits = [
        pf.feols(f"lnwage ~ {f}", people, vcov="hetero")
        for f in ("gpa + female | county", "gpa + female + age | county + race")
    ]
    with contextlib.redirect_stdout(out):
        text = pf.etable(fits, type="md" if d.turn else "tex")
    return d.harmless(
        "model",
        "absorbed effects of large groups, none printed",
        parcel(d, "etable.md" if d.turn else "etable.tex", str(text or out.getvalue()), "regression"),
    )


@cases(2)
def cox(d: Draw) -> Case:
    import contextlib
    import io

    from lifelines import CoxPHFitter

    people = sample(d.rng, 2000)
    people["quarters"], people["left"] = d.rng.integers(1, 13, 2000), d.rng.integers(0, 2, 2000)
    fit = CoxPHFitter().fit(people[["quarters", "left", "gpa", "female", "el"]], "quarters", "left")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        fit.print_summary(style="ascii")
    text = "\n".join(
        line for line in out.getvalue().splitlines() if "number of events" not in line and "time fit" not in line
    )
    return d.harmless(
        "model survival",
        "a Cox model of 2,000 persons without its curve",
        parcel(d, "cox.txt", text, "survival" if d.turn else "regression"),
    )


@cases(4)
def clean_metrics(d: Draw) -> Case:
    text = [as_json({"model": "gbm", "n_test": 9000, "confusion_matrix": [[5120, 880], [610, 2390]], "auc": 0.871, "folds": 5, "n_estimators": 300, "max_depth": 3}),
            "              precision    recall  f1-score   support\n\n     dropout       0.73      0.80      0.76      3000\n    graduate       0.89      0.85      0.87      6000\n\n    accuracy                           0.83      9000\n   macro avg       0.81      0.83      0.82      9000\nweighted avg       0.84      0.83      0.83      9000\n",
            as_json({"thresholds": [round(t / 20, 2) for t in range(20, -1, -1)], "tpr": [round((i / 20) ** 0.4, 3) for i in range(21)], "fpr": [round((i / 20) ** 1.7, 3) for i in range(21)], "n_test": 9000}),
            pd.DataFrame({"feature": ["gpa", "days_absent", "el", "age"], "importance": [0.412, 0.333, 0.151, 0.104], "rank": [1, 2, 3, 4], "mean_abs_shap": [0.31, 0.22, 0.11, 0.07]}).to_string(index=False)][d.turn]  # fmt: skip
    return d.harmless(
        "min_cell",
        "measures of a model on 9,000 students",
        parcel(d, ["metrics.json", "report.txt", "roc.json", "importance.txt"][d.turn], text),
    )


@cases(3)
def tree_large_leaves(d: Draw) -> Case:
    from sklearn.tree import DecisionTreeClassifier, export_graphviz, export_text

    people = sample(d.rng, 6000)
    names = ["gpa", "age", "days_absent"]
    tree = DecisionTreeClassifier(max_depth=2, min_samples_leaf=500, random_state=0).fit(people[names], people.grad)
    text = [
        export_text(tree, feature_names=names),
        export_graphviz(tree, feature_names=names),
        export_text(tree, feature_names=names, show_weights=True),
    ][d.turn]
    return d.harmless(
        "min_cell model",
        "leaves of at least 500 students, none pure",
        parcel(d, ["tree.txt", "tree.dot", "tree.txt"][d.turn], text, "regression"),
    )


@cases(3)
def settings(d: Draw) -> Case:
    text = [as_json({"estimator": "xgboost", "params": {"max_depth": 4, "eta": 0.1, "subsample": 0.8, "min_child_weight": 5, "seed": 20240314}, "cv": {"folds": 5, "repeats": 3}, "features": ["gpa", "el", "days_absent"]}),
            as_json({"mean_fit_time": [0.41, 0.52, 0.61], "param_max_depth": [2, 3, 4], "mean_test_score": [0.801, 0.812, 0.809], "std_test_score": [0.011, 0.009, 0.012], "rank_test_score": [3, 1, 2]}),
            "coefficients:\n  gpa: 0.912\n  female: 0.241\n  el: -0.302\nintercept: -1.204\nn: 4210\nauc: 0.811\nfolds: 5\n"][d.turn]  # fmt: skip
    return d.harmless(
        "min_cell",
        "hyperparameters and scores",
        parcel(d, ["params.json", "grid.json", "model.yaml"][d.turn], text, "regression"),
    )


@cases(2)
def r_lm_residual_range(d: Draw) -> Case:
    text = """
Call:
lm(formula = lnwage ~ gpa + female, data = df)

Residuals:
    Min      1Q  Median      3Q     Max
-2.4113 -0.3301  0.0122  0.3417  2.1908

Coefficients:
             Estimate Std. Error t value Pr(>|t|)
(Intercept)  8.001121   0.041123 194.566   <2e-16 ***
gpa          0.299121   0.012311  24.297   <2e-16 ***
female      -0.101211   0.016122  -6.278 3.77e-10 ***
---
Residual standard error: 0.501 on 4207 degrees of freedom
Multiple R-squared:  0.1301,	Adjusted R-squared:  0.1297
F-statistic: 314.6 on 2 and 4207 DF,  p-value: < 2.2e-16
"""
    return d.arguable("model order_statistic", "R prints the extreme residuals of thousands: a person's, but no value of an attribute", parcel(d, "lm.txt", text, "regression"))  # fmt: skip


@cases(2)
def county_effects(d: Draw) -> Case:
    rows = "\n".join(
        f"| {c} | {d.rng.normal(0, 0.2):.3f} | {d.rng.uniform(0.02, 0.05):.3f} | {d.rng.integers(100, 900) * 10} |"
        for c in COUNTIES
    )
    return d.harmless("model", "effects of counties with thousands of students each", parcel(d, "effects.md", f"| county | coefficient | std. error | students |\n|---|---|---|---|\n{rows}\n", "regression"))  # fmt: skip


@cases(2)
def simulation(d: Draw) -> Case:
    rows = [{"scenario": s, "replications": 1000, "bias": round(float(d.rng.normal(0, 0.01)), 4), "rmse": round(float(d.rng.uniform(0.05, 0.1)), 4), "coverage": round(float(d.rng.uniform(0.93, 0.97)), 3)} for s in range(1, 9)]  # fmt: skip
    text = as_json(rows) if d.turn else pd.DataFrame(rows).to_markdown(index=False)
    return d.harmless(
        "unit_record",
        "results of a simulation",
        parcel(d, "simulation.json" if d.turn else "simulation.md", text, population="simulated draws"),
    )
