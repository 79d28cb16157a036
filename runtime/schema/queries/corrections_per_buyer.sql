-- title: Corrections per buyer
-- description: Notices, corrections and corrections per hundred notices by year and buyer, for buyers with corrections.
WITH corrections AS (
    SELECT DISTINCT year, notice_id FROM changes WHERE kind = 'corrigendum'
),
counted AS (
    SELECT
        n.year,
        n.buyer_name,
        n.buyer_country,
        sum(CASE WHEN c.notice_id IS NULL THEN 1 ELSE 0 END) AS notice_count,
        sum(CASE WHEN c.notice_id IS NULL THEN 0 ELSE 1 END) AS correction_count
    FROM notices n
    LEFT JOIN corrections c ON c.year = n.year AND c.notice_id = n.notice_id
    WHERE n.buyer_name IS NOT NULL
    GROUP BY n.year, n.buyer_name, n.buyer_country
)
SELECT
    year, buyer_name, buyer_country, notice_count, correction_count,
    CASE WHEN notice_count > 0 THEN round(100.0 * correction_count / notice_count, 1) END AS corrections_per_100_notices
FROM counted
WHERE correction_count > 0
ORDER BY year DESC, correction_count DESC, buyer_name, buyer_country
LIMIT 100
