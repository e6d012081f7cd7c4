"""Names for invented people: own lists, mixed by ethnicity, with composed surnames so that millions stay plausible.

No list was copied from a data set. Weights fall off as 1/(rank + 3): some names are common, most are rare, which is
what makes linkage by name hard.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Strings = NDArray[np.object_]
Ints = NDArray[np.int64]

ETHNICITIES = (
    "hispanic", "white", "asian", "filipino", "black",
    "american_indian", "pacific_islander", "two_or_more", "not_reported",
)  # fmt: skip
ETHNICITY_SHARES = (0.535, 0.215, 0.115, 0.024, 0.052, 0.006, 0.005, 0.038, 0.010)

_FIRST = {
    ("hispanic", "F"): """Maria Guadalupe Sofia Camila Valeria Ximena Daniela Alejandra Gabriela Isabel Mariana Fernanda
        Lucia Elena Adriana Rosa Carmen Ana Leticia Yesenia Esmeralda Paola Natalia Veronica Juana Teresa Margarita Silvia
        Beatriz Araceli Lorena Catalina Jimena Itzel Citlali Marisol Xochitl Graciela Dolores Estela Consuelo Luz Perla
        Karina Monica Ruby Jazmin Renata Regina Alondra""",
    ("hispanic", "M"): """Jose Juan Luis Carlos Miguel Alejandro Francisco Diego Mateo Santiago Daniel Jesus Angel Antonio
        Eduardo Ricardo Fernando Javier Manuel Rafael Sergio Roberto Raul Pedro Hector Oscar Ernesto Ruben Arturo Enrique
        Guillermo Gerardo Alfredo Salvador Ignacio Emilio Andres Leonardo Sebastian Adrian Cesar Ivan Gilberto Rodrigo
        Marco Julio Armando Esteban Ramiro Emiliano""",
    ("white", "F"): """Emily Elizabeth Katherine Margaret Jennifer Jessica Sarah Rebecca Abigail Hannah Madison Olivia Emma
        Charlotte Amelia Grace Claire Victoria Samantha Alexandra Christina Patricia Susan Deborah Rachel Megan Lauren
        Caroline Julia Anna Molly Audrey Natalie Heather Amanda Allison Paige Brooke Kelsey Haley Stella Hazel Ivy Nora
        Eleanor Josephine Penelope Theodora Cassandra Gwendolyn""",
    ("white", "M"): """William James Robert Michael Thomas Christopher Matthew Andrew Joseph Benjamin Nicholas Alexander
        Jonathan Samuel Daniel David Edward Charles Richard Steven Timothy Gregory Patrick Jacob Joshua Zachary Nathaniel
        Ethan Logan Owen Henry Jack Wyatt Hudson Carter Connor Tyler Ryan Kyle Scott Grant Peter Philip Vincent Theodore
        Lawrence Frederick Walter Harrison Desmond""",
    ("asian", "F"): """Mei Li Xin Yi Jia Hui Lan Linh Thuy Huong Mai Anh Ngoc Trang Kim Jiwoo Minji Soyeon Hana Yuki Sakura
        Aiko Priya Ananya Divya Kavya Pooja Neha Aisha Fatima Zara Leila Emily Michelle Grace Jessica Christine Angela
        Vivian Cindy Tiffany Joyce Karen Wendy Jasmine Chloe Sophie Nina Rina Meera""",
    ("asian", "M"): """Wei Jun Ming Hao Jie Feng Tuan Minh Duc Hung Quang Khanh Bao Long Jinho Minsu Sunghoon Hiro Kenji
        Takumi Arjun Rohan Vikram Rahul Amit Sanjay Kiran Omar Ali Hassan Kevin Andrew Jason Eric Brian Daniel Steven
        Alan Vincent Raymond Dennis Albert Derek Ryan Ethan Lucas Nathan Aaron Felix Dev""",
    ("filipino", "F"): """Maria Angelica Kristine Jasmine Angela Nicole Bernadette Rowena Marites Jocelyn Rosalinda Corazon
        Imelda Liezel Maricel Cherry Princess Divina Ligaya Amihan Carmela Joy Grace Faith Hope Trisha Bianca Camille
        Danica Althea""",
    ("filipino", "M"): """Jose Mark Angelo Christian Paolo Rodel Reynaldo Ferdinand Benigno Emilio Joshua Jericho Romeo
        Arnel Dante Edwin Jomar Rommel Ramon Isagani Bayani Crisanto Danilo Efren Gilbert Nathaniel Gabriel Rafael
        Vincent Patrick""",
    ("black", "F"): """Aaliyah Imani Nia Ebony Jasmine Destiny Kiara Tiana Brianna Alexis Kayla Jada Raven Latoya Keisha
        Tamika Monique Simone Naomi Serena Zora Amara Kennedy Gabrielle Danielle Michelle Angela Denise Yolanda Vanessa
        Maya Ruth Esther Deja Shanice Tanisha Janelle Nyla Ayanna Zuri""",
    ("black", "M"): """Malik Jamal Darius Marcus Isaiah Elijah Xavier Terrence Andre Tyrone Jerome Reginald Curtis Marvin
        Maurice Dwayne Jalen Kareem Omari Kofi Kwame Tariq Deshawn Trevon Jordan Cameron Christian Michael Anthony
        Joshua Caleb Micah Langston Quincy Roland Clarence Raymond Leroy Winston Solomon""",
}  # fmt: skip

_LAST = {
    "hispanic": """Garcia Hernandez Lopez Martinez Gonzalez Rodriguez Perez Sanchez Ramirez Flores Torres Rivera Gomez Diaz
        Reyes Morales Cruz Ortiz Gutierrez Chavez Ramos Ruiz Alvarez Mendoza Vasquez Castillo Jimenez Moreno Romero
        Herrera Medina Aguilar Vargas Castro Guzman Mendez Salazar Soto Delgado Pena Rios Alvarado Sandoval Contreras
        Valdez Guerrero Ortega Estrada Nunez Maldonado Vega Santiago Dominguez Espinoza Silva Padilla Marquez Cortez
        Rojas Acosta Figueroa Luna Juarez Navarro Campos Molina Avila Ayala Mejia Carrillo Duran Santos Salinas Robles
        Solis Lara Cervantes Aguirre Ochoa Pacheco Villarreal Zamora Barrera Zuniga Galvan Trevino Cisneros Arellano
        Bautista Orozco Escobar Beltran Macias Ibarra Montoya Velasco Quintero Camacho Rosales Villanueva Cardenas""",
    "white": """Smith Johnson Miller Davis Anderson Wilson Taylor Clark Lewis Walker Hall Young King Wright Hill Green Baker
        Nelson Carter Mitchell Roberts Turner Phillips Campbell Parker Evans Edwards Collins Stewart Morris Murphy Cook
        Rogers Peterson Cooper Reed Bailey Kelly Howard Ward Cox Richardson Wood Watson Brooks Bennett Gray Hughes Price
        Myers Foster Sanders Ross Long Sullivan Fisher Hamilton Graham Wallace West Cole Jordan Reynolds Ellis Harrison
        Gibson Hansen Schmidt Weber Hoffman Keller OBrien McCarthy Novak Petrov Rossi Bianchi Larsen Olsen""",
    "asian": """Nguyen Chen Lee Kim Wang Li Zhang Liu Tran Park Wong Yang Huang Lin Wu Patel Singh Shah Kaur Sharma Pham Le
        Hoang Vo Dang Bui Do Ngo Duong Choi Jung Kang Cho Yoon Tanaka Suzuki Sato Nakamura Yamamoto Chang Cheng Chan Lam
        Lau Ho Xu Sun Zhao Zhou Guo Ma He Hu Lu Gao Tang Deng Xie Feng Reddy Rao Gupta Mehta Desai Khan Ahmed Hussain
        Vang Xiong Lor Moua Yee Fong Chu Kwan""",
    "filipino": """Santos Reyes Cruz Bautista Ocampo DelaCruz Garcia Mendoza Torres Tolentino Aquino Villanueva Ramos
        Castillo Rivera Navarro Mercado Pascual Salvador Manalo Magsaysay Dimaculangan Macaraeg Panganiban Pangilinan
        Dizon Lacson Tuazon Cabrera Agbayani Batungbakal Catacutan Galang Lumaban Sumulong""",
    "black": """Williams Johnson Brown Jones Jackson Davis Harris Robinson Thomas Washington Jefferson Freeman Banks Booker
        Coleman Jenkins Henderson Patterson Simmons Butler Barnes Bryant Alexander Russell Griffin Hayes Ford Gaines
        Dorsey Mosley Whitfield Ellison Hampton Lattimore Okafor Adeyemi Mensah Boateng Diallo Tesfaye Bekele Abdi""",
}  # fmt: skip

_STEMS = """Ash Black Bright Brook Burn Clay Cold Dark Deer East Fair Fern Gold Grey Hart Haw High Holm Kings Lang Lin Long
    Mar Mill Moor New North Oak Old Pem Raven Red Rock Rose Sand Sel Shel Silver South Stan Stone Sun Thorn West White
    Wild Win Wood Wyn""".split()
_ENDINGS = """berry bourne bridge brook bury by cliff combe cott croft dale den field ford gate grove ham hurst land ley
    low man mere more ridge shaw stead stone ton wall water well wick wood worth""".split()
_IBERIAN = """Abel Alar Arc Barr Bel Cald Cant Carr Cor Dur Esp Fern Gal Gar Herr Jar Lar Mald Man Mont Mor Nav Ol Ort Pal
    Per Quint Ren Riv Sal Sand Ser Tor Urr Val Vel Vill Zald Zam Zar""".split()
_IBERIAN_ENDINGS = "ado al ales ano ante aro asco ata edo enas era eros eta illo inas ino ola ona ora oza uela ueta".split()
_PACIFIC = """Tau Fale Mata Lolo Sefo Tui Vai Fono Lea Pule Mano Kealo Kahale Kamaka Nakoa""".split()
_PACIFIC_ENDINGS = "afu ala ata olo ina uli upu avai ele ono".split()

NICKNAMES = {
    "Elizabeth": ("Liz", "Beth", "Betty"), "Katherine": ("Kate", "Kathy"), "Margaret": ("Maggie", "Peggy"),
    "Jennifer": ("Jen", "Jenny"), "Jessica": ("Jess",), "Rebecca": ("Becky",), "Abigail": ("Abby",),
    "Samantha": ("Sam",), "Alexandra": ("Alex", "Sandra"), "Christina": ("Tina", "Chris"), "Patricia": ("Pat", "Patty"),
    "Susan": ("Sue",), "Deborah": ("Debbie",), "Victoria": ("Vicky",), "Amanda": ("Mandy",), "Josephine": ("Josie",),
    "Theodora": ("Dora",), "Penelope": ("Penny",), "Cassandra": ("Cassie",), "Gwendolyn": ("Gwen",), "Eleanor": ("Ellie",),
    "William": ("Bill", "Will"), "James": ("Jim", "Jimmy"), "Robert": ("Bob", "Rob"), "Michael": ("Mike",),
    "Thomas": ("Tom",), "Christopher": ("Chris",), "Matthew": ("Matt",), "Andrew": ("Andy", "Drew"), "Joseph": ("Joe",),
    "Benjamin": ("Ben",), "Nicholas": ("Nick",), "Alexander": ("Alex",), "Jonathan": ("Jon",), "Samuel": ("Sam",),
    "Daniel": ("Dan", "Danny"), "David": ("Dave",), "Edward": ("Ed", "Ted"), "Charles": ("Charlie", "Chuck"),
    "Richard": ("Rick", "Dick"), "Steven": ("Steve",), "Timothy": ("Tim",), "Gregory": ("Greg",), "Patrick": ("Pat",),
    "Jacob": ("Jake",), "Joshua": ("Josh",), "Zachary": ("Zach",), "Nathaniel": ("Nate",), "Theodore": ("Ted", "Theo"),
    "Lawrence": ("Larry",), "Frederick": ("Fred",), "Vincent": ("Vince",), "Philip": ("Phil",), "Peter": ("Pete",),
    "Guadalupe": ("Lupe",), "Francisco": ("Paco", "Pancho"), "Jose": ("Pepe",), "Jesus": ("Chuy",), "Ignacio": ("Nacho",),
    "Guillermo": ("Memo",), "Eduardo": ("Lalo",), "Alejandro": ("Alex",), "Alejandra": ("Alex",), "Gabriela": ("Gaby",),
    "Isabel": ("Chabela",), "Mariana": ("Mari",), "Rosa": ("Rosie",), "Leticia": ("Lety",), "Consuelo": ("Chelo",),
    "Dolores": ("Lola",), "Graciela": ("Chela",), "Antonio": ("Tony",), "Manuel": ("Manny",), "Rafael": ("Rafa",),
    "Roberto": ("Beto",), "Enrique": ("Kike",), "Salvador": ("Chava",), "Veronica": ("Vero",), "Fernanda": ("Fer",),
    "Gabrielle": ("Gabby",), "Danielle": ("Dani",), "Reginald": ("Reggie",), "Terrence": ("Terry",), "Anthony": ("Tony",),
    "Raymond": ("Ray",), "Angelica": ("Angie",), "Kristine": ("Tin",), "Bernadette": ("Bernie",), "Reynaldo": ("Rey",),
    "Vanessa": ("Nessa",), "Cameron": ("Cam",), "Isaiah": ("Zay",), "Solomon": ("Sol",), "Albert": ("Al",),
}  # fmt: skip


def _pool(text: str) -> list[str]:
    return text.split()


def _composed(stems: list[str], endings: list[str]) -> list[str]:
    return [stem + ending for ending in endings for stem in stems]


FIRST_POOLS = {key: _pool(text) for key, text in _FIRST.items()}
LAST_POOLS = {key: _pool(text) for key, text in _LAST.items()}
LAST_POOLS["hispanic"] += _composed(_IBERIAN, _IBERIAN_ENDINGS)
LAST_POOLS["white"] += _composed(_STEMS, _ENDINGS)
LAST_POOLS["black"] += _composed(_STEMS[::2], _ENDINGS[::3])
LAST_POOLS["pacific_islander"] = _composed(_PACIFIC, _PACIFIC_ENDINGS)
LAST_POOLS["asian"] += [a + b for a in ("Thana", "Sri", "Rata", "Kama", "Chai", "Phon", "Vela", "Naga") for b in
                        ("korn", "pong", "kul", "raj", "murthy", "swamy", "chai", "vong", "sith", "lingam")]  # fmt: skip
_BORROWED = {
    "american_indian": "white", "pacific_islander": "filipino", "two_or_more": "white", "not_reported": "hispanic",
}  # fmt: skip

FIRST_NAMES: Strings = np.array(sorted({name for pool in FIRST_POOLS.values() for name in pool}), dtype=object)
LAST_NAMES: Strings = np.array(sorted({name for pool in LAST_POOLS.values() for name in pool}), dtype=object)
_FIRST_INDEX = {name: i for i, name in enumerate(FIRST_NAMES)}
_LAST_INDEX = {name: i for i, name in enumerate(LAST_NAMES)}


def _draw(rng: np.random.Generator, pool: list[str], index: dict[str, int], size: int) -> Ints:
    codes = np.array([index[name] for name in pool], dtype=np.int64)
    weights = 1.0 / (np.arange(len(pool)) + 3.0)
    return codes[rng.choice(len(pool), size=size, p=weights / weights.sum())]


def draw_first(rng: np.random.Generator, ethnicity: Ints, female: NDArray[np.bool_]) -> Ints:
    """Codes into FIRST_NAMES, by ethnicity and sex."""
    out = np.zeros(len(ethnicity), dtype=np.int64)
    for e, group in enumerate(ETHNICITIES):
        for sex in ("F", "M"):
            rows = np.flatnonzero((ethnicity == e) & (female == (sex == "F")))
            pool = FIRST_POOLS[(_BORROWED.get(group, group), sex)]
            out[rows] = _draw(rng, pool, _FIRST_INDEX, len(rows))
    return out


def draw_last(rng: np.random.Generator, ethnicity: Ints) -> Ints:
    """Codes into LAST_NAMES, by ethnicity."""
    out = np.zeros(len(ethnicity), dtype=np.int64)
    for e, group in enumerate(ETHNICITIES):
        rows = np.flatnonzero(ethnicity == e)
        pool = LAST_POOLS.get(group) or LAST_POOLS[_BORROWED[group]]
        out[rows] = _draw(rng, pool, _LAST_INDEX, len(rows))
    return out


_NICK_TABLE: Strings = np.array([NICKNAMES.get(name, (None,))[0] for name in FIRST_NAMES], dtype=object)
_NICK_OTHER: Strings = np.array([NICKNAMES.get(name, (None,))[-1] for name in FIRST_NAMES], dtype=object)


def nickname(codes: Ints, second: NDArray[np.bool_]) -> Strings:
    """The nickname of each first name, or None where it has none."""
    return np.where(second, _NICK_OTHER[codes], _NICK_TABLE[codes])
