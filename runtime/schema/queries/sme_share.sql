-- title: SME share
-- description: Share of winners that are micro, small or medium enterprises, by year and winner's country, among those
--   whose size is published.
SELECT
    year,
    country AS winner_country,
    count(*) AS winner_count,
    sum(CASE WHEN size IN ('micro', 'small', 'medium', 'sme') THEN 1 ELSE 0 END) AS sme_count,
    round(100.0 * sum(CASE WHEN size IN ('micro', 'small', 'medium', 'sme') THEN 1 ELSE 0 END) / count(*), 1) AS sme_percent
FROM parties
WHERE role IN ('winner', 'concessionaire') AND size IS NOT NULL
GROUP BY year, country
ORDER BY year DESC, winner_count DESC, country
