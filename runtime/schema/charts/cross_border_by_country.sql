WITH won AS (
    SELECT
        c.year,
        max(n.buyer_country) AS buyer_country,
        count(p.country) AS known_count,
        count_if(p.country <> n.buyer_country) AS abroad_count
    FROM contracts c
    JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
    LEFT JOIN parties p
        ON p.year = c.year AND p.notice_id = c.notice_id AND p.tender_ordinal = c.tender_ordinal
        AND p.role IN ('winner', 'concessionaire')
    GROUP BY c.year, c.notice_id, c.contract_ordinal
)
SELECT
    year,
    buyer_country,
    round(100.0 * count_if(abroad_count > 0) / nullif(count_if(known_count > 0), 0), 1) AS cross_border_percent,
    count_if(abroad_count > 0) AS cross_border_count,
    count_if(known_count > 0) AS contract_count,
    CAST(sum(count_if(known_count > 0)) OVER (PARTITION BY year) AS bigint) AS covered,
    CAST(sum(count(*)) OVER (PARTITION BY year) AS bigint) AS total
FROM won
GROUP BY year, buyer_country
