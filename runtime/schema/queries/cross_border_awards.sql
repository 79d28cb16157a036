-- title: Cross-border awards
-- description: Contracts won by a supplier of another country than the buyer's, by year and both countries, and their
--   share of all contracts of the buyer's country whose supplier's country is known.
WITH won AS (
    SELECT DISTINCT c.year, c.notice_id, c.contract_ordinal, n.buyer_country, p.country AS winner_country
    FROM contracts c
    JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
    JOIN parties p ON p.year = c.year AND p.notice_id = c.notice_id AND p.tender_ordinal = c.tender_ordinal
    WHERE p.role IN ('winner', 'concessionaire') AND p.country IS NOT NULL AND n.buyer_country IS NOT NULL
),
totals AS (
    SELECT year, buyer_country, count(*) AS contract_count
    FROM (SELECT DISTINCT year, buyer_country, notice_id, contract_ordinal FROM won) each_contract
    GROUP BY year, buyer_country
)
SELECT
    w.year,
    w.buyer_country,
    w.winner_country,
    count(*) AS cross_border_count,
    max(t.contract_count) AS contract_count,
    round(100.0 * count(*) / max(t.contract_count), 1) AS cross_border_percent
FROM won w
JOIN totals t ON t.year = w.year AND t.buyer_country = w.buyer_country
WHERE w.winner_country <> w.buyer_country
GROUP BY w.year, w.buyer_country, w.winner_country
ORDER BY w.year DESC, cross_border_count DESC, w.buyer_country, w.winner_country
