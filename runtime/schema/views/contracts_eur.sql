-- title: Contracts in euro
-- description: All columns of contracts, and each of its values in euro at the rate of the day of publication. A
--   value that is for a year or a month (value_per) stays one: it is never multiplied. A token value (0, 0.01 or 1) is
--   not converted, and what is missing says why: no-value, withheld, token, no-currency, unknown-currency (never in
--   exchange_rates) or no-rate (not on that day).
SELECT
    c.*,
    CASE WHEN c.value NOT IN (0, 0.01, 1) THEN CAST(c.value / v.units_per_eur AS decimal(24,2)) END
        AS value_eur,
    CASE
        WHEN c.value IS NULL AND c.is_value_withheld THEN 'withheld'
        WHEN c.value IS NULL THEN 'no-value'
        WHEN c.value IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(c.value_currency, '') = '' THEN 'no-currency'
        WHEN v.units_per_eur IS NOT NULL THEN NULL
        WHEN c.value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS value_eur_missing,
    CASE WHEN c.value_low NOT IN (0, 0.01, 1) THEN CAST(c.value_low / v.units_per_eur AS decimal(24,2)) END
        AS value_low_eur,
    CASE
        WHEN c.value_low IS NULL THEN 'no-value'
        WHEN c.value_low IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(c.value_currency, '') = '' THEN 'no-currency'
        WHEN v.units_per_eur IS NOT NULL THEN NULL
        WHEN c.value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS value_low_eur_missing,
    CASE WHEN c.value_high NOT IN (0, 0.01, 1) THEN CAST(c.value_high / v.units_per_eur AS decimal(24,2)) END
        AS value_high_eur,
    CASE
        WHEN c.value_high IS NULL THEN 'no-value'
        WHEN c.value_high IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(c.value_currency, '') = '' THEN 'no-currency'
        WHEN v.units_per_eur IS NOT NULL THEN NULL
        WHEN c.value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS value_high_eur_missing,
    CASE WHEN c.estimated_value NOT IN (0, 0.01, 1) THEN CAST(c.estimated_value / e.units_per_eur AS decimal(24,2)) END
        AS estimated_value_eur,
    CASE
        WHEN c.estimated_value IS NULL THEN 'no-value'
        WHEN c.estimated_value IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(c.estimated_value_currency, '') = '' THEN 'no-currency'
        WHEN e.units_per_eur IS NOT NULL THEN NULL
        WHEN c.estimated_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS estimated_value_eur_missing,
    coalesce(v.rate_date, e.rate_date) AS eur_rate_date
FROM contracts c
LEFT JOIN exchange_rates v ON v.rate_date = c.publication_date AND v.currency = c.value_currency
LEFT JOIN exchange_rates e ON e.rate_date = c.publication_date AND e.currency = c.estimated_value_currency
