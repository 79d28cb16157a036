WITH counted AS (
    SELECT
        c.year,
        n.buyer_name,
        n.buyer_country,
        count(*) AS contract_count,
        CAST(sum(c.value_eur) AS decimal(24,2)) AS value_eur,
        CAST(sum(count(n.buyer_name)) OVER (PARTITION BY c.year) AS bigint) AS covered,
        CAST(sum(count(*)) OVER (PARTITION BY c.year) AS bigint) AS total
    FROM contracts_eur c
    JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
    GROUP BY c.year, n.buyer_name, n.buyer_country
),
ranked AS (
    SELECT
        year, buyer_name, buyer_country, contract_count, value_eur, covered, total,
        row_number() OVER (PARTITION BY year ORDER BY contract_count DESC, buyer_name, buyer_country) AS position
    FROM counted
    WHERE buyer_name IS NOT NULL
)
SELECT year, position, buyer_name, buyer_country, contract_count, value_eur, covered, total
FROM ranked
WHERE position <= 20
