-- title: Top buyers and suppliers
-- description: Buyers and suppliers with the most contracts by year, with the sum of what is known in euro. A
--   contract of several buyers counts for the first, a contract won by a group for each member. Names are as published.
WITH bought AS (
    SELECT c.year, 'buyer' AS kind, n.buyer_name AS name, n.buyer_country AS country, c.value_eur
    FROM contracts_eur c
    JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
    UNION ALL
    SELECT c.year, 'supplier' AS kind, p.name, p.country, c.value_eur
    FROM contracts_eur c
    JOIN parties p ON p.year = c.year AND p.notice_id = c.notice_id AND p.tender_ordinal = c.tender_ordinal
    WHERE p.role IN ('winner', 'concessionaire')
),
summed AS (
    SELECT
        year, kind, name, country,
        count(*) AS contract_count,
        sum(value_eur) AS value_eur
    FROM bought
    WHERE name IS NOT NULL
    GROUP BY year, kind, name, country
),
ranked AS (
    SELECT
        year, kind, name, country, contract_count, value_eur,
        row_number() OVER (PARTITION BY year, kind ORDER BY contract_count DESC, name, country) AS position
    FROM summed
)
SELECT year, kind, position, name, country, contract_count, value_eur
FROM ranked
WHERE position <= 25
ORDER BY year DESC, kind, position
