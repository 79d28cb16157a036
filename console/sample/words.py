"""Words for made-up notices: countries, towns, organisations, subjects and filler prose.

Every organisation lies in a town that does not exist, so no notice can be taken for a real one.
"""

from dataclasses import dataclass
from functools import cache
from random import Random


@dataclass(frozen=True, slots=True)
class Country:
    """A country as the formats spell it, with made-up towns and forms of names.

    Attributes
    ----------
    code : as TED_EXPORT spells it (UK, EL is GR)
    alpha3 : ISO 3166-1 alpha-3
    language : as TED_EXPORT spells it
    nuts : NUTS code of the country's made-up capital region
    winter, summer : offsets of dates in eForms
    towns, streets : of the address
    buyers, firms : patterns with a place for the town
    """

    code: str
    alpha3: str
    language: str
    currency: str
    nuts: str
    winter: str
    summer: str
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    buyers: tuple[str, ...]
    firms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is bought: CPV code, nature and the English words for it."""

    cpv: str
    nature: str
    english: str
    more: tuple[str, ...] = ()


COUNTRIES: dict[str, Country] = {
    country.code: country
    for country in (
        Country(
            "DE", "DEU", "DE", "EUR", "DE111", "+01:00", "+02:00",
            ("Musterstadt", "Beispielhausen", "Nirgendwo an der Phantasie", "Überallingen"),
            ("Musterstraße", "Erfundener Weg", "Am Beispielplatz"),
            ("Stadt {}", "Stadtwerke {} GmbH", "Landkreis {}", "Universitätsklinikum {}"),
            ("Fantasiebau {} GmbH & Co. KG", "Mustermann & Söhne AG, {}", "Beispieltechnik {} GmbH"),
        ),
        Country(
            "FR", "FRA", "FR", "EUR", "FR101", "+01:00", "+02:00",
            ("Villemodèle", "Saint-Exemple-sur-Fable", "Neufchimère", "Fictionnay"),
            ("rue de l'Exemple", "avenue des Chimères", "place Imaginaire"),
            ("Commune de {}", "Communauté d'agglomération de {}", "Centre hospitalier de {}", "Lycée de {}"),
            ("Société Exemple {} SARL", "Chimère & Fils, {}", "Ateliers imaginaires de {} SA"),
        ),
        Country(
            "PL", "POL", "PL", "PLN", "PL213", "+01:00", "+02:00",
            ("Przykładowo", "Wymyślin Wielki", "Nibyłęg", "Zmyślona Góra"),
            ("ul. Przykładowa", "ul. Zmyślona", "al. Bajkowa"),
            ("Gmina {}", "Powiat {}", "Szpital Wojewódzki w mieście {}", "Politechnika, {}"),
            ("Przykład-Bud {} sp. z o.o.", "Zmyślone Usługi {} S.A.", "Fikcja {} spółka jawna"),
        ),
        Country(
            "IT", "ITA", "IT", "EUR", "ITC11", "+01:00", "+02:00",
            ("Esempiopoli", "Borgo Finto", "Castel Fantasia", "Città Immaginaria"),
            ("via dell'Esempio", "piazza Fantasia", "viale Inventato"),
            ("Comune di {}", "Azienda sanitaria locale di {}", "Provincia di {}", "Università di {}"),
            ("Esempio Costruzioni {} S.r.l.", "Fantasia Servizi {} S.p.A.", "Consorzio Immaginario {}"),
        ),
        Country(
            "ES", "ESP", "ES", "EUR", "ES300", "+01:00", "+02:00",
            ("Ejemplovilla", "Villaficción del Río", "Ningunaparte", "Peñafingida"),
            ("calle del Ejemplo", "avenida Fingida", "plaza de la Quimera"),
            ("Ayuntamiento de {}", "Diputación de {}", "Hospital de {}", "Universidad de {}"),
            ("Construcciones Ejemplo {}, S. L.", "Quimera Servicios {}, S. A.", "UTE Ficción {}"),
        ),
        Country(
            "NL", "NLD", "NL", "EUR", "NL332", "+01:00", "+02:00",
            ("Voorbeeldstad", "Nergenshuizen", "Fabeldam", "Verzonnendijk"),
            ("Voorbeeldlaan", "Verzonnen Straat", "Fabelplein"),
            ("Gemeente {}", "Waterschap {}", "Ziekenhuis {}", "Provincie {}"),
            ("Voorbeeld Bouw {} B.V.", "Fabel Diensten {} N.V.", "Verzonnen Techniek {} B.V."),
        ),
        Country(
            "SE", "SWE", "SV", "SEK", "SE110", "+01:00", "+02:00",
            ("Exempelköping", "Påhittsund", "Ingenstansby", "Sagoås"),
            ("Exempelgatan", "Påhittsvägen", "Sagotorget"),
            ("{} kommun", "Region {}", "{} universitet", "{} energi AB"),
            ("Exempelbygg i {} AB", "Påhittat Konsult {} AB", "Sagotjänster {} HB"),
        ),
        Country(
            "CZ", "CZE", "CS", "CZK", "CZ010", "+01:00", "+02:00",
            ("Příkladov", "Vymyšlená Lhota", "Nikdeves", "Smyšlín nad Řekou"),
            ("Příkladná", "Vymyšlená", "Pohádkové náměstí"),
            ("Město {}", "Nemocnice {}", "Kraj {}", "Univerzita v {}"),
            ("Příklad stavby {} s.r.o.", "Vymyšlené služby {} a.s.", "Smyšlenka {} v.o.s."),
        ),
        Country(
            "RO", "ROU", "RO", "RON", "RO321", "+02:00", "+03:00",
            ("Exemplești", "Valea Închipuită", "Nicăieri", "Târgu Plăsmuit"),
            ("str. Exemplului", "bd. Închipuirii", "calea Plăsmuită"),
            ("Comuna {}", "Consiliul Județean {}", "Spitalul {}", "Compania de apă {}"),
            ("Exemplu Construct {} S.R.L.", "Închipuire Servicii {} S.A.", "Plăsmuit Trans {} S.R.L."),
        ),
        Country(
            "GR", "GRC", "EL", "EUR", "EL303", "+02:00", "+03:00",
            ("Παραδειγματούπολη", "Φαντασιοχώρι", "Άνω Πουθενά", "Νέα Επινόηση"),
            ("Παραδείγματος", "Λεωφόρος Φαντασίας", "Πλατεία Επινόησης"),
            ("Δήμος {}", "Γενικό Νοσοκομείο {}", "Περιφέρεια {}", "Πανεπιστήμιο {}"),
            ("Παράδειγμα Κατασκευές {} Α.Ε.", "Φαντασία Υπηρεσίες {} Ε.Π.Ε.", "Επινόηση {} Ο.Ε."),
        ),
        Country(
            "BG", "BGR", "BG", "BGN", "BG411", "+02:00", "+03:00",
            ("Примерово", "Измислица", "Никъдевград", "Горно Небивало"),
            ("ул. Примерна", "бул. Измислен", "пл. Небивал"),
            ("Община {}", "МБАЛ {} ЕАД", "Област {}", "ВиК {} ООД"),
            ("„Пример Строй {}“ ООД", "„Измислица {}“ АД", "ДЗЗД „Небивало {}“"),
        ),
        Country(
            "HU", "HUN", "HU", "HUF", "HU1", "+01:00", "+02:00",
            ("Példaváros", "Kitaláltfalva", "Seholsincs", "Meseújhely"),
            ("Példa utca", "Kitalált út", "Mese tér"),
            ("{} Önkormányzata", "{} Kórház", "{} Egyetem", "{} Vízmű Zrt."),
            ("Példaépítő {} Kft.", "Kitalált Szolgáltató {} Zrt.", "Mesetechnika {} Bt."),
        ),
        Country(
            "IE", "IRL", "EN", "EUR", "IE0", "+00:00", "+01:00",
            ("Exampletown", "Ballynowhere", "Figmentbridge", "Fableford"),
            ("Example Street", "Figment Road", "Fable Quay"),
            ("{} County Council", "{} Education and Training Board", "{} University Hospital", "{} Water"),
            ("Example Builders {} Ltd", "Figment Services {} plc", "Fable Engineering {} Ltd"),
        ),
    )
}  # fmt: skip

# Half of the countries' weight lies on the first ones, as in reality.
COMMON_CODES = ("DE", "DE", "FR", "FR", "PL", "PL", "IT", "ES", "RO", *COUNTRIES)

SUBJECTS: tuple[Subject, ...] = (
    Subject("45214200", "works", "Construction of a school building", ("45210000", "45000000")),
    Subject("45233140", "works", "Road works", ("45233120",)),
    Subject("39130000", "supplies", "Office furniture", ("39100000",)),
    Subject("33100000", "supplies", "Medical equipment", ("33190000", "33600000")),
    Subject("09310000", "supplies", "Electricity"),
    Subject("90910000", "services", "Cleaning services", ("90911200",)),
    Subject("72000000", "services", "IT services", ("48000000", "72200000")),
    Subject("60112000", "services", "Public bus transport"),
    Subject("71221000", "services", "Architectural services for buildings", ("71220000",)),
    Subject("55523100", "services", "School meals"),
)
DEFENCE_SUBJECT = Subject("35400000", "supplies", "Military vehicles and parts", ("35420000",))

# Per language, the subjects in the order of SUBJECTS, then the one of defence.
TITLES: dict[str, tuple[str, ...]] = {
    "DE": (
        "Neubau eines Schulgebäudes", "Straßenbauarbeiten", "Büromöbel", "Medizinische Geräte", "Stromlieferung",
        "Reinigungsdienste", "IT-Dienstleistungen", "Öffentlicher Busverkehr", "Architekturleistungen",
        "Schulverpflegung", "Militärfahrzeuge und Ersatzteile",
    ),
    "FR": (
        "Construction d'un bâtiment scolaire", "Travaux de voirie", "Mobilier de bureau", "Équipements médicaux",
        "Fourniture d'électricité", "Services de nettoyage", "Services informatiques", "Transport public par autobus",
        "Maîtrise d'œuvre de bâtiments", "Restauration scolaire", "Véhicules militaires et pièces détachées",
    ),
    "PL": (
        "Budowa budynku szkoły", "Roboty drogowe", "Meble biurowe", "Urządzenia medyczne",
        "Dostawa energii elektrycznej", "Usługi sprzątania", "Usługi informatyczne",
        "Publiczny transport autobusowy", "Usługi architektoniczne",
        "Posiłki szkolne", "Pojazdy wojskowe i części",
    ),
    "IT": (
        "Costruzione di un edificio scolastico", "Lavori stradali", "Mobili per ufficio", "Apparecchiature mediche",
        "Fornitura di energia elettrica", "Servizi di pulizia", "Servizi informatici", "Trasporto pubblico con autobus",
        "Progettazione di edifici", "Refezione scolastica", "Veicoli militari e ricambi",
    ),
    "ES": (
        "Construcción de un edificio escolar", "Obras viarias", "Mobiliario de oficina", "Equipamiento médico",
        "Suministro de electricidad", "Servicios de limpieza", "Servicios informáticos",
        "Transporte público en autobús", "Servicios de arquitectura", "Comedor escolar", "Vehículos militares y piezas",
    ),
    "NL": (
        "Bouw van een schoolgebouw", "Wegwerkzaamheden", "Kantoormeubilair", "Medische apparatuur",
        "Levering van elektriciteit", "Schoonmaakdiensten", "IT-diensten", "Openbaar busvervoer", "Architectendiensten",
        "Schoolmaaltijden", "Militaire voertuigen en onderdelen",
    ),
    "SV": (
        "Nybyggnad av skola", "Vägarbeten", "Kontorsmöbler", "Medicinteknisk utrustning", "Elleverans", "Städtjänster",
        "IT-tjänster", "Allmän busstrafik", "Arkitekttjänster", "Skolmåltider", "Militärfordon och delar",
    ),
    "CS": (
        "Výstavba školní budovy", "Silniční práce", "Kancelářský nábytek", "Zdravotnické přístroje",
        "Dodávka elektřiny", "Úklidové služby", "Služby informačních technologií",
        "Veřejná autobusová doprava", "Architektonické služby",
        "Školní stravování", "Vojenská vozidla a díly",
    ),
    "RO": (
        "Construirea unei școli", "Lucrări de drumuri", "Mobilier de birou", "Echipamente medicale",
        "Furnizare de energie electrică", "Servicii de curățenie", "Servicii IT", "Transport public cu autobuzul",
        "Servicii de arhitectură", "Masă în școli", "Vehicule militare și piese",
    ),
    "EL": (
        "Κατασκευή σχολικού κτιρίου", "Έργα οδοποιίας", "Έπιπλα γραφείου", "Ιατρικός εξοπλισμός",
        "Προμήθεια ηλεκτρικής ενέργειας", "Υπηρεσίες καθαριότητας", "Υπηρεσίες πληροφορικής",
        "Δημόσιες συγκοινωνίες με λεωφορεία", "Υπηρεσίες αρχιτεκτόνων", "Σχολικά γεύματα", "Στρατιωτικά οχήματα",
    ),
    "BG": (
        "Строителство на училищна сграда", "Пътни работи", "Офис мебели", "Медицинско оборудване",
        "Доставка на електрическа енергия", "Услуги по почистване", "ИТ услуги", "Обществен автобусен превоз",
        "Архитектурни услуги", "Училищно хранене", "Военни превозни средства и части",
    ),
    "HU": (
        "Iskolaépület építése", "Útépítési munkák", "Irodabútor", "Orvosi berendezések", "Villamosenergia-beszerzés",
        "Takarítási szolgáltatás", "Informatikai szolgáltatások", "Közösségi autóbusz-közlekedés",
        "Építészeti szolgáltatások", "Közétkeztetés", "Katonai járművek és alkatrészek",
    ),
    "EN": (*(subject.english for subject in SUBJECTS), DEFENCE_SUBJECT.english),
}  # fmt: skip

LOT_WORDS = {
    "DE": "Los", "FR": "Lot", "PL": "Część", "IT": "Lotto", "ES": "Lote", "NL": "Perceel", "SV": "Del", "CS": "Část",
    "RO": "Lotul", "EL": "Τμήμα", "BG": "Обособена позиция", "HU": "Rész", "EN": "Lot",
}  # fmt: skip
DEADLINE_LABELS = {
    "DE": "Schlusstermin für den Eingang der Angebote", "FR": "Date limite de réception des offres",
    "PL": "Termin składania ofert", "EL": "Προθεσμία παραλαβής των προσφορών", "BG": "Срок за получаване на оферти",
}  # fmt: skip
PRICE_WORDS = {
    "DE": "Preis", "FR": "Prix", "PL": "Cena", "IT": "Prezzo", "ES": "Precio", "NL": "Prijs", "SV": "Pris",
    "CS": "Cena", "RO": "Preț", "EL": "Τιμή", "BG": "Цена", "HU": "Ár", "EN": "Price",
}  # fmt: skip
QUALITY_WORDS = {
    "DE": "Qualität", "FR": "Valeur technique", "PL": "Jakość", "IT": "Qualità tecnica", "ES": "Calidad",
    "NL": "Kwaliteit", "SV": "Kvalitet", "CS": "Kvalita", "RO": "Calitate", "EL": "Ποιότητα", "BG": "Качество",
    "HU": "Minőség", "EN": "Quality",
}  # fmt: skip

# Order of the languages in notices of EU institutions.
ALL_LANGUAGES = (
    "DA", "DE", "EN", "ES", "FI", "FR", "EL", "IT", "NL", "PT", "SV", "CS", "ET", "HU", "LT", "LV", "MT", "PL", "SK",
    "SL", "GA", "BG", "RO", "HR",
)  # fmt: skip
ALPHA3_LANGUAGES = {
    "DA": "DAN", "DE": "DEU", "EN": "ENG", "ES": "SPA", "FI": "FIN", "FR": "FRA", "EL": "ELL", "IT": "ITA",
    "NL": "NLD", "PT": "POR", "SV": "SWE", "CS": "CES", "ET": "EST", "HU": "HUN", "LT": "LIT", "LV": "LAV",
    "MT": "MLT", "PL": "POL", "SK": "SLK", "SL": "SLV", "GA": "GLE", "BG": "BUL", "RO": "RON", "HR": "HRV",
}  # fmt: skip


def title_of(subject: Subject, language: str) -> str:
    """The subject in a language, in English where it is unknown."""
    return TITLES.get(language, TITLES["EN"])[_column(subject)]


def _column(subject: Subject) -> int:
    return len(SUBJECTS) if subject is DEFENCE_SUBJECT else SUBJECTS.index(subject)


_SYLLABLES = {
    "latin": "ba be bi lo lu ma mé mi na no nö ra ré ri sa se šo ta te ti va vi vo zu ła ći",
    "greek": "βα βε βι λο λυ μα με μί να νό ρα ρέ ρι σα σέ σο τα τε τί φα φι φό ζυ λά",
    "cyrillic": "ба бе би ло лу ма ме ми на но ра ре ри са се шо та те ти ва ви во зу ля щи",
}
_SCRIPTS = {"EL": "greek", "BG": "cyrillic"}
_FILLER_CHARS = 60_000


@cache
def _filler(script: str) -> str:
    """Make a long text of words of no language, the same on every run."""
    rng = Random(script)  # noqa: S311 made-up text, not a secret
    syllables = _SYLLABLES[script].split()
    sentences: list[str] = []
    size = 0
    while size < _FILLER_CHARS:
        words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(rng.randint(5, 14))]
        sentence = " ".join(words).capitalize() + rng.choice(
            (".", ".", "; 12 m² (30 %).", f" {rng.randint(2, 980)} km.")
        )
        sentences.append(sentence)
        size += len(sentence) + 1
    return " ".join(sentences)


def prose(rng: Random, language: str, size: int) -> str:
    """Cut about `size` characters of filler prose in the script of a language; they need no escaping in XML."""
    text = _filler(_SCRIPTS.get(language, "latin"))
    if size < 20:
        size = 20
    parts = []
    while size > 0:
        start = rng.randrange(len(text) - min(size, 20_000) - 40)
        start = text.index(" ", start) + 1
        parts.append(text[start : start + min(size, 20_000)].strip())
        size -= 20_000
    return " ".join(parts)
