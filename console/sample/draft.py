"""What a made-up notice says, before a format spells it: buyers, lots, awards, dates."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from console.sample.words import (
    COMMON_CODES,
    COUNTRIES,
    DEFENCE_SUBJECT,
    LOT_WORDS,
    SUBJECTS,
    Country,
    Subject,
    prose,
    title_of,
)

Fact = str | int | None | list[str]
Facts = dict[str, Fact]
Money = str
"""An amount as plain decimal text."""

DATED = "%Y-%m-%d"


def xml(text: str) -> str:
    """Escape text for an element or an attribute in double quotes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@dataclass(frozen=True, slots=True)
class Organisation:
    """A made-up organisation with an address in a town that does not exist."""

    name: str
    national_id: str
    street: str
    town: str
    postcode: str
    country: Country


@dataclass(frozen=True, slots=True)
class Text:
    """One text twice: as markup with `FT` superscripts, and as a reader must find it."""

    markup: str
    plain: str


@dataclass(slots=True)
class Lot:
    """A lot; `number` is text as published, empty where the contract is not divided."""

    number: str
    title: str
    description: str
    value: Money
    months: int
    quality: str
    """Weight of quality, 0 where the lowest price wins."""


@dataclass(slots=True)
class Award:
    """An outcome for a lot: winners and value, or none."""

    lot: Lot
    contract_number: str
    winners: list[Organisation]
    losers: list[Organisation]
    value: Money
    tenders: int
    decided: dt.date
    currency: str


@dataclass(frozen=True, slots=True)
class Story:
    """What a later notice of the same procedure has in common with an earlier one, and how it names it."""

    country: Country
    subject: Subject
    title: Text
    buyers: tuple[Organisation, ...]
    reference: str
    procedure: str
    notice_id: str
    issue: int
    uuid: str = ""
    procedure_id: str = ""


@dataclass(slots=True)
class Draft:
    """The content of one notice; everything follows from the random numbers of its seed."""

    number: int
    date: dt.date
    issue: int
    country: Country
    subject: Subject
    title: Text
    description: str
    reference: str
    buyers: list[Organisation]
    lots: list[Lot]
    awards: list[Award]
    dispatched: dt.date
    deadline: dt.date
    deadline_time: str
    previous: str
    """Publication number of an earlier notice, as in 12345-2018."""
    procedure: str
    """open, restricted or neg-w-call."""
    is_framework: bool
    rng: Random
    traits: frozenset[str]
    follows: Story | None = None
    facts: Facts = field(default_factory=dict)

    @property
    def language(self) -> str:
        return self.country.language

    @property
    def notice_id(self) -> str:
        return f"{self.number}-{self.date.year}"

    @property
    def previous_ojs(self) -> str:
        """OJ number of the earlier notice, as in 2018/S 101-012345."""
        number, _, year = self.previous.partition("-")
        return f"{year}/S {self.follows.issue if self.follows else 101:03d}-{int(number):06d}"

    @property
    def story(self) -> Story:
        """What the next notice of the procedure needs."""
        return Story(
            self.country, self.subject, self.title, tuple(self.buyers), self.reference, self.procedure, self.notice_id,
            self.issue, str(self.facts.get("notice_uuid", "")), str(self.facts.get("procedure_id", "")),
        )  # fmt: skip

    @property
    def estimate(self) -> Money:
        """Sum of the estimates of the lots."""
        return total([lot.value for lot in self.lots])

    @property
    def award_total(self) -> Money:
        """Sum of the values of the awards that have a winner, in the country's currency."""
        currency = self.country.currency
        return total([award.value for award in self.awards if award.winners and award.currency == currency])

    @property
    def winners(self) -> list[str]:
        """Names of the winners of all awards, in published order."""
        return [winner.name for award in self.awards for winner in award.winners]


def total(values: list[Money]) -> Money:
    """Add amounts of at most two decimals exactly."""
    cents = sum(int(value.replace(".", "")) * (1 if "." in value else 100) for value in values)
    return f"{cents // 100}.{cents % 100:02d}"


def organisation(rng: Random, country: Country, patterns: tuple[str, ...]) -> Organisation:
    """Make up an organisation; one identifier in twenty is the country's code, as happens in reality."""
    town = rng.choice(country.towns)
    return Organisation(
        name=rng.choice(patterns).format(town),
        national_id=country.code if rng.random() < 0.05 else f"X{rng.randrange(10**8):08d}",
        street=f"{rng.choice(country.streets)} {rng.randrange(1, 200)}",
        town=town,
        postcode=f"{rng.randrange(10_000, 99_999)}",
        country=country,
    )


def amount(rng: Random) -> Money:
    """An amount between 20,000 and 20 million, with cents in half of the cases; now and then a token."""
    chance = rng.random()
    if chance < 0.02:
        return rng.choice(("0.01", "1.00", "1"))
    value = int(2 * 10 ** (4 + 3 * rng.random() ** 1.5))
    return f"{value}.{rng.randrange(100):02d}" if chance < 0.5 else f"{value // 100}00"


def draft(
    *,
    number: int,
    date: dt.date,
    issue: int,
    seed: int,
    label: str,
    traits: frozenset[str],
    lots: int | None,
    description_size: int,
    is_defence: bool = False,
    follows: Story | None = None,
) -> Draft:
    """Make up the content of a notice.

    Parameters
    ----------
    label : format and form; two forms of one number differ
    traits : oddities asked for, see `notices.TRAITS`
    lots : number of lots; None is one in three quarters of the cases, else up to six
    description_size : characters of each description
    follows : an earlier notice of the same procedure
    """
    rng = Random(f"{seed}/{number}/{date}/{label}")  # noqa: S311 made-up data, not a secret
    country = COUNTRIES[rng.choice(COMMON_CODES)]
    subject = DEFENCE_SUBJECT if is_defence else rng.choice(SUBJECTS)
    if follows:
        country, subject = follows.country, follows.subject
    language = country.language
    title = title_of(subject, language)
    count = lots if lots is not None else (1 if rng.random() < 0.72 else rng.randint(2, 6))
    if "currencies" in traits:
        count = max(count, 2)
    buyers = [organisation(rng, country, country.buyers)]
    if "several-buyers" in traits:
        buyers += [organisation(rng, country, country.buyers) for _ in range(rng.randint(1, 2))]
    dispatched = date - dt.timedelta(days=rng.randint(2, 5))
    named = f"{title} – {buyers[0].town}"
    text = Text(xml(named), named)
    if rng.random() < 0.28:
        phase = rng.randint(1, 9)
        text = Text(f'{text.markup}, {phase}<FT TYPE="SUP">re</FT> phase', f"{named}, {phase}re phase")
    made = Draft(
        number=number,
        date=date,
        issue=issue,
        country=country,
        subject=subject,
        title=text,
        description=prose(rng, language, description_size),
        reference=f"{rng.choice('ABCXYZ')}{rng.randrange(1000):03d}/{date.year}",
        buyers=buyers,
        lots=[_lot(rng, language, title, position, count, description_size) for position in range(1, count + 1)],
        awards=[],
        dispatched=dispatched,
        deadline=date + dt.timedelta(days=rng.randint(25, 60)),
        deadline_time=rng.choice(("10:00", "12:00", "9:00", "23:59")),
        previous=f"{max(1, number - rng.randint(1, 5000))}-{date.year if number > 5000 else date.year - 1}",
        # Directive 2009/81/EC knows no open procedure.
        procedure=rng.choice(
            ("restricted", "neg-w-call") if is_defence else ("open",) * 3 + ("restricted", "neg-w-call")
        ),
        is_framework=rng.random() < 0.2,
        rng=rng,
        traits=traits,
        follows=follows,
    )
    if follows:
        made.buyers, made.title = [*follows.buyers], follows.title
        made.reference, made.procedure, made.previous = follows.reference, follows.procedure, follows.notice_id
    made.facts = {
        "notice_id": made.notice_id,
        "ojs_issue": issue,
        "title": made.title.plain,
        "buyer_name": made.buyers[0].name,
        "buyer_country": country.alpha3,
        "cpv_main": subject.cpv,
        "dispatch_date": dispatched.strftime(DATED),
    }
    return made


def _lot(rng: Random, language: str, title: str, position: int, count: int, description_size: int) -> Lot:
    number = ""
    if count > 1:
        # Lot numbers are text.
        number = f"1.{position:02d}" if position > 9 else str(position)
    return Lot(
        number=number,
        title=f"{LOT_WORDS[language]} {position}: {title}" if count > 1 else title,
        description=prose(rng, language, description_size),
        value=amount(rng),
        months=rng.choice((6, 12, 24, 36, 48)),
        quality=rng.choice(("0", "30", "40", "60")),
    )


def add_awards(made: Draft, *, is_awarded: Callable[[int], bool] | None = None) -> None:
    """Give each lot an outcome; about one in twelve has no winner, but never the first.

    Parameters
    ----------
    is_awarded : says for the position of a lot whether it has a winner
    """
    rng = made.rng
    for position, lot in enumerate(made.lots):
        won = is_awarded(position) if is_awarded else position == 0 or rng.random() > 0.08
        if "no-award" in made.traits:
            won = False
        foreign = COUNTRIES[rng.choice(tuple(COUNTRIES))] if rng.random() < 0.1 else made.country
        size = rng.randint(2, 3) if "consortium" in made.traits and position == 0 else 1
        winners = [organisation(rng, foreign, foreign.firms) for _ in range(size)] if won else []
        loses = "losers" in made.traits and position == 0 and won
        currency = "EUR" if made.country.currency != "EUR" else "SEK"
        made.awards.append(
            Award(
                lot=lot,
                contract_number=f"{made.reference}-{position + 1}",
                winners=winners,
                losers=[organisation(rng, made.country, made.country.firms)] if loses else [],
                value=amount(rng),
                tenders=rng.randint(1, 12) if won else 0,
                decided=made.dispatched - dt.timedelta(days=rng.randint(3, 40)),
                currency=currency if "currencies" in made.traits and position == 1 else made.country.currency,
            )
        )
