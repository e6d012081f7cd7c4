"""# What is not a count

Checkers stop reading a tool that cries wolf. Years, grades, codes, ids, statistics and big groups give no finding.
"""

from __future__ import annotations

import pytest

from tests.spec.rulebook import found, report_on

HARMLESS = {
    "years and means": "year,mean_wage,n\n2019,41000,1204\n2020,42000,1180\n",
    "grades as keys": "grade,students\n9,1200\n10,1180\n11,1171\n12,1100\n",
    "codes": "county_code,county,n\n1,Alameda,9000\n2,Alpine,40\n",
    "a regression": "term,coef,std err,t,P>|t|\nIntercept,1.2,0.3,4,0.00\ngrade,8,1,3,0.003\n",
    "ranks": "district,rank\nAlder,1\nBirch,2\n",
    "rates of big groups": "district,n,pct\nAlder,1200,54.2%\nBirch,900,61.0%\n",
    "an effect with its error": "outcome,estimate,se\nenrolled,3.0,0.4\npersisted,2.0,0.5\n",
    "plain whole numbers that nothing explains": "district,x\nAlder,3\nBirch,4\n",
    "weeks and hours": "activity,weeks,hours\ntutoring,8,3\ncounselling,4,2\n",
    "a scale": "item,mean score\nbelonging,4\nsafety,3\n",
    "students per teacher": "district,students per teacher\nAlder,21.5\nBirch,9.5\n",
    "an age table": "age,rate\n5,0.31\n6,0.35\n",
    "quarters of wages": "year,quarter,median earnings,n\n2019,1,9200,5400\n2019,2,9300,5390\n",
    "shares of a whole": "group,share\nA,20%\nB,30%\nC,50%\nTotal,100%\n",
    "an index and a change": "county,index,change\nAlameda,100,0.0%\nAlpine,104,4.0%\n",
    "a codebook": "column,type,values\nsex,text,3\ngrade,integer,13\n",
    "a single number": "measure,value\nR2,0.31\nF,9\n",
    "banded rates": "school,rate\nA,>=95%\nB,60-69%\nC,<=5%\n",
    "a crosstab with a protected pattern": (
        "district,F,M,X,Total\nA,*,*,30,49\nB,*,*,40,84\nC,20,30,40,90\nTotal,72,41,110,223\n"
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_tables_give_no_finding(name: str) -> None:
    assert found(HARMLESS[name]) == {}


PRINTED_BY_PANDAS = """\
enrolled    enrolled not enrolled Total
county_code
07                 *            *     *
18                 0            *     *
19                 *            *    23
21                 *            0     *
Total             20           33    53
"""


def test_codes_under_a_columns_name_that_pandas_printed_are_no_counts() -> None:
    assert found(PRINTED_BY_PANDAS, "t1.txt") == {}


def test_a_regression_summary_of_statsmodels_gives_no_finding() -> None:
    summary = """
                                OLS Regression Results
        ==============================================================================
        Dep. Variable:                  wage   R-squared:                       0.034
        Model:                            OLS   Adj. R-squared:                  0.030
        No. Observations:                1000   AIC:                             9.7
        Df Residuals:                     996   BIC:                             9.9
        Df Model:                           3
        Covariance Type:            nonrobust
        ==============================================================================
                         coef    std err          t      P>|t|      [0.025      0.975]
        ------------------------------------------------------------------------------
        Intercept      1.2000      0.300      4.000      0.000       0.600       1.800
        year           3.0000      1.000      3.000      0.003       1.000       5.000
        grade          8.0000      1.000      3.000      0.003       1.000       5.000
        ==============================================================================
        Omnibus:                        3.100   Durbin-Watson:                   2.000
        Prob(Omnibus):                  0.200   Jarque-Bera (JB):                3.000
        Skew:                           0.100   Prob(JB):                        0.200
        Kurtosis:                       3.000   Cond. No.                         8.00
        ==============================================================================
    """
    assert found(summary, name="model.txt") == {}


def test_where_it_cannot_tell_the_engine_asks() -> None:
    report = report_on("district,x\nAlder,3\nBirch,4\n")
    assert [question.about for question in report.questions] == ["x"]
