"""The districts of the synthetic California as a directory: codes as the provider files carry them, invented names."""

from __future__ import annotations

import csv
import io

from synthetic.places import geography

COLUMNS = ("district_code", "district_name", "county_code", "city", "schools")


def district_directory() -> bytes:
    """One line a district as CSV, in the order of the codes; every name ends in “(synthetic)”."""
    places = geography()
    rows = [
        (str(code), f"{city} Unified (synthetic)", f"{county + 1:02d}", str(city), int(schools))
        for code, city, county, schools in zip(
            places.district_code, places.cities, places.district_county, places.schools, strict=True
        )
    ]
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(rows))
    return target.getvalue().encode()
