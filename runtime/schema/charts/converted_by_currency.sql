SELECT
    year,
    coalesce(value_currency, 'none') AS value_currency,
    round(100.0 * count(value_eur) / count(*), 1) AS converted_percent,
    count(value_eur) AS converted_count,
    count(*) AS value_count,
    CAST(sum(count(value_eur)) OVER (PARTITION BY year) AS bigint) AS covered,
    CAST(sum(count(*)) OVER (PARTITION BY year) AS bigint) AS total
FROM contracts_eur
WHERE coalesce(value_eur_missing, '') NOT IN ('no-value', 'withheld', 'token')
GROUP BY year, coalesce(value_currency, 'none')
