SELECT
    year,
    country AS winner_country,
    round(100.0 * count_if(size IN ('micro', 'small', 'medium', 'sme')) / nullif(count(size), 0), 1) AS sme_percent,
    count_if(size IN ('micro', 'small', 'medium', 'sme')) AS sme_count,
    count(size) AS winner_count,
    CAST(sum(count(size)) OVER (PARTITION BY year) AS bigint) AS covered,
    CAST(sum(count(*)) OVER (PARTITION BY year) AS bigint) AS total
FROM parties
WHERE role IN ('winner', 'concessionaire')
GROUP BY year, country
