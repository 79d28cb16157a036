-- title: Values that look wrong
-- description: One row per doubtful value and reason; nothing is corrected. token: 0, 0.01 or 1, which stands for a value
--   that is not told. sentinel: six or more times the same digit, as in 999999, or 100 billion euro and more. lots-sum,
--   contracts-sum: the lots' estimates, or the contracts' values, add up to 5 % more or less than the notice says.
--   repeated-value: every lot or contract has the value of the whole, which is then no lots-sum, or three and more have
--   one value and do not add up to the whole. slip-2, slip-3: the contract is a hundred times, or a thousand times and
--   more, what was estimated, within a quarter. compared_value is the sum or the estimate: a sum above the whole is right
--   far more often than one below. How often each was right in a look at real notices: docs/values.md.
WITH valued AS (
    SELECT
        year, notice_id, publication_date, package_id, 'contract' AS subject, contract_ordinal AS ordinal, value,
        value_currency, value_eur, value_eur_missing
    FROM contracts_eur
    UNION ALL
    SELECT
        year, notice_id, publication_date, package_id, 'lot' AS subject, lot_ordinal AS ordinal, estimated_value,
        estimated_value_currency, estimated_value_eur, estimated_value_eur_missing
    FROM lots_eur
    WHERE lot_kind = 'lot'
    UNION ALL
    SELECT
        year, notice_id, publication_date, package_id, 'estimate' AS subject, CAST(NULL AS integer) AS ordinal,
        estimated_value, estimated_value_currency, estimated_value_eur, estimated_value_eur_missing
    FROM notices_eur
    UNION ALL
    SELECT
        year, notice_id, publication_date, package_id, 'total' AS subject, CAST(NULL AS integer) AS ordinal, total_value,
        total_value_currency, total_value_eur, total_value_eur_missing
    FROM notices_eur
),
spelled AS (
    SELECT v.*, CAST(CAST(floor(abs(value)) AS decimal(24,0)) AS varchar) AS digits
    FROM valued v
    WHERE value IS NOT NULL
),
summed AS (
    SELECT
        year, notice_id, subject,
        CASE subject WHEN 'lot' THEN 'estimate' ELSE 'total' END AS whole,
        CASE subject WHEN 'lot' THEN 'lots-sum' ELSE 'contracts-sum' END AS sum_flag,
        count(*) AS part_count,
        count(DISTINCT value) AS value_count,
        min(value) AS least_value,
        min(value_currency) AS value_currency,
        CAST(sum(value) AS decimal(24,4)) AS total
    FROM valued
    WHERE subject IN ('lot', 'contract')
    GROUP BY year, notice_id, subject
    -- All have a value, in one currency, and none is a token.
    HAVING count(*) = count_if(value IS NOT NULL AND coalesce(value_eur_missing, '') <> 'token')
        AND count(DISTINCT value_currency) = 1
),
-- The parts beside the whole, where it has a value in their currency that is no token.
compared AS (
    SELECT
        s.year, s.notice_id, s.subject, s.sum_flag, s.part_count, s.value_count, s.total,
        w.publication_date, w.package_id, w.subject AS whole, w.value AS whole_value, w.value_currency,
        w.value IS NOT NULL AND abs(s.total - w.value) >= 0.05 * abs(w.value) AS is_other_sum,
        w.value IS NOT NULL AND s.part_count > 1 AND s.value_count = 1 AND s.least_value = w.value AS is_whole_repeated
    FROM summed s
    LEFT JOIN valued w
        ON w.year = s.year AND w.notice_id = s.notice_id AND w.subject = s.whole
        AND w.value_currency = s.value_currency AND w.value NOT IN (0, 0.01, 1)
),
lot_estimates AS (
    SELECT year, notice_id, lot_id, min(estimated_value_eur) AS estimated_value_eur
    FROM lots_eur
    WHERE lot_id IS NOT NULL
    GROUP BY year, notice_id, lot_id
),
estimated AS (
    SELECT
        c.year, c.notice_id, c.publication_date, c.package_id, c.contract_ordinal, c.value, c.value_currency,
        coalesce(c.estimated_value_eur, CASE WHEN cardinality(c.lot_ids) = 1 THEN l.estimated_value_eur END) AS estimate_eur,
        c.value_eur
    FROM contracts_eur c
    LEFT JOIN lot_estimates l
        ON l.year = c.year AND l.notice_id = c.notice_id AND l.lot_id = element_at(c.lot_ids, 1)
),
scaled AS (
    SELECT e.*, value_eur / estimate_eur AS factor
    FROM estimated e
    WHERE estimate_eur > 0 AND value_eur > 0
)
SELECT
    notice_id, publication_date, package_id, subject, ordinal,
    CASE WHEN value IN (0, 0.01, 1) THEN 'token' ELSE 'sentinel' END AS flag,
    value, value_currency, CAST(NULL AS decimal(24,4)) AS compared_value, year
FROM spelled
WHERE value IN (0, 0.01, 1)
    OR value_eur >= 100000000000
    OR (length(digits) >= 6 AND replace(digits, substr(digits, 1, 1), '') = '')
UNION ALL
SELECT
    notice_id, publication_date, package_id, whole AS subject, CAST(NULL AS integer) AS ordinal, sum_flag AS flag,
    whole_value AS value, value_currency, total AS compared_value, year
FROM compared
WHERE is_other_sum AND NOT is_whole_repeated
UNION ALL
SELECT
    v.notice_id, v.publication_date, v.package_id, v.subject, v.ordinal, 'repeated-value' AS flag,
    v.value, v.value_currency, s.total AS compared_value, v.year
FROM valued v
JOIN compared s ON s.year = v.year AND s.notice_id = v.notice_id AND s.subject = v.subject
WHERE s.is_whole_repeated OR (s.part_count >= 3 AND s.value_count = 1 AND (s.whole_value IS NULL OR s.is_other_sum))
UNION ALL
SELECT
    notice_id, publication_date, package_id, 'contract' AS subject, contract_ordinal AS ordinal,
    CASE WHEN factor <= 125 THEN 'slip-2' ELSE 'slip-3' END AS flag,
    value, value_currency, CAST(estimate_eur AS decimal(24,4)) AS compared_value, year
FROM scaled
WHERE factor BETWEEN 80 AND 125
    OR factor BETWEEN 800 AND 1250
    OR factor BETWEEN 8000 AND 12500
    OR factor BETWEEN 80000 AND 125000
    OR factor BETWEEN 800000 AND 1250000
