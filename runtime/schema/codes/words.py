"""Whole texts with a meaning of their own where a text, or a name, is expected. Parts of texts never count."""

# Whole texts that say "no" or "nothing" where a text stands for yes (options, renewals), without case and final stop.
# Seen on real notices: brak, nie dotyczy, keine, nvt, não aplicável, n/a, 0, sin prórrogas. The others are assumed.
NOTHING = frozenset(
    (
        "", "-", "--", "---", "/", "0", "x",
        "no", "none", "nil", "n/a", "n.a", "na", "not applicable", "no options", "no renewal",
        "nein", "keine", "keiner", "keines", "nicht zutreffend", "entfällt", "keine optionen",
        "non", "néant", "neant", "aucun", "aucune", "sans objet", "s/o", "pas d'option", "non applicable",
        "no procede", "no aplica", "ninguna", "ninguno", "sin prórrogas", "sin opciones", "no se prevé", "no hay",
        "no proceden prórrogas",
        "não", "nao", "não aplicável", "nao aplicavel", "não se aplica", "nenhuma",
        "nessuna", "nessuno", "non previsto", "non previste", "non applicabile",
        "nvt", "n.v.t", "niet van toepassing", "nee", "geen", "neen",
        "brak", "nie dotyczy", "nie", "nd", "n.d", "nie przewiduje się",
        "ne", "není", "nejsou", "nie je", "neuplatňuje se", "neuplatňuje sa", "žádné", "žiadne", "nerelevantné",
        "nu", "nu este cazul", "nu se aplică", "nincs", "nem", "nem alkalmazandó",
        "ingen", "inga", "nej", "nei", "ikke relevant", "ej tillämpligt", "ei", "ei ole", "ei sovelleta",
        "ei kohaldata",
        "nav", "nė", "nėra", "netaikoma", "ni", "ni relevantno", "nije primjenjivo", "не", "няма", "неприложимо",
        "όχι", "δεν υπάρχουν", "δεν εφαρμόζεται", "níl", "le", "xejn",
    )
)  # fmt: skip

# Names of winners that say that nothing was awarded, in small letters without accents and punctuation.
NO_WINNERS = frozenset(
    (
        # Seen on real notices.
        "no award made", "brak ofert",
        # Reported by others of real notices (github.com/zebreus/tender-db, issue 510).
        "infructueux", "sans suite", "desierto", "deserta",
        # Assumed: the same in other words, and what the languages of the Union say in their place.
        "no award", "not awarded", "no tenders received",
        "lot infructueux", "lot declare infructueux", "declare infructueux", "declare sans suite",
        "desierta", "lote desierto", "deserto", "gara deserta", "lotto deserto", "non aggiudicato", "non aggiudicata",
        "uniewazniono", "uniewaznione", "postepowanie uniewaznione", "nie udzielono zamowienia",
        "nicht vergeben", "keine angebote", "niet gegund", "geen inschrijvingen", "nao adjudicado",
        "neatribuit", "nicio oferta", "nezadano", "zrusene", "ikke tildelt", "ej tilldelat", "ei hankittu",
        "eredmenytelen", "neivyko", "iepirkums partraukts", "nedodijeljeno", "ni oddano", "αγονος", "прекратена",
        "nurjunud",
    )
)  # fmt: skip
