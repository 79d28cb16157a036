-- title: Contract awards
-- description: One row per contract and winner, with notice, lot, buyer, value and competition, so that the first
--   analysis needs no join. A contract won by a group has a row per member: sum value only where winner_ordinal = 1.
--   A contract whose winner is not published has one row, with winner_ordinal = 1.
WITH lot_titles AS (
    SELECT year, notice_id, lot_id, min_by(title, lot_ordinal) AS lot_title
    FROM lots
    WHERE lot_id IS NOT NULL
    GROUP BY year, notice_id, lot_id
),
winners AS (
    SELECT
        year, notice_id, tender_ordinal, name, national_id, town, nuts_code, country, size,
        row_number() OVER (PARTITION BY year, notice_id, tender_ordinal ORDER BY party_ordinal) AS winner_ordinal,
        count(*) OVER (PARTITION BY year, notice_id, tender_ordinal) AS winner_count
    FROM parties
    WHERE role IN ('winner', 'concessionaire', 'prize-winner')
)
SELECT
    c.notice_id,
    c.publication_date,
    c.package_id,
    n.format,
    n.form_number,
    n.notice_type,
    n.procedure_type,
    n.legal_basis,
    n.contract_nature,
    n.title AS notice_title,
    n.title_en AS notice_title_en,
    n.cpv_main,
    substr(n.cpv_main, 1, 2) AS cpv_division,
    n.buyer_name,
    n.buyer_country,
    c.contract_ordinal,
    c.contract_id,
    c.contract_number,
    c.contract_title,
    c.lot_ids,
    t.lot_title,
    c.value,
    c.value_currency,
    c.value_eur,
    c.value_eur_missing,
    c.eur_rate_date,
    c.value_per,
    c.is_value_withheld,
    c.is_value_token,
    c.is_vat_included,
    c.estimated_value,
    c.estimated_value_currency,
    c.award_date,
    c.conclusion_date,
    coalesce(c.is_framework, n.is_framework) AS is_framework,
    n.is_eu_funded,
    r.tenders_received,
    r.tenders_sme,
    coalesce(w.winner_ordinal, 1) AS winner_ordinal,
    coalesce(w.winner_count, 0) AS winner_count,
    w.name AS winner_name,
    w.national_id AS winner_national_id,
    w.town AS winner_town,
    w.nuts_code AS winner_nuts_code,
    w.country AS winner_country,
    w.size AS winner_size,
    c.year
FROM contracts_eur c
JOIN notices n ON n.year = c.year AND n.notice_id = c.notice_id
LEFT JOIN lot_results r ON r.year = c.year AND r.notice_id = c.notice_id AND r.result_ordinal = c.result_ordinal
LEFT JOIN lot_titles t ON t.year = c.year AND t.notice_id = c.notice_id AND t.lot_id = element_at(c.lot_ids, 1)
LEFT JOIN winners w ON w.year = c.year AND w.notice_id = c.notice_id AND w.tender_ordinal = c.tender_ordinal
