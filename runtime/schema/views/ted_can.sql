-- title: TED CSV: contract award notices
-- description: Award notices in the 75 columns of DG GROW's TED CSV (export_CAN), which ends in 2023. One row per
--   contract and lot that it names, at least one, and one per outcome without contract. Corrigenda are left out, and,
--   as in the CSV, transparency notices and modifications. What is the notice's is repeated on each of its rows; the
--   values of a contract stand on its first row only, so that they can be added up. Several values are joined by ---.
--   A query of one year passes twice over the changes of all years, for a correction may come in any.
WITH corrections AS (
    SELECT
        coalesce(changed_notice_id, changed_notice_ref) AS corrected,
        count(DISTINCT notice_id) AS correction_count,
        count_if(reason_code = 'cancel') AS cancel_count
    FROM changes
    WHERE kind = 'corrigendum'
    GROUP BY coalesce(changed_notice_id, changed_notice_ref)
),
corrigenda AS (
    SELECT DISTINCT year, notice_id
    FROM changes
    WHERE kind = 'corrigendum'
),
award_notices AS (
    SELECT n.*, n.notice_uuid || '-' || n.notice_version AS version_id
    FROM notices n
    LEFT JOIN corrigenda k ON k.year = n.year AND k.notice_id = n.notice_id
    WHERE n.form_type = 'result' AND k.notice_id IS NULL
),
contracts_in_euro AS (
    SELECT
        c.*,
        CAST(c.value / v.units_per_eur AS decimal(24, 2)) AS value_eur,
        CAST(coalesce(c.value, c.value_low, c.value_high) / v.units_per_eur AS decimal(24, 2)) AS offer_eur,
        CAST(c.estimated_value / e.units_per_eur AS decimal(24, 2)) AS estimate_eur
    FROM contracts c
    LEFT JOIN exchange_rates v ON v.currency = c.value_currency AND v.rate_date = c.publication_date
    LEFT JOIN exchange_rates e ON e.currency = c.estimated_value_currency AND e.rate_date = c.publication_date
),
awards AS (
    SELECT
        year, notice_id, contract_ordinal, result_ordinal, tender_ordinal,
        CASE WHEN cardinality(lot_ids) > 0 THEN lot_ids ELSE ARRAY[CAST(NULL AS varchar)] END AS lots_named,
        contract_number, contract_title, is_framework, is_awarded_to_group, is_value_withheld,
        coalesce(award_date, conclusion_date) AS award_date,
        value_eur, estimate_eur, coalesce(offer_eur, estimate_eur) AS final_eur
    FROM contracts_in_euro
    UNION ALL
    SELECT
        r.year, r.notice_id, NULL, r.result_ordinal, NULL,
        ARRAY[nullif(array_join(r.lot_ids, '---'), '')],
        NULL, NULL, NULL, NULL, NULL,
        NULL,
        NULL, NULL, NULL
    FROM lot_results r
    LEFT JOIN contracts c ON c.year = r.year AND c.notice_id = r.notice_id AND c.result_ordinal = r.result_ordinal
    WHERE c.notice_id IS NULL
),
award_lots AS (
    SELECT
        a.*,
        u.lot_name,
        u.position,
        count_if(u.position = 1) OVER (PARTITION BY a.year, a.notice_id) AS award_count,
        sum(CASE WHEN u.position = 1 THEN a.final_eur END) OVER (PARTITION BY a.year, a.notice_id) AS sum_final_eur
    FROM awards a
    CROSS JOIN UNNEST(a.lots_named) WITH ORDINALITY AS u (lot_name, position)
),
lots_awarded AS (
    SELECT r.year, r.notice_id, count(DISTINCT u.lot_name) AS lot_count
    FROM lot_results r
    CROSS JOIN UNNEST(r.lot_ids) AS u (lot_name)
    GROUP BY r.year, r.notice_id
),
-- What a notice with one lot awards is that lot, however the award calls it.
described_lots AS (
    SELECT
        l.*,
        CASE WHEN count(*) OVER (PARTITION BY year, notice_id) = 1 THEN '' ELSE lot_id END AS lot_name,
        row_number() OVER (PARTITION BY year, notice_id, lot_id ORDER BY lot_ordinal) AS repetition
    FROM lots l
    WHERE lot_kind = 'lot'
),
-- Criteria of the whole procedure are those of lot 0.
lot_criteria AS (
    SELECT
        year, notice_id, criterion_ordinal,
        coalesce(lot_ordinal, 0) AS lot_ordinal,
        coalesce(kind, '') = 'price' AS is_price,
        replace(coalesce(name, description, ''), '---', '--') AS name,
        coalesce(weight_text, regexp_replace(CAST(weight_number AS varchar), '\.?0+$', ''), '') AS weight
    FROM criteria
),
criteria_of_lots AS (
    SELECT
        year, notice_id, lot_ordinal,
        CASE WHEN bool_and(is_price) THEN 'L' ELSE 'M' END AS code,
        array_join(array_agg(weight ORDER BY criterion_ordinal) FILTER (WHERE is_price AND weight <> ''), '---')
            AS price_weight,
        array_join(array_agg(name ORDER BY criterion_ordinal) FILTER (WHERE NOT is_price), '---') AS names,
        CASE WHEN count_if(weight <> '' AND NOT is_price) > 0 THEN
            array_join(array_agg(weight ORDER BY criterion_ordinal) FILTER (WHERE NOT is_price), '---')
        END AS weights
    FROM lot_criteria
    GROUP BY year, notice_id, lot_ordinal
),
-- Buyers are the organisations of award 0, winners those of the tender's ordinal.
award_parties AS (
    SELECT
        p.year, p.notice_id, p.party_ordinal, p.legal_type, p.main_activity, p.country,
        CASE WHEN p.role = 'buyer' THEN 0 ELSE p.tender_ordinal END AS award,
        replace(p.name, '---', '--') AS name,
        replace(p.national_id, '---', '--') AS national_id,
        replace(p.street, '---', '--') AS street,
        replace(p.town, '---', '--') AS town,
        replace(p.postcode, '---', '--') AS postcode,
        coalesce(k.csv_code, p.country) AS country_code,
        CASE WHEN p.size IN ('micro', 'small', 'medium', 'sme') THEN 'Y' WHEN p.size = 'large' THEN 'N' END AS is_sme
    FROM parties p
    LEFT JOIN ted_csv_codes k ON k.code = p.country AND k.list = 'country'
    WHERE p.role IN ('buyer', 'winner', 'concessionaire', 'prize-winner')
),
organisations AS (
    SELECT
        year, notice_id, award,
        count(*) AS organisation_count,
        count(DISTINCT country) AS country_count,
        min_by(legal_type, party_ordinal) FILTER (WHERE legal_type IS NOT NULL) AS legal_type,
        min_by(main_activity, party_ordinal) FILTER (WHERE main_activity IS NOT NULL) AS main_activity,
        count(national_id) AS national_id_count, count(street) AS street_count, count(town) AS town_count,
        count(postcode) AS postcode_count, count(country) AS country_code_count, count(is_sme) AS sme_count,
        array_join(array_agg(coalesce(name, '') ORDER BY party_ordinal), '---') AS names,
        array_join(array_agg(coalesce(national_id, '') ORDER BY party_ordinal), '---') AS national_ids,
        array_join(array_agg(coalesce(street, '') ORDER BY party_ordinal), '---') AS streets,
        array_join(array_agg(coalesce(town, '') ORDER BY party_ordinal), '---') AS towns,
        array_join(array_agg(coalesce(postcode, '') ORDER BY party_ordinal), '---') AS postcodes,
        array_join(array_agg(coalesce(country_code, '') ORDER BY party_ordinal), '---') AS country_codes,
        array_join(array_agg(coalesce(is_sme, '') ORDER BY party_ordinal), '---') AS are_smes
    FROM award_parties
    GROUP BY year, notice_id, award
)
SELECT
    split_part(n.notice_id, '-', 2) || split_part(n.notice_id, '-', 1) AS id_notice_can,
    'ted.europa.eu/en/notice/-/detail/' || n.notice_id AS ted_notice_url,
    a.year,
    coalesce(f.csv_code, regexp_replace(n.form_number, '^F0?', '')) AS id_type,
    n.dispatch_date AS dt_dispatch,
    CASE WHEN n.format = 'eforms' THEN 'eForms' ELSE substr(n.schema_version, 2, 5) END AS xsd_version,
    CASE WHEN coalesce(x.cancel_count, 0) + coalesce(y.cancel_count, 0) > 0 THEN 1 ELSE 0 END AS cancelled,
    coalesce(x.correction_count, 0) + coalesce(y.correction_count, 0) AS corrections,
    CASE WHEN b.organisation_count > 1 THEN 'Y' ELSE 'N' END AS b_multiple_cae,
    nullif(b.names, '') AS cae_name,
    CASE WHEN b.national_id_count > 0 THEN b.national_ids END AS cae_nationalid,
    CASE WHEN b.street_count > 0 THEN b.streets END AS cae_address,
    CASE WHEN b.town_count > 0 THEN b.towns END AS cae_town,
    CASE WHEN b.postcode_count > 0 THEN b.postcodes END AS cae_postal_code,
    CAST(NULL AS varchar) AS cae_gpa_annex,
    coalesce(g.csv_code, n.buyer_country) AS iso_country_code,
    CAST(NULL AS varchar) AS iso_country_code_gpa,
    CASE WHEN b.country_count > 1 THEN 'Y' ELSE 'N' END AS b_multiple_country,
    CASE WHEN b.country_count > 1 THEN b.country_codes END AS iso_country_code_all,
    CASE
        WHEN b.legal_type IS NOT NULL THEN coalesce(t.csv_code, '8')
        WHEN n.legal_basis IN ('32014L0025', '32004L0017') OR b.main_activity IN (
            'airport', 'electricity', 'gas-heat', 'gas-oil', 'port', 'post', 'rail', 'solid-fuel', 'urttb', 'water'
        ) THEN '4'
        WHEN n.schema_version LIKE 'R2.0.9%' THEN '8'
        ELSE 'Z'
    END AS cae_type,
    CAST(NULL AS varchar) AS eu_inst_code,
    CASE WHEN b.main_activity IS NOT NULL OR n.format = 'ted-export' THEN coalesce(m.csv_code, 'Other') END
        AS main_activity,
    CASE WHEN n.schema_version LIKE 'R2.0.7%' OR n.schema_version LIKE 'R2.0.8%'
        THEN CASE n.is_joint_procurement WHEN true THEN 'Y' WHEN false THEN 'N' END END AS b_on_behalf,
    CASE WHEN n.schema_version LIKE 'R2.0.9%' OR n.format = 'eforms'
        THEN CASE n.is_joint_procurement WHEN true THEN 'Y' WHEN false THEN 'N' END END AS b_involves_joint_procurement,
    CASE n.is_central_purchasing WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_awarded_by_central_body,
    CASE n.contract_nature WHEN 'works' THEN 'W' WHEN 'supplies' THEN 'U' WHEN 'services' THEN 'S' END
        AS type_of_contract,
    array_join(coalesce(l.nuts_codes, n.nuts_codes), '---') AS tal_location_nuts,
    CASE WHEN n.is_framework THEN 'Y' ELSE 'N' END AS b_fra_agreement,
    CAST(NULL AS varchar) AS fra_estimated,
    CASE WHEN n.format = 'eforms'
        THEN CASE a.is_framework WHEN true THEN 'Y' WHEN false THEN 'N' END END AS b_fra_contract,
    CASE n.is_dps WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_dyn_purch_syst,
    n.cpv_main AS cpv,
    CAST(NULL AS varchar) AS main_cpv_code_gpa,
    l.lot_id AS id_lot,
    array_join(coalesce(l.cpv_additional, n.cpv_additional), '---') AS additional_cpvs,
    CASE n.is_gpa_covered WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_gpa,
    CAST(NULL AS varchar) AS gpa_coverage,
    coalesce(s.lot_count, 0) AS lots_number,
    CAST(n.total_value / v.units_per_eur AS decimal(24, 2)) AS value_euro,
    coalesce(
        CAST(coalesce(n.total_value, n.total_value_low, n.total_value_high) / v.units_per_eur AS decimal(24, 2)),
        CAST(a.sum_final_eur AS decimal(24, 2)),
        CAST(n.estimated_value / e.units_per_eur AS decimal(24, 2))
    ) AS value_euro_fin_1,
    CAST(NULL AS decimal(24, 2)) AS value_euro_fin_2,
    CASE coalesce(l.is_eu_funded, n.is_eu_funded) WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_eu_funds,
    CASE n.procedure_type
        WHEN 'open' THEN 'OPE'
        WHEN 'restricted' THEN 'RES'
        WHEN 'neg-w-call' THEN 'NIC'
        WHEN 'neg-wo-call' THEN CASE WHEN n.procedure_type_raw IN ('A', 'F', 'V') THEN 'AWP' ELSE 'NOC' END
        WHEN 'comp-dial' THEN 'COD'
        WHEN 'innovation' THEN 'INP'
    END AS top_type,
    CASE n.is_accelerated WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_accelerated,
    CASE WHEN n.legal_basis = 'other' THEN 1 ELSE 0 END AS out_of_directives,
    coalesce(c.code, w.code) AS crit_code,
    coalesce(c.price_weight, w.price_weight) AS crit_price_weight,
    coalesce(c.names, w.names) AS crit_criteria,
    coalesce(c.weights, w.weights) AS crit_weights,
    CASE n.is_electronic_auction WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_electronic_auction,
    a.award_count AS number_awards,
    split_part(n.notice_id, '-', 2) || split_part(n.notice_id, '-', 1) || '-'
        || coalesce(CAST(a.contract_ordinal AS varchar), 'R' || CAST(a.result_ordinal AS varchar)) AS id_award,
    a.lot_name AS id_lot_awarded,
    CASE
        WHEN a.contract_ordinal IS NOT NULL OR r.status = 'selec-w' THEN NULL
        WHEN r.non_award_reason IN ('all-rej', 'no-rece', 'one-admis') THEN 'PROCUREMENT_UNSUCCESSFUL'
        WHEN r.status = 'clos-nw' THEN 'PROCUREMENT_DISCONTINUED'
        WHEN r.status = 'open-nw' THEN 'PROCUREMENT_NOT_ENDED'
    END AS info_on_non_award,
    CASE WHEN a.is_value_withheld OR r.are_tender_counts_withheld OR cardinality(n.withheld_fields) > 0
        THEN 'Y' ELSE 'N' END AS info_unpublished,
    CASE a.is_awarded_to_group WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_awarded_to_a_group,
    nullif(o.names, '') AS win_name,
    CASE WHEN o.national_id_count > 0 THEN o.national_ids END AS win_nationalid,
    CASE WHEN o.street_count > 0 THEN o.streets END AS win_address,
    CASE WHEN o.town_count > 0 THEN o.towns END AS win_town,
    CASE WHEN o.postcode_count > 0 THEN o.postcodes END AS win_postal_code,
    CASE WHEN o.country_code_count > 0 THEN o.country_codes END AS win_country_code,
    CASE WHEN o.sme_count > 0 THEN o.are_smes END AS b_contractor_sme,
    a.contract_number,
    coalesce(a.contract_title, l.title, n.title) AS title,
    r.tenders_received AS number_offers,
    r.tenders_sme AS number_tenders_sme,
    r.tenders_other_eu AS number_tenders_other_eu,
    r.tenders_non_eu AS number_tenders_non_eu,
    r.tenders_electronic AS number_offers_electr,
    CASE
        WHEN a.estimate_eur IS NULL THEN CAST(l.estimated_value / d.units_per_eur AS decimal(24, 2))
        WHEN a.position = 1 THEN a.estimate_eur
    END AS award_est_value_euro,
    CASE WHEN a.position = 1 THEN a.value_eur END AS award_value_euro,
    CASE
        WHEN a.contract_ordinal IS NULL AND r.status = 'clos-nw' THEN CAST(0 AS decimal(24, 2))
        WHEN a.position = 1 THEN a.final_eur
    END AS award_value_euro_fin_1,
    CASE z.is_subcontracted WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_subcontracted,
    a.award_date AS dt_award
FROM award_lots a
JOIN award_notices n ON n.year = a.year AND n.notice_id = a.notice_id
LEFT JOIN lot_results r ON r.year = a.year AND r.notice_id = a.notice_id AND r.result_ordinal = a.result_ordinal
LEFT JOIN tenders z ON z.year = a.year AND z.notice_id = a.notice_id AND z.tender_ordinal = a.tender_ordinal
LEFT JOIN lots_awarded s ON s.year = a.year AND s.notice_id = a.notice_id
LEFT JOIN described_lots l
    ON l.year = a.year AND l.notice_id = a.notice_id
    AND l.lot_name = CASE WHEN n.lot_count = 1 THEN '' ELSE a.lot_name END AND l.repetition = 1
LEFT JOIN criteria_of_lots c ON c.year = a.year AND c.notice_id = a.notice_id AND c.lot_ordinal = l.lot_ordinal
LEFT JOIN criteria_of_lots w ON w.year = a.year AND w.notice_id = a.notice_id AND w.lot_ordinal = 0
LEFT JOIN organisations b ON b.year = a.year AND b.notice_id = a.notice_id AND b.award = 0
LEFT JOIN organisations o ON o.year = a.year AND o.notice_id = a.notice_id AND o.award = a.tender_ordinal
LEFT JOIN corrections x ON x.corrected = n.notice_id
LEFT JOIN corrections y ON y.corrected = n.version_id
LEFT JOIN exchange_rates v ON v.currency = n.total_value_currency AND v.rate_date = n.publication_date
LEFT JOIN exchange_rates e ON e.currency = n.estimated_value_currency AND e.rate_date = n.publication_date
LEFT JOIN exchange_rates d ON d.currency = l.estimated_value_currency AND d.rate_date = l.publication_date
LEFT JOIN ted_csv_codes f ON f.code = n.form_number AND f.list = 'form'
LEFT JOIN ted_csv_codes g ON g.code = n.buyer_country AND g.list = 'country'
LEFT JOIN ted_csv_codes t ON t.code = b.legal_type AND t.list = 'buyer'
LEFT JOIN ted_csv_codes m ON m.code = b.main_activity AND m.list = 'activity'
