WITH counted AS (
    SELECT
        c.year,
        substr(n.cpv_main, 1, 2) AS cpv_division,
        CASE
            WHEN c.value_per IS NULL AND coalesce(c.is_framework, n.is_framework, false) = false
                AND c.value_eur > 0 AND c.value_eur < 100000000000
            THEN c.value_eur
        END AS value_eur
    FROM contracts_eur c
    JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
)
SELECT
    year,
    cpv_division,
    CAST(sum(value_eur) AS decimal(24,2)) AS value_eur,
    count(value_eur) AS contract_count,
    CAST(sum(count(value_eur)) OVER (PARTITION BY year) AS bigint) AS covered,
    CAST(sum(count(*)) OVER (PARTITION BY year) AS bigint) AS total
FROM counted
GROUP BY year, cpv_division
