SELECT
    year,
    month(publication_date) AS month_number,
    coalesce(form_type, 'unknown') AS form_type,
    count(*) AS notice_count,
    CAST(sum(count(form_type)) OVER (PARTITION BY year) AS bigint) AS covered,
    CAST(sum(count(*)) OVER (PARTITION BY year) AS bigint) AS total
FROM notices
GROUP BY year, month(publication_date), coalesce(form_type, 'unknown')
