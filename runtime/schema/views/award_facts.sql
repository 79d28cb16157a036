-- title: Facts of awards
-- description: One row per outcome of an award notice that ended in a contract, with what indicators count: each is true,
--   false, or NULL where the notice does not say. Definitions, exclusions and sources are in docs/indicators.md.
WITH contracts_of_outcomes AS (
    SELECT
        year, notice_id, result_ordinal,
        count(*) AS contract_count,
        min(coalesce(award_date, conclusion_date)) AS decision_date,
        CAST(sum(value_eur) AS decimal(24,2)) AS value_eur,
        CAST(sum(estimated_value_eur) AS decimal(24,2)) AS estimated_value_eur,
        bool_or(is_framework) AS is_framework
    FROM contracts_eur
    GROUP BY year, notice_id, result_ordinal
),
winning_tenders AS (
    SELECT DISTINCT year, notice_id, result_ordinal, tender_ordinal
    FROM contracts
),
winners AS (
    SELECT
        t.year, t.notice_id, t.result_ordinal,
        bool_or(p.size IN ('micro', 'small', 'medium', 'sme')) AS is_sme,
        bool_or(p.country <> n.buyer_country) AS is_cross_border,
        count(*) AS winner_count,
        count(p.national_id) AS winner_id_count
    FROM winning_tenders t
    JOIN parties p ON p.year = t.year AND p.notice_id = t.notice_id AND p.tender_ordinal = t.tender_ordinal
    JOIN notices n ON n.year = t.year AND n.notice_id = t.notice_id
    WHERE p.role IN ('winner', 'concessionaire', 'prize-winner')
    GROUP BY t.year, t.notice_id, t.result_ordinal
),
buyers AS (
    SELECT year, notice_id, count(*) AS buyer_count, count(national_id) AS buyer_id_count
    FROM parties
    WHERE role = 'buyer'
    GROUP BY year, notice_id
),
criteria_of_notices AS (
    SELECT year, notice_id, bool_and(kind = 'price') AS is_lowest_price
    FROM criteria
    WHERE kind IS NOT NULL
    GROUP BY year, notice_id
)
SELECT
    r.notice_id,
    r.publication_date,
    r.package_id,
    r.result_ordinal,
    n.format,
    n.buyer_country,
    n.contract_nature,
    substr(n.cpv_main, 1, 2) AS cpv_division,
    n.procedure_type,
    r.tenders_received,
    r.tenders_sme,
    CASE WHEN r.tenders_received > 0 THEN r.tenders_received = 1 END AS is_single_bid,
    n.procedure_type IN ('neg-wo-call', 'oth-single') AS is_no_call,
    k.is_lowest_price,
    w.is_sme,
    w.is_cross_border,
    CASE WHEN n.lot_count > 0 THEN n.lot_count > 1 END AS is_in_lots,
    CASE
        WHEN n.is_joint_procurement OR n.is_central_purchasing THEN true
        WHEN n.is_joint_procurement IS NOT NULL OR n.is_central_purchasing IS NOT NULL THEN false
    END AS is_joint,
    n.is_eu_funded,
    coalesce(c.is_framework, n.is_framework) AS is_framework,
    coalesce(b.buyer_id_count, 0) > 0 AS has_buyer_id,
    coalesce(w.winner_id_count = w.winner_count, false) AS has_winner_id,
    coalesce(r.tenders_received, 0) > 0 AS has_tender_count,
    c.value_eur IS NOT NULL AS has_value,
    c.value_eur,
    c.estimated_value_eur,
    c.decision_date,
    r.year
FROM lot_results r
JOIN notices n ON n.year = r.year AND n.notice_id = r.notice_id
JOIN contracts_of_outcomes c
    ON c.year = r.year AND c.notice_id = r.notice_id AND c.result_ordinal = r.result_ordinal
LEFT JOIN winners w ON w.year = r.year AND w.notice_id = r.notice_id AND w.result_ordinal = r.result_ordinal
LEFT JOIN buyers b ON b.year = r.year AND b.notice_id = r.notice_id
LEFT JOIN criteria_of_notices k ON k.year = r.year AND k.notice_id = r.notice_id
WHERE n.form_type = 'result'
