-- title: Indicators
-- description: Shares of the awards, by indicator, year, country and nature of the contract. Beside each value
--   stand what it is made of and its coverage, the share of the awards that it is about which say anything. Below 30
--   awards the value is NULL and the row stays. A row of scope pooled is over all countries of the mirror; one of scope
--   median is the median of the countries that have a value, as the Single Market Scoreboard has it. Definitions,
--   exclusions and sources are in docs/indicators.md.
WITH told AS (
    SELECT
        u.indicator,
        f.year,
        coalesce(f.buyer_country, 'unknown') AS country,
        coalesce(f.contract_nature, 'unknown') AS nature,
        u.applies,
        u.number
    FROM award_facts f
    CROSS JOIN UNNEST(
        ARRAY[
            'single_bid', 'no_call', 'lowest_price', 'sme', 'cross_border', 'in_lots', 'joint', 'eu_funded', 'buyer_id',
            'winner_id', 'tender_count', 'value'
        ],
        ARRAY[
            NOT coalesce(f.is_framework, false), true, true, true, true, true, true, true, true, true, true, true
        ],
        ARRAY[
            CASE WHEN NOT coalesce(f.is_framework, false) THEN CAST(f.is_single_bid AS integer) END,
            CAST(f.is_no_call AS integer),
            CAST(f.is_lowest_price AS integer),
            CAST(f.is_sme AS integer),
            CAST(f.is_cross_border AS integer),
            CAST(f.is_in_lots AS integer),
            CAST(f.is_joint AS integer),
            CAST(f.is_eu_funded AS integer),
            CAST(f.has_buyer_id AS integer),
            CAST(f.has_winner_id AS integer),
            CAST(f.has_tender_count AS integer),
            CAST(f.has_value AS integer)
        ]
    ) AS u (indicator, applies, number)
),
counted AS (
    SELECT
        indicator, year, country, nature,
        sum(number) AS numerator, count(number) AS denominator, count_if(applies) AS award_count
    FROM told
    GROUP BY GROUPING SETS (
        (indicator, year, country, nature), (indicator, year, country), (indicator, year, nature), (indicator, year)
    )
),
valued AS (
    SELECT
        indicator,
        year,
        CASE WHEN country IS NULL THEN 'pooled' ELSE 'country' END AS scope,
        coalesce(country, 'all') AS country,
        coalesce(nature, 'all') AS nature,
        CASE WHEN denominator >= 30 THEN
            CAST(round(100.0000 * numerator / denominator, 2) AS decimal(18,6))
        END AS value,
        coalesce(numerator, 0) AS numerator,
        denominator,
        CAST(round(100.0000 * denominator / nullif(award_count, 0), 2) AS decimal(18,6)) AS coverage
    FROM counted
),
ranked AS (
    SELECT
        indicator, year, nature, value,
        row_number() OVER (PARTITION BY indicator, year, nature ORDER BY value) AS place,
        count(*) OVER (PARTITION BY indicator, year, nature) AS country_count
    FROM valued
    WHERE scope = 'country' AND value IS NOT NULL
)
SELECT indicator, year, scope, country, nature, value, numerator, denominator, coverage
FROM valued
UNION ALL
SELECT
    indicator,
    year,
    'median' AS scope,
    'median' AS country,
    nature,
    CAST(round(avg(value), 2) AS decimal(18,6)) AS value,
    CAST(NULL AS bigint) AS numerator,
    max(country_count) AS denominator,
    CAST(NULL AS decimal(18,6)) AS coverage
FROM ranked
WHERE 2 * place BETWEEN country_count AND country_count + 2
GROUP BY indicator, year, nature
