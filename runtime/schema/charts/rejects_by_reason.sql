WITH totals AS (
    SELECT year, CAST(sum(quarantined_count) AS bigint) AS covered, CAST(sum(member_count) AS bigint) AS total
    FROM packages
    GROUP BY year
),
counted AS (
    SELECT year, reason, count(*) AS member_count
    FROM rejects
    GROUP BY year, reason
)
SELECT t.year, c.reason, coalesce(c.member_count, 0) AS member_count, t.covered, t.total
FROM totals t
LEFT JOIN counted c ON c.year = t.year
