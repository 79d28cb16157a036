WITH counted AS (
    SELECT
        year,
        winner_name,
        winner_country,
        count(*) AS contract_count,
        CAST(sum(value_eur) AS decimal(24,2)) AS value_eur,
        CAST(sum(count(winner_name)) OVER (PARTITION BY year) AS bigint) AS covered,
        CAST(sum(count(*)) OVER (PARTITION BY year) AS bigint) AS total
    FROM (
        SELECT
            c.year,
            CASE WHEN coalesce(p.is_natural_person, false) = false THEN p.name END AS winner_name,
            CASE WHEN coalesce(p.is_natural_person, false) = false THEN p.country END AS winner_country,
            c.value_eur
        FROM contracts_eur c
        LEFT JOIN parties p
            ON p.year = c.year AND p.notice_id = c.notice_id AND p.tender_ordinal = c.tender_ordinal
            AND p.role IN ('winner', 'concessionaire')
    ) won
    GROUP BY year, winner_name, winner_country
),
ranked AS (
    SELECT
        year, winner_name, winner_country, contract_count, value_eur, covered, total,
        row_number() OVER (PARTITION BY year ORDER BY contract_count DESC, winner_name, winner_country) AS position
    FROM counted
    WHERE winner_name IS NOT NULL
)
SELECT year, position, winner_name, winner_country, contract_count, value_eur, covered, total
FROM ranked
WHERE position <= 20
