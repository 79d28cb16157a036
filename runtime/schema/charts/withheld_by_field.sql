WITH totals AS (
    SELECT year, count_if(cardinality(withheld_fields) > 0) AS covered, count(*) AS total
    FROM notices
    WHERE format = 'eforms'
    GROUP BY year
),
counted AS (
    SELECT n.year, u.field_code, count(*) AS notice_count
    FROM notices n
    CROSS JOIN UNNEST(n.withheld_fields) AS u (field_code)
    GROUP BY n.year, u.field_code
)
SELECT t.year, c.field_code, coalesce(c.notice_count, 0) AS notice_count, t.covered, t.total
FROM totals t
LEFT JOIN counted c ON c.year = t.year
