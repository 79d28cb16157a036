-- title: Spend by country and CPV division
-- description: Value in euro of awarded contracts by year, buyer's country and CPV division (first two digits).
--   Withheld and token values, values for a year or a month, and contracts under a framework ceiling are left out;
--   not_in_euro_count says how many more have a value that cannot be converted.
SELECT
    c.year,
    n.buyer_country,
    substr(n.cpv_main, 1, 2) AS cpv_division,
    count(c.value_eur) AS contract_count,
    sum(c.value_eur) AS value_eur,
    count(*) - count(c.value_eur) AS not_in_euro_count
FROM contracts_eur c
JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
WHERE c.value > 0
    AND coalesce(c.value_eur_missing, '') <> 'token'
    AND c.value_per IS NULL
    AND coalesce(c.is_framework, n.is_framework, false) = false
GROUP BY c.year, n.buyer_country, substr(n.cpv_main, 1, 2)
ORDER BY c.year DESC, value_eur DESC, n.buyer_country, cpv_division
LIMIT 1000
