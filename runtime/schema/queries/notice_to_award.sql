-- title: Time from notice to award
-- description: Days from the publication of a competition notice to the publication of the first award notice of the
--   same procedure, by year of award and buyer's country. Notices are matched by the procedure's identifier (BT-04), and
--   where there is none by the first earlier notice that the award names.
WITH calls AS (
    SELECT notice_id, procedure_id, publication_date, ojs_number
    FROM notices
    WHERE form_type = 'competition'
),
awards AS (
    SELECT year, notice_id, procedure_id, publication_date, buyer_country, element_at(previous_notices, 1) AS previous_notice
    FROM notices
    WHERE form_type = 'result'
),
pairs AS (
    SELECT c.notice_id AS call_id, c.publication_date AS called, a.year, a.buyer_country, a.publication_date AS awarded
    FROM awards a
    JOIN calls c ON c.procedure_id = a.procedure_id
    UNION
    SELECT c.notice_id AS call_id, c.publication_date AS called, a.year, a.buyer_country, a.publication_date AS awarded
    FROM awards a
    JOIN calls c ON c.ojs_number = a.previous_notice
    WHERE a.procedure_id IS NULL
    UNION
    SELECT c.notice_id AS call_id, c.publication_date AS called, a.year, a.buyer_country, a.publication_date AS awarded
    FROM awards a
    JOIN calls c ON c.notice_id = a.previous_notice
    WHERE a.procedure_id IS NULL
),
firsts AS (
    SELECT call_id, called, min(year) AS year, min(buyer_country) AS buyer_country, min(awarded) AS awarded
    FROM pairs
    WHERE awarded >= called
    GROUP BY call_id, called
)
SELECT
    year,
    buyer_country,
    count(*) AS procedure_count,
    round(avg(date_diff('day', called, awarded)), 1) AS mean_days,
    min(date_diff('day', called, awarded)) AS least_days,
    max(date_diff('day', called, awarded)) AS most_days
FROM firsts
GROUP BY year, buyer_country
ORDER BY year DESC, buyer_country
