-- title: Direct awards
-- description: Award notices of procedures without a prior call for competition, by year and buyer's country, and their
--   share of all award notices.
SELECT
    year,
    buyer_country,
    count(*) AS award_notice_count,
    sum(CASE WHEN procedure_type IN ('neg-wo-call', 'oth-single') OR form_type = 'dir-awa-pre' THEN 1 ELSE 0 END) AS direct_count,
    round(
        100.0 * sum(CASE WHEN procedure_type IN ('neg-wo-call', 'oth-single') OR form_type = 'dir-awa-pre' THEN 1 ELSE 0 END)
        / count(*), 1
    ) AS direct_percent
FROM notices
WHERE form_type IN ('result', 'dir-awa-pre')
GROUP BY year, buyer_country
ORDER BY year DESC, direct_count DESC, buyer_country
