-- title: Spend by country and CPV division
-- description: Value of awarded contracts by year, buyer's country, CPV division (first two digits) and currency.
--   Withheld and token values and contracts under a framework ceiling are left out.
SELECT
    c.year,
    n.buyer_country,
    substr(n.cpv_main, 1, 2) AS cpv_division,
    c.value_currency,
    count(*) AS contract_count,
    sum(c.value) AS total_value
FROM contracts c
JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
WHERE c.value > 0
    AND coalesce(c.is_value_withheld, false) = false
    AND coalesce(c.is_value_token, false) = false
    AND coalesce(c.is_framework, n.is_framework, false) = false
GROUP BY c.year, n.buyer_country, substr(n.cpv_main, 1, 2), c.value_currency
ORDER BY c.year DESC, total_value DESC, n.buyer_country, cpv_division, c.value_currency
LIMIT 1000
