SELECT
    r.year,
    n.buyer_country,
    round(100.0 * count_if(r.tenders_received = 1) / nullif(count_if(r.tenders_received > 0), 0), 1) AS single_bid_percent,
    count_if(r.tenders_received = 1) AS single_bid_count,
    count_if(r.tenders_received > 0) AS outcome_count,
    CAST(sum(count_if(r.tenders_received > 0)) OVER (PARTITION BY r.year) AS bigint) AS covered,
    CAST(sum(count(*)) OVER (PARTITION BY r.year) AS bigint) AS total
FROM lot_results r
JOIN notices n ON n.year = r.year AND n.notice_id = r.notice_id
WHERE r.status = 'selec-w'
GROUP BY r.year, n.buyer_country
