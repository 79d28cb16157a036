-- title: Cancelled procedures
-- description: Outcomes without a winner by year, buyer's country and reason, and their share of all outcomes of the
--   country in the year.
WITH outcomes AS (
    SELECT r.year, n.buyer_country, r.status, coalesce(r.non_award_reason, 'not-published') AS reason
    FROM lot_results r
    JOIN notices n ON n.year = r.year AND n.notice_id = r.notice_id
    WHERE r.status IS NOT NULL
),
totals AS (
    SELECT year, buyer_country, count(*) AS outcome_count FROM outcomes GROUP BY year, buyer_country
)
SELECT
    o.year,
    o.buyer_country,
    o.reason,
    count(*) AS cancelled_count,
    max(t.outcome_count) AS outcome_count,
    round(100.0 * count(*) / max(t.outcome_count), 1) AS cancelled_percent
FROM outcomes o
JOIN totals t ON t.year = o.year AND coalesce(t.buyer_country, '') = coalesce(o.buyer_country, '')
WHERE o.status = 'clos-nw'
GROUP BY o.year, o.buyer_country, o.reason
ORDER BY o.year DESC, cancelled_count DESC, o.buyer_country, o.reason
