-- title: Current notices
-- description: Notices as they stand after their corrections. A corrigendum (TED_EXPORT form F14) is folded onto the
--   notice that it names: its new deadline (section IV.2.2) and main CPV code (section II.1.2) replace the old ones. An
--   eForms change notice is a whole notice, and stands in place of the one that it names. Not in the view: corrigenda
--   themselves, and notices that a change notice replaced. A correction may come in any year, so a query of one year
--   passes four times over all years: over the changes, over the notices that bring them, and twice over the notices
--   that eForms changes name by identifier and version.
WITH named AS (
    SELECT
        c.year,
        c.notice_id AS correction_id,
        coalesce(c.changed_notice_id, o.notice_id) AS corrected_id,
        c.publication_date,
        c.section,
        c.value_type,
        c.new_value,
        CAST(c.publication_date AS varchar) || ' ' || lpad(c.notice_id, 16, '0') || ' '
            || lpad(CAST(c.change_ordinal AS varchar), 6, '0') AS age
    FROM changes c
    LEFT JOIN notices o
        ON o.notice_uuid || '-' || o.notice_version
            = CASE WHEN c.changed_notice_id IS NULL THEN c.changed_notice_ref END
    WHERE c.kind = 'corrigendum'
),
corrected AS (
    SELECT
        c.corrected_id,
        count(DISTINCT c.correction_id) AS correction_count,
        max(c.publication_date) AS last_correction_date,
        max_by(c.correction_id, c.age) AS last_correction_id,
        count_if(k.format = 'eforms') AS replacing_count,
        max_by(c.new_value, c.age) FILTER (
            WHERE c.section = 'IV.2.2' AND c.value_type = 'date' AND c.new_value IS NOT NULL
        ) AS new_deadline,
        max_by(c.new_value, c.age) FILTER (
            WHERE c.section = 'II.1.2' AND c.value_type = 'cpv_main' AND c.new_value IS NOT NULL
        ) AS new_code
    FROM named c
    JOIN notices k ON k.year = c.year AND k.notice_id = c.correction_id
    WHERE c.corrected_id <> c.correction_id
    GROUP BY c.corrected_id
),
replacing AS (
    SELECT year, correction_id, min(corrected_id) AS replaces_notice_id
    FROM named
    WHERE corrected_id <> correction_id
    GROUP BY year, correction_id
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
    coalesce(k.new_code, n.cpv_main) AS cpv_main,
    n.buyer_name,
    n.buyer_country,
    n.lot_count,
    n.contract_count,
    n.estimated_value,
    n.estimated_value_currency,
    n.total_value,
    n.total_value_currency,
    coalesce(TRY_CAST(substr(k.new_deadline, 1, 10) AS date), n.submission_deadline_date) AS submission_deadline_date,
    n.submission_deadline_date AS published_deadline_date,
    coalesce(k.correction_count, 0) AS correction_count,
    k.last_correction_id,
    k.last_correction_date,
    CASE WHEN n.format = 'eforms' THEN r.replaces_notice_id END AS replaces_notice_id,
    n.year
FROM notices n
LEFT JOIN corrected k ON k.corrected_id = n.notice_id
LEFT JOIN replacing r ON r.year = n.year AND r.correction_id = n.notice_id
WHERE coalesce(n.notice_type, '') <> 'corr' AND coalesce(k.replacing_count, 0) = 0
