-- title: Notices in euro
-- description: All columns of notices, and each of its values in euro at the rate of the day of publication. A token
--   value (0, 0.01 or 1) is not converted, and what is missing says why: no-value, withheld, token, no-currency,
--   unknown-currency (never in exchange_rates) or no-rate (not on that day).
SELECT
    n.*,
    CASE WHEN n.estimated_value NOT IN (0, 0.01, 1) THEN CAST(n.estimated_value / e.units_per_eur AS decimal(24,2)) END
        AS estimated_value_eur,
    CASE
        WHEN n.estimated_value IS NULL THEN 'no-value'
        WHEN n.estimated_value IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(n.estimated_value_currency, '') = '' THEN 'no-currency'
        WHEN e.units_per_eur IS NOT NULL THEN NULL
        WHEN n.estimated_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS estimated_value_eur_missing,
    CASE WHEN n.estimated_value_low NOT IN (0, 0.01, 1) THEN CAST(n.estimated_value_low / e.units_per_eur AS decimal(24,2)) END
        AS estimated_value_low_eur,
    CASE
        WHEN n.estimated_value_low IS NULL THEN 'no-value'
        WHEN n.estimated_value_low IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(n.estimated_value_currency, '') = '' THEN 'no-currency'
        WHEN e.units_per_eur IS NOT NULL THEN NULL
        WHEN n.estimated_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS estimated_value_low_eur_missing,
    CASE WHEN n.estimated_value_high NOT IN (0, 0.01, 1) THEN CAST(n.estimated_value_high / e.units_per_eur AS decimal(24,2)) END
        AS estimated_value_high_eur,
    CASE
        WHEN n.estimated_value_high IS NULL THEN 'no-value'
        WHEN n.estimated_value_high IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(n.estimated_value_currency, '') = '' THEN 'no-currency'
        WHEN e.units_per_eur IS NOT NULL THEN NULL
        WHEN n.estimated_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS estimated_value_high_eur_missing,
    CASE WHEN n.total_value NOT IN (0, 0.01, 1) THEN CAST(n.total_value / t.units_per_eur AS decimal(24,2)) END
        AS total_value_eur,
    CASE
        WHEN n.total_value IS NULL AND contains(n.withheld_fields, 'not-val') THEN 'withheld'
        WHEN n.total_value IS NULL THEN 'no-value'
        WHEN n.total_value IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(n.total_value_currency, '') = '' THEN 'no-currency'
        WHEN t.units_per_eur IS NOT NULL THEN NULL
        WHEN n.total_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS total_value_eur_missing,
    CASE WHEN n.total_value_low NOT IN (0, 0.01, 1) THEN CAST(n.total_value_low / t.units_per_eur AS decimal(24,2)) END
        AS total_value_low_eur,
    CASE
        WHEN n.total_value_low IS NULL THEN 'no-value'
        WHEN n.total_value_low IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(n.total_value_currency, '') = '' THEN 'no-currency'
        WHEN t.units_per_eur IS NOT NULL THEN NULL
        WHEN n.total_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS total_value_low_eur_missing,
    CASE WHEN n.total_value_high NOT IN (0, 0.01, 1) THEN CAST(n.total_value_high / t.units_per_eur AS decimal(24,2)) END
        AS total_value_high_eur,
    CASE
        WHEN n.total_value_high IS NULL THEN 'no-value'
        WHEN n.total_value_high IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(n.total_value_currency, '') = '' THEN 'no-currency'
        WHEN t.units_per_eur IS NOT NULL THEN NULL
        WHEN n.total_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS total_value_high_eur_missing,
    CASE WHEN n.framework_max_value NOT IN (0, 0.01, 1) THEN CAST(n.framework_max_value / f.units_per_eur AS decimal(24,2)) END
        AS framework_max_value_eur,
    CASE
        WHEN n.framework_max_value IS NULL AND contains(n.withheld_fields, 'not-max-val') THEN 'withheld'
        WHEN n.framework_max_value IS NULL THEN 'no-value'
        WHEN n.framework_max_value IN (0, 0.01, 1) THEN 'token'
        WHEN coalesce(n.framework_max_value_currency, '') = '' THEN 'no-currency'
        WHEN f.units_per_eur IS NOT NULL THEN NULL
        WHEN n.framework_max_value_currency IN (SELECT currency FROM exchange_rates) THEN 'no-rate'
        ELSE 'unknown-currency'
    END AS framework_max_value_eur_missing,
    coalesce(t.rate_date, e.rate_date, f.rate_date) AS eur_rate_date
FROM notices n
LEFT JOIN exchange_rates e ON e.rate_date = n.publication_date AND e.currency = n.estimated_value_currency
LEFT JOIN exchange_rates t ON t.rate_date = n.publication_date AND t.currency = n.total_value_currency
LEFT JOIN exchange_rates f ON f.rate_date = n.publication_date AND f.currency = n.framework_max_value_currency
