WITH totals AS (
    SELECT
        year,
        count_if(format = 'eforms' AND cardinality(withheld_fields) > 0) AS covered,
        count_if(format = 'eforms') AS total
    FROM notices
    GROUP BY year
),
counted AS (
    SELECT n.year, u.field_code, count(*) AS notice_count
    FROM notices n
    CROSS JOIN UNNEST(n.withheld_fields) AS u (field_code)
    GROUP BY n.year, u.field_code
),
ranked AS (
    SELECT
        year, field_code, notice_count,
        row_number() OVER (PARTITION BY year ORDER BY notice_count DESC, field_code) AS position
    FROM counted
)
SELECT t.year, r.field_code, coalesce(r.notice_count, 0) AS notice_count, t.covered, t.total
FROM totals t
LEFT JOIN ranked r ON r.year = t.year AND r.position <= 30
