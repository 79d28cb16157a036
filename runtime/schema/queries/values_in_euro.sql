-- title: Values in euro
-- description: How many of the published values are in euro, by year and currency: values of contracts and lots,
--   estimates and totals of notices. Tokens (0, 0.01, 1) are counted, but no part of the share; withheld ones are not
--   published. A currency that exchange_rates never has, or not on the day, is why a value is not in euro.
WITH valued AS (
    SELECT year, value_currency AS currency, value_eur_missing AS missing FROM contracts_eur
    UNION ALL
    SELECT year, total_value_currency AS currency, total_value_eur_missing AS missing FROM notices_eur
    UNION ALL
    SELECT year, estimated_value_currency AS currency, estimated_value_eur_missing AS missing FROM notices_eur
    UNION ALL
    SELECT year, estimated_value_currency AS currency, estimated_value_eur_missing AS missing FROM lots_eur
),
counted AS (
    SELECT
        year,
        currency,
        count(*) AS value_count,
        count_if(missing = 'token') AS token_count,
        count_if(missing IS NULL) AS euro_count,
        count_if(missing = 'no-rate') AS no_rate_count,
        count_if(missing IN ('unknown-currency', 'no-currency')) AS unknown_currency_count
    FROM valued
    WHERE coalesce(missing, '') NOT IN ('no-value', 'withheld')
    GROUP BY year, currency
)
SELECT
    year,
    currency,
    value_count,
    token_count,
    euro_count,
    no_rate_count,
    unknown_currency_count,
    CASE WHEN value_count > token_count THEN round(100.0 * euro_count / (value_count - token_count), 1) END AS euro_percent
FROM counted
ORDER BY year DESC, value_count DESC, currency
