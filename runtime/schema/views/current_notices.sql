-- title: Current notices
-- description: Notices as they stand after their corrections. A corrigendum (TED_EXPORT form F14) is folded onto the
--   notice that it names: its new deadline (section IV.2.2) and main CPV code (section II.1.2) replace the old ones. An
--   eForms change notice is a whole notice, and stands in place of the one that it names. Not in the view: corrigenda
--   themselves, and notices that a change notice replaced.
WITH corrections AS (
    SELECT changed_notice_id AS corrected_id, notice_id AS correction_id, publication_date
    FROM changes
    WHERE kind = 'corrigendum' AND changed_notice_id IS NOT NULL AND changed_notice_id <> notice_id
    UNION
    SELECT o.notice_id AS corrected_id, c.notice_id AS correction_id, c.publication_date
    FROM changes c
    JOIN notices o ON o.notice_uuid || '-' || o.notice_version = c.changed_notice_ref
    WHERE c.kind = 'corrigendum' AND c.changed_notice_id IS NULL AND o.notice_id <> c.notice_id
),
corrected AS (
    SELECT
        k.corrected_id,
        count(*) AS correction_count,
        max(k.publication_date) AS last_correction_date,
        max_by(k.correction_id, k.publication_date) AS last_correction_id,
        max(CASE WHEN n.format = 'eforms' THEN 1 ELSE 0 END) AS is_replaced
    FROM corrections k
    JOIN notices n ON n.notice_id = k.correction_id
    GROUP BY k.corrected_id
),
replacing AS (
    SELECT correction_id, min(corrected_id) AS replaces_notice_id
    FROM corrections
    GROUP BY correction_id
),
new_deadlines AS (
    SELECT changed_notice_id, max_by(new_value, publication_date) AS new_value
    FROM changes
    WHERE kind = 'corrigendum' AND section = 'IV.2.2' AND value_type = 'date' AND new_value IS NOT NULL
    GROUP BY changed_notice_id
),
new_codes AS (
    SELECT changed_notice_id, max_by(new_value, publication_date) AS new_value
    FROM changes
    WHERE kind = 'corrigendum' AND section = 'II.1.2' AND value_type = 'cpv_main' AND new_value IS NOT NULL
    GROUP BY changed_notice_id
)
SELECT
    n.notice_id,
    n.publication_date,
    n.package_id,
    n.format,
    n.form_number,
    n.form_type,
    n.notice_type,
    n.procedure_id,
    n.procedure_type,
    n.legal_basis,
    n.contract_nature,
    n.title,
    n.title_en,
    n.description,
    coalesce(v.new_value, n.cpv_main) AS cpv_main,
    n.buyer_name,
    n.buyer_country,
    n.lot_count,
    n.contract_count,
    n.estimated_value,
    n.estimated_value_currency,
    n.total_value,
    n.total_value_currency,
    coalesce(TRY_CAST(substr(d.new_value, 1, 10) AS date), n.submission_deadline_date) AS submission_deadline_date,
    n.submission_deadline_date AS published_deadline_date,
    coalesce(c.correction_count, 0) AS correction_count,
    c.last_correction_id,
    c.last_correction_date,
    CASE WHEN n.format = 'eforms' THEN r.replaces_notice_id END AS replaces_notice_id,
    n.year
FROM notices n
LEFT JOIN corrected c ON c.corrected_id = n.notice_id
LEFT JOIN replacing r ON r.correction_id = n.notice_id
LEFT JOIN new_deadlines d ON d.changed_notice_id = n.notice_id
LEFT JOIN new_codes v ON v.changed_notice_id = n.notice_id
WHERE coalesce(n.notice_type, '') <> 'corr' AND coalesce(c.is_replaced, 0) = 0
