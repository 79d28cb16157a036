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
        year, notice_id, publication_date, package_id, 'contract' AS subject, 'total' AS whole,
        contract_ordinal AS ordinal, CASE WHEN cardinality(lot_ids) = 1 THEN element_at(lot_ids, 1) END AS lot_id,
        value, value_currency, value_eur, value_eur_missing, estimated_value_eur
    FROM contracts_eur
    UNION ALL
    SELECT
        year, notice_id, publication_date, package_id, CASE lot_kind WHEN 'lot' THEN 'lot' ELSE 'group' END AS subject,
        'estimate' AS whole, lot_ordinal AS ordinal, lot_id, estimated_value, estimated_value_currency,
        estimated_value_eur, estimated_value_eur_missing, estimated_value_eur
    FROM lots_eur
    UNION ALL
    SELECT
        n.year, n.notice_id, n.publication_date, n.package_id, u.subject, u.subject AS whole,
        CAST(NULL AS integer) AS ordinal, CAST(NULL AS varchar) AS lot_id, u.value, u.value_currency, u.value_eur,
        u.value_eur_missing, CAST(NULL AS decimal(24,2)) AS estimated_value_eur
    FROM notices_eur n
    CROSS JOIN UNNEST(
        ARRAY['estimate', 'total'],
        ARRAY[n.estimated_value, n.total_value],
        ARRAY[n.estimated_value_currency, n.total_value_currency],
        ARRAY[n.estimated_value_eur, n.total_value_eur],
        ARRAY[n.estimated_value_eur_missing, n.total_value_eur_missing]
    ) AS u(subject, value, value_currency, value_eur, value_eur_missing)
),
-- Lots are the parts of an estimate, contracts those of a total.
spelled AS (
    SELECT
        v.*,
        CAST(CAST(floor(abs(value)) AS decimal(24,0)) AS varchar) AS digits,
        CASE WHEN subject IN ('lot', 'contract') THEN value END AS part,
        CASE WHEN subject IN ('lot', 'contract') THEN value_currency END AS part_currency,
        subject IN ('lot', 'contract') AND (value IS NULL OR coalesce(value_eur_missing, '') = 'token') AS is_unknown_part,
        CASE WHEN subject = whole AND value NOT IN (0, 0.01, 1) THEN value END AS whole_value,
        CASE WHEN subject = whole AND value NOT IN (0, 0.01, 1) THEN value_currency END AS whole_currency,
        CASE WHEN subject IN ('lot', 'group') THEN estimated_value_eur END AS lot_estimate_eur
    FROM valued v
),
gathered AS (
    SELECT
        year, notice_id, publication_date, package_id, subject, whole, ordinal, value, value_currency, value_eur, digits,
        count(part) OVER (PARTITION BY year, notice_id, whole) AS part_count,
        min(part) OVER (PARTITION BY year, notice_id, whole) AS least_part,
        max(part) OVER (PARTITION BY year, notice_id, whole) AS most_part,
        CAST(sum(part) OVER (PARTITION BY year, notice_id, whole) AS decimal(24,4)) AS total,
        count_if(is_unknown_part) OVER (PARTITION BY year, notice_id, whole) AS unknown_count,
        min(part_currency) OVER (PARTITION BY year, notice_id, whole) AS least_currency,
        max(part_currency) OVER (PARTITION BY year, notice_id, whole) AS most_currency,
        min(whole_value) OVER (PARTITION BY year, notice_id, whole) AS whole_value,
        min(whole_currency) OVER (PARTITION BY year, notice_id, whole) AS whole_currency,
        CASE
            WHEN subject <> 'contract' THEN NULL
            WHEN estimated_value_eur IS NOT NULL THEN estimated_value_eur
            WHEN lot_id IS NOT NULL THEN min(lot_estimate_eur) OVER (PARTITION BY year, notice_id, lot_id)
        END AS estimate_eur
    FROM spelled
),
compared AS (
    SELECT
        g.*,
        -- All parts have a value, in one currency, and none is a token.
        unknown_count = 0 AND least_currency = most_currency AS is_summed,
        least_part = most_part AS is_one_value,
        -- The whole has a value, in the parts' currency, and it is no token.
        coalesce(whole_currency = least_currency, false) AS has_whole,
        abs(total - whole_value) >= 0.05 * abs(whole_value) AS is_other_sum,
        part_count > 1 AND least_part = most_part AND least_part = whole_value AS is_whole_repeated,
        CASE WHEN estimate_eur > 0 AND value_eur > 0 THEN value_eur / estimate_eur END AS factor
    FROM gathered g
    WHERE subject <> 'group' AND value IS NOT NULL
)
SELECT
    c.notice_id, c.publication_date, c.package_id, c.subject, c.ordinal, u.flag, c.value, c.value_currency,
    u.compared_value, c.year
FROM compared c
CROSS JOIN UNNEST(
    ARRAY[
        CASE
            WHEN c.value IN (0, 0.01, 1) THEN 'token'
            WHEN c.value_eur >= 100000000000 THEN 'sentinel'
            WHEN length(c.digits) >= 6 AND replace(c.digits, substr(c.digits, 1, 1), '') = '' THEN 'sentinel'
        END,
        CASE
            WHEN c.subject = c.whole AND c.is_summed AND c.has_whole AND c.is_other_sum AND NOT c.is_whole_repeated
                THEN CASE c.subject WHEN 'estimate' THEN 'lots-sum' ELSE 'contracts-sum' END
        END,
        CASE
            WHEN c.subject = c.whole OR NOT c.is_summed THEN NULL
            WHEN c.has_whole AND c.is_whole_repeated THEN 'repeated-value'
            WHEN c.part_count >= 3 AND c.is_one_value AND (NOT c.has_whole OR c.is_other_sum) THEN 'repeated-value'
        END,
        CASE
            WHEN c.factor BETWEEN 80 AND 125 THEN 'slip-2'
            WHEN c.factor BETWEEN 800 AND 1250
                OR c.factor BETWEEN 8000 AND 12500
                OR c.factor BETWEEN 80000 AND 125000
                OR c.factor BETWEEN 800000 AND 1250000 THEN 'slip-3'
        END
    ],
    ARRAY[CAST(NULL AS decimal(24,4)), c.total, c.total, CAST(c.estimate_eur AS decimal(24,4))]
) AS u(flag, compared_value)
WHERE u.flag IS NOT NULL
