"""The charts: what each shows, how it is drawn, and the SQL file below `charts/` that answers it.

One list for whoever draws them, so that two places never disagree. The SQL is Athena's. Its answer has a row per year
and mark, the columns `fields` in their order between `year` and the two counts of the coverage, `covered` and `total`,
which are of the whole year and stand on each of its rows. A mark without a label is no mark: its row is there for the
coverage alone. A query without a year reads all of them; `Chart.of` asks for some.

What needs linked procedures (days from call to award) is one more entry and one more file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from runtime.schema.codes.labels import COUNTRY_NAMES, CPV_DIVISIONS

LEAST = 30  # of what a share is of: below, a country's share says more about chance than about the country
DRAWN = 12  # bars of a chart; the table beside it has more
UNSAID = "not said"  # instead of a text that is not there

FieldKind = Literal["text", "month", "rank", "count", "percent", "rate", "euro"]
Shape = Literal["months", "bars", "ranking"]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a chart's answer.

    Parameters
    ----------
    kind : text, a month from 1 to 12, a place from 1, a count, a percentage, a rate per hundred, an amount in euro
    heading : in words, as above a column
    names : words for codes, where there are some
    """

    name: str
    kind: FieldKind
    heading: str
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart, whoever draws it.

    Parameters
    ----------
    name : of the SQL file
    question : what it answers
    shape : months (columns, stacked by `series`), bars (longest first), ranking (bars in the order of `position`)
    label, value : columns that say where a mark stands and how long it is
    unit : what the value counts
    fields : all columns but year, covered and total
    finding : one sentence of the year's foremost mark; names of fields stand for its values
    coverage : one sentence of what is counted; {covered} and {total} stand for the counts, {share} for their ratio
    note : what else a reader has to know
    series : column that divides a mark, for months
    least_of : column that has to reach `LEAST` for a mark to be shown
    """

    name: str
    title: str
    question: str
    shape: Shape
    label: str
    value: str
    unit: str
    fields: Sequence[Field]
    finding: str
    coverage: str
    note: str = ""
    series: str = ""
    least_of: str = ""

    @property
    def sql(self) -> str:
        """The query over all years: one SELECT, without a semicolon."""
        return (Path(__file__).with_name("charts") / f"{self.name}.sql").read_text(encoding="utf-8").strip()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the answer's columns, in their order."""
        return ("year", *(each.name for each in self.fields), "covered", "total")

    def of(self, years: Sequence[int]) -> str:
        """The query over some years; it reads no other partition."""
        listed = ", ".join(str(int(year)) for year in years)
        return f"SELECT {', '.join(self.columns)} FROM (\n{self.sql}\n) chart\nWHERE year IN ({listed})"  # noqa: S608

    def field(self, name: str) -> Field:
        """The column of that name."""
        return {each.name: each for each in self.fields}[name]


FORM_TYPES = {
    "planning": "Planning",
    "competition": "Call",
    "result": "Result",
    "dir-awa-pre": "Direct award",
    "cont-modif": "Modification",
    "change": "Correction",
    "bri": "Registration",
    "unknown": "Not said",
}
"""Words for the form types, in the order in which a procedure meets them. Source: eForms code list `form-type`."""

_DIVISIONS = {code: f"{code} {name}" for code, name in CPV_DIVISIONS.items()}
_BUYER_COUNTRY = Field("buyer_country", "text", "Buyer's country", COUNTRY_NAMES)
_VALUE = Field("value_eur", "euro", "Value in euro")
_CONTRACTS = Field("contract_count", "count", "Contracts")
_WHICH_VALUES = (
    "{covered} of {total} contracts ({share}) have a value that counts here: in euro at the rate of the day of "
    "publication, neither withheld nor a token, of no framework agreement, not for a year or a month, and below 100 "
    "billion."
)
_AS_PUBLISHED = "Values are as published; wrong ones among them are in the sum."

CHARTS: tuple[Chart, ...] = (
    Chart(
        name="notices_by_month",
        title="Notices by month and form",
        question="How many notices of each kind were published, month by month?",
        shape="months",
        label="month_number",
        value="notice_count",
        series="form_type",
        unit="notices",
        fields=(
            Field("month_number", "month", "Month"),
            Field("form_type", "text", "Form", FORM_TYPES),
            Field("notice_count", "count", "Notices"),
        ),
        finding="The month with most notices was {month_number}, with {notice_count}.",
        coverage="All {total} notices of the packages that are merged; {covered} of them say their form.",
    ),
    Chart(
        name="value_by_country",
        title="Value of contracts by country",
        question="Where is most money spent?",
        shape="bars",
        label="buyer_country",
        value="value_eur",
        unit="euro",
        fields=(_BUYER_COUNTRY, _VALUE, _CONTRACTS),
        finding="Most was spent in {buyer_country}: {value_eur} ({contract_count} of the contracts).",
        coverage=_WHICH_VALUES,
        note=_AS_PUBLISHED,
    ),
    Chart(
        name="value_by_division",
        title="Value of contracts by what is bought",
        question="What is most money spent on?",
        shape="bars",
        label="cpv_division",
        value="value_eur",
        unit="euro",
        fields=(Field("cpv_division", "text", "CPV division", _DIVISIONS), _VALUE, _CONTRACTS),
        finding="Most was spent on {cpv_division}: {value_eur} ({contract_count} of the contracts).",
        coverage=_WHICH_VALUES,
        note=f"A division is the first two digits of the notice's main CPV code. {_AS_PUBLISHED}",
    ),
    Chart(
        name="single_bids_by_country",
        title="Contracts with a single tender, by country",
        question="How often was there no competitor?",
        shape="bars",
        label="buyer_country",
        value="single_bid_percent",
        unit="% of the outcomes with a winner",
        least_of="outcome_count",
        fields=(
            _BUYER_COUNTRY,
            Field("single_bid_percent", "percent", "Single tender"),
            Field("single_bid_count", "count", "With one tender"),
            Field("outcome_count", "count", "Outcomes"),
        ),
        finding="The share was highest in {buyer_country}: {single_bid_percent} of {outcome_count} outcomes.",
        coverage="{covered} of {total} outcomes with a winner ({share}) say how many tenders came.",
    ),
    Chart(
        name="small_winners_by_country",
        title="Small and medium enterprises among winners",
        question="How often does a micro, small or medium enterprise win?",
        shape="bars",
        label="winner_country",
        value="sme_percent",
        unit="% of the winners",
        least_of="winner_count",
        fields=(
            Field("winner_country", "text", "Winner's country", COUNTRY_NAMES),
            Field("sme_percent", "percent", "SME"),
            Field("sme_count", "count", "SME winners"),
            Field("winner_count", "count", "Winners"),
        ),
        finding="The share was highest in {winner_country}: {sme_percent} of {winner_count} winners.",
        coverage="{covered} of {total} winners ({share}) have a size.",
        note="A group that wins counts once for each member.",
    ),
    Chart(
        name="cross_border_by_country",
        title="Contracts won from another country",
        question="How often does a supplier of another country win?",
        shape="bars",
        label="buyer_country",
        value="cross_border_percent",
        unit="% of the contracts",
        least_of="contract_count",
        fields=(
            _BUYER_COUNTRY,
            Field("cross_border_percent", "percent", "Won from abroad"),
            Field("cross_border_count", "count", "Contracts from abroad"),
            _CONTRACTS,
        ),
        finding="The share was highest in {buyer_country}: {cross_border_percent} of {contract_count} contracts.",
        coverage="{covered} of {total} contracts ({share}) have a winner whose country is known.",
        note="A group is from abroad if one member is; a branch in the buyer's country is not abroad.",
    ),
    Chart(
        name="top_buyers",
        title="Buyers with most contracts",
        question="Who buys most often?",
        shape="ranking",
        label="buyer_name",
        value="contract_count",
        unit="contracts",
        fields=(
            Field("position", "rank", "Rank"),
            Field("buyer_name", "text", "Buyer"),
            Field("buyer_country", "text", "Country", COUNTRY_NAMES),
            _CONTRACTS,
            _VALUE,
        ),
        finding="{buyer_name} ({buyer_country}) concluded most contracts: {contract_count}.",
        coverage="{covered} of {total} contracts ({share}) have a buyer's name.",
        note="Names are as published: who writes its name in two ways is two. The first of several buyers counts.",
    ),
    Chart(
        name="top_suppliers",
        title="Suppliers with most contracts",
        question="Who wins most often?",
        shape="ranking",
        label="winner_name",
        value="contract_count",
        unit="contracts",
        fields=(
            Field("position", "rank", "Rank"),
            Field("winner_name", "text", "Supplier"),
            Field("winner_country", "text", "Country", COUNTRY_NAMES),
            _CONTRACTS,
            _VALUE,
        ),
        finding="{winner_name} ({winner_country}) won most contracts: {contract_count}.",
        coverage="{covered} of {total} winners of contracts ({share}) have a name; natural persons are not named.",
        note="Names are as published. A contract won by a group counts, with its whole value, for each member.",
    ),
    Chart(
        name="corrections_by_country",
        title="Corrections by country",
        question="How often is a notice corrected?",
        shape="bars",
        label="buyer_country",
        value="corrections_per_100_notices",
        unit="corrections per 100 notices",
        least_of="notice_count",
        fields=(
            _BUYER_COUNTRY,
            Field("corrections_per_100_notices", "rate", "Per 100 notices"),
            Field("correction_count", "count", "Corrections"),
            Field("notice_count", "count", "Other notices"),
        ),
        finding=(
            "Corrections were most frequent in {buyer_country}: {corrections_per_100_notices} for each 100 notices, "
            "of which there were {notice_count}."
        ),
        coverage="{covered} of {total} notices ({share}) say the buyer's country.",
        note="Counted when the correction is published, whenever the notice was.",
    ),
    Chart(
        name="withheld_by_field",
        title="What is withheld from publication",
        question="Which fields do buyers keep back?",
        shape="bars",
        label="field_code",
        value="notice_count",
        unit="notices",
        fields=(Field("field_code", "text", "Field or group"), Field("notice_count", "count", "Notices")),
        finding="Withheld most often is {field_code} ({notice_count} of the notices).",
        coverage="{covered} of {total} eForms notices ({share}) withhold something; in older forms it shows nowhere.",
        note="Codes are those of BT-195: fields, from SDK 1.16 on groups of fields.",
    ),
    Chart(
        name="rejects_by_reason",
        title="What could not be read",
        question="Which members of the packages are in quarantine, and why?",
        shape="bars",
        label="reason",
        value="member_count",
        unit="members",
        fields=(Field("reason", "text", "Reason"), Field("member_count", "count", "Members")),
        finding="The most frequent reason is {reason} ({member_count} of the members).",
        coverage="{covered} of {total} members of the merged packages ({share}) could not be read.",
        note="The bytes of each are kept: ted rejects YEAR.",
    ),
    Chart(
        name="converted_by_currency",
        title="Values that could be converted to euro",
        question="How much do sums in euro leave out?",
        shape="bars",
        label="value_currency",
        value="converted_percent",
        unit="% of the values",
        fields=(
            Field("value_currency", "text", "Currency", {"none": "not said"}),
            Field("converted_percent", "percent", "In euro"),
            Field("converted_count", "count", "Converted"),
            Field("value_count", "count", "Values"),
        ),
        finding="Best covered is {value_currency}: {converted_percent} of {value_count} values.",
        coverage="{covered} of {total} published values of contracts ({share}) are in euro, or could be converted.",
        note="Withheld and token values (0, 0.01 and 1) are not counted.",
    ),
)  # fmt: skip
