-- title: Single-bid rate
-- description: Share of awarded outcomes that received exactly one tender, by year and buyer's country, among those
--   whose number of tenders is published.
SELECT
    r.year,
    n.buyer_country,
    count(*) AS outcome_count,
    sum(CASE WHEN r.tenders_received = 1 THEN 1 ELSE 0 END) AS single_bid_count,
    round(100.0 * sum(CASE WHEN r.tenders_received = 1 THEN 1 ELSE 0 END) / count(*), 1) AS single_bid_percent
FROM lot_results r
JOIN notices n ON n.year = r.year AND n.notice_id = r.notice_id
WHERE r.status = 'selec-w' AND r.tenders_received > 0
GROUP BY r.year, n.buyer_country
ORDER BY r.year DESC, single_bid_percent DESC, n.buyer_country
