WITH corrections AS (
    SELECT DISTINCT year, notice_id FROM changes WHERE kind = 'corrigendum'
)
SELECT
    n.year,
    n.buyer_country,
    round(100.0 * count(c.notice_id) / nullif(count(*) - count(c.notice_id), 0), 1) AS corrections_per_100_notices,
    count(c.notice_id) AS correction_count,
    count(*) - count(c.notice_id) AS notice_count,
    CAST(sum(count(n.buyer_country)) OVER (PARTITION BY n.year) AS bigint) AS covered,
    CAST(sum(count(*)) OVER (PARTITION BY n.year) AS bigint) AS total
FROM notices n
LEFT JOIN corrections c ON c.year = n.year AND c.notice_id = n.notice_id
GROUP BY n.year, n.buyer_country
