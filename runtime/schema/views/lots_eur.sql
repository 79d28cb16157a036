-- title: Lots in euro
-- description: All columns of lots, and each of its values in euro at the rate of the day of publication. A token
--   value (0, 0.01 or 1) is not converted, and what is missing says why: no-value, withheld, token, no-currency,
--   unknown-currency (never in exchange_rates) or no-rate (not on that day).
SELECT
    l.*,
    CASE WHEN l.estimated_value NOT IN (0, 0.01, 1) THEN CAST(l.estimated_value / e.units_per_eur AS decimal(24,2)) END
        AS estimated_value_eur,
    CASE
        WHEN l.estimated_value IS NULL THEN 'no-value'
        WHEN l.estimated_value IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(l.estimated_value_currency, '') = '' THEN 'no-currency'
        WHEN e.units_per_eur IS NOT NULL THEN NULL
        WHEN l.estimated_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS estimated_value_eur_missing,
    CASE WHEN l.framework_max_value NOT IN (0, 0.01, 1) THEN CAST(l.framework_max_value / f.units_per_eur AS decimal(24,2)) END
        AS framework_max_value_eur,
    CASE
        WHEN l.framework_max_value IS NULL THEN 'no-value'
        WHEN l.framework_max_value IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(l.framework_max_value_currency, '') = '' THEN 'no-currency'
        WHEN f.units_per_eur IS NOT NULL THEN NULL
        WHEN l.framework_max_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS framework_max_value_eur_missing,
    coalesce(e.rate_date, f.rate_date) AS eur_rate_date
FROM lots l
LEFT JOIN exchange_rates e ON e.rate_date = l.publication_date AND e.currency = l.estimated_value_currency
LEFT JOIN exchange_rates f ON f.rate_date = l.publication_date AND f.currency = l.framework_max_value_currency
