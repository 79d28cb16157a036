-- title: Indicators beside published ones
-- description: Our indicators beside those that the Single Market Scoreboard and the European Court of Auditors published,
--   with their edition. A year is whole where the mirror has every OJ S issue of it, from the first to one after Christmas,
--   and no member was lost; otherwise nothing is claimed, and our value is NULL. A whole year is whole for every country.
WITH mirror AS (
    SELECT
        year,
        count(*) AS issue_count,
        min(ojs_issue) = 1 AND count(DISTINCT ojs_issue) = max(ojs_issue)
            AND max(month(publication_date) * 100 + day(publication_date)) >= 1227
            AND sum(quarantined_count) = 0 AS is_whole
    FROM packages
    GROUP BY year
)
SELECT
    s.indicator,
    s.scope,
    s.year,
    s.value AS published_value,
    CASE WHEN m.is_whole THEN i.value END AS our_value,
    CASE WHEN m.is_whole THEN i.coverage END AS our_coverage,
    coalesce(m.is_whole, false) AS is_year_whole,
    coalesce(m.issue_count, 0) AS issue_count,
    s.edition,
    s.source
FROM scoreboard_reference s
LEFT JOIN mirror m ON m.year = s.year
LEFT JOIN indicators i
    ON i.year = s.year AND i.indicator = s.indicator AND i.scope = s.scope AND i.nature = 'all'
WHERE s.scope <> 'threshold'
ORDER BY s.indicator, s.year, s.scope
