-- title: TED CSV: calls for competition
-- description: Calls for competition in the 64 columns of DG GROW's TED CSV (export_CFC), which ends in 2023. One row
--   per lot, and one for a notice without lots. Corrigenda are left out. What is the notice's, its value too, is
--   repeated on each of its rows: count and add up by id_notice_cn. Several values are joined by ---. A query of one
--   year passes over the awards of all years, which name their calls, and twice over the changes of all years.
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
calls AS (
    SELECT n.*, n.notice_uuid || '-' || n.notice_version AS version_id
    FROM notices n
    LEFT JOIN corrigenda k ON k.year = n.year AND k.notice_id = n.notice_id
    WHERE n.form_type = 'competition' AND k.notice_id IS NULL
),
-- An award names the notices before it, by number, number in the journal or version, and its procedure.
names_of_calls AS (
    SELECT n.year, n.notice_id, n.publication_date, u.name
    FROM notices n
    CROSS JOIN UNNEST(
        ARRAY[n.notice_id, n.ojs_number, n.procedure_id, n.notice_uuid || '-' || n.notice_version]
    ) AS u (name)
    WHERE n.form_type = 'competition' AND u.name IS NOT NULL
),
names_in_awards AS (
    SELECT n.notice_id, n.publication_date, u.name
    FROM notices n
    CROSS JOIN UNNEST(
        concat(coalesce(n.previous_notices, ARRAY[CAST(NULL AS varchar)]), ARRAY[n.procedure_id])
    ) AS u (name)
    WHERE n.form_type = 'result' AND u.name IS NOT NULL
),
awards_of_calls AS (
    SELECT DISTINCT
        c.year, c.notice_id, a.publication_date,
        split_part(a.notice_id, '-', 2) || split_part(a.notice_id, '-', 1) AS award_id
    FROM names_of_calls c
    JOIN names_in_awards a ON a.name = c.name AND a.publication_date >= c.publication_date
),
future_awards AS (
    SELECT year, notice_id, array_join(array_agg(award_id ORDER BY publication_date, award_id), '---') AS award_ids
    FROM awards_of_calls
    GROUP BY year, notice_id
),
lots_in_euro AS (
    SELECT
        l.*,
        CAST(l.estimated_value / d.units_per_eur AS decimal(24, 2)) AS estimate_eur
    FROM lots l
    LEFT JOIN exchange_rates d ON d.currency = l.estimated_value_currency AND d.rate_date = l.publication_date
    WHERE l.lot_kind = 'lot'
),
described_lots AS (
    SELECT
        l.*,
        count(*) OVER (PARTITION BY year, notice_id) AS described_count,
        sum(estimate_eur) OVER (PARTITION BY year, notice_id) AS sum_estimate_eur
    FROM lots_in_euro l
),
lot_languages AS (
    SELECT
        l.year, l.notice_id, l.lot_ordinal,
        count(k.csv_code) AS official_count,
        count(*) AS language_count,
        array_join(array_agg(k.csv_code ORDER BY k.csv_code) FILTER (WHERE k.csv_code IS NOT NULL), '---') AS official,
        array_join(array_agg(u.language ORDER BY u.language) FILTER (WHERE k.csv_code IS NULL), '---') AS other
    FROM lots l
    CROSS JOIN UNNEST(l.submission_languages) AS u (language)
    LEFT JOIN ted_csv_codes k ON k.code = u.language AND k.list = 'language'
    GROUP BY l.year, l.notice_id, l.lot_ordinal
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
buyer_texts AS (
    SELECT
        p.year, p.notice_id, p.party_ordinal, p.legal_type, p.main_activity, p.country,
        replace(p.name, '---', '--') AS name,
        replace(p.national_id, '---', '--') AS national_id,
        replace(p.street, '---', '--') AS street,
        replace(p.town, '---', '--') AS town,
        replace(p.postcode, '---', '--') AS postcode,
        coalesce(k.csv_code, p.country) AS country_code
    FROM parties p
    LEFT JOIN ted_csv_codes k ON k.code = p.country AND k.list = 'country'
    WHERE p.role = 'buyer'
),
buyers AS (
    SELECT
        year, notice_id,
        count(*) AS buyer_count,
        count(DISTINCT country) AS country_count,
        min_by(legal_type, party_ordinal) FILTER (WHERE legal_type IS NOT NULL) AS legal_type,
        min_by(main_activity, party_ordinal) FILTER (WHERE main_activity IS NOT NULL) AS main_activity,
        count(national_id) AS national_id_count, count(street) AS street_count, count(town) AS town_count,
        count(postcode) AS postcode_count,
        array_join(array_agg(coalesce(name, '') ORDER BY party_ordinal), '---') AS names,
        array_join(array_agg(coalesce(national_id, '') ORDER BY party_ordinal), '---') AS national_ids,
        array_join(array_agg(coalesce(street, '') ORDER BY party_ordinal), '---') AS streets,
        array_join(array_agg(coalesce(town, '') ORDER BY party_ordinal), '---') AS towns,
        array_join(array_agg(coalesce(postcode, '') ORDER BY party_ordinal), '---') AS postcodes,
        array_join(array_agg(coalesce(country_code, '') ORDER BY party_ordinal), '---') AS country_codes
    FROM buyer_texts
    GROUP BY year, notice_id
)
SELECT
    split_part(n.notice_id, '-', 2) || split_part(n.notice_id, '-', 1) AS id_notice_cn,
    'ted.europa.eu/en/notice/-/detail/' || n.notice_id AS ted_notice_url,
    n.year,
    coalesce(f.csv_code, regexp_replace(n.form_number, '^F0?', '')) AS id_type,
    n.dispatch_date AS dt_dispatch,
    CASE WHEN n.format = 'eforms' THEN 'eForms' ELSE substr(n.schema_version, 2, 5) END AS xsd_version,
    CASE WHEN coalesce(x.cancel_count, 0) + coalesce(y.cancel_count, 0) > 0 THEN 1 ELSE 0 END AS cancelled,
    coalesce(x.correction_count, 0) + coalesce(y.correction_count, 0) AS corrections,
    a.award_ids AS future_can_id,
    CASE WHEN a.award_ids IS NOT NULL THEN 'N' END AS future_can_id_estimated,
    CASE WHEN b.buyer_count > 1 THEN 'Y' ELSE 'N' END AS b_multiple_cae,
    nullif(b.names, '') AS cae_name,
    CASE WHEN b.national_id_count > 0 THEN b.national_ids END AS cae_nationalid,
    CASE WHEN b.street_count > 0 THEN b.streets END AS cae_address,
    CASE WHEN b.town_count > 0 THEN b.towns END AS cae_town,
    CASE WHEN b.postcode_count > 0 THEN b.postcodes END AS cae_postal_code,
    coalesce(g.csv_code, n.buyer_country) AS iso_country_code,
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
    CASE WHEN b.main_activity IS NOT NULL THEN coalesce(m.csv_code, 'Other') END AS main_activity,
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
    CASE WHEN l.framework_max_participants = 1 THEN 'Y' WHEN l.framework_max_participants > 1 THEN 'N' END
        AS b_fra_single_operator,
    CAST(NULL AS integer) AS fra_number_operators,
    l.framework_max_participants AS fra_number_max_operators,
    CASE n.is_dps WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_dyn_purch_syst,
    n.cpv_main AS cpv,
    CASE WHEN l.described_count > 1 THEN coalesce(l.lot_id, CAST(l.lot_ordinal AS varchar)) ELSE l.lot_id END AS id_lot,
    array_join(coalesce(l.cpv_additional, n.cpv_additional), '---') AS additional_cpvs,
    CASE n.is_gpa_covered WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_gpa,
    CASE WHEN n.lot_count > 1 THEN n.lot_count ELSE 0 END AS lots_number,
    CASE
        WHEN n.lot_count < 2 THEN NULL
        WHEN n.max_lots_submitted = 1 THEN 'O'
        WHEN n.max_lots_submitted > 1 THEN 'M'
        WHEN n.schema_version LIKE 'R2.0.9%' OR n.format = 'eforms' THEN 'A'
    END AS lots_submission,
    CASE l.variants WHEN 'required' THEN 'Y' WHEN 'allowed' THEN 'Y' WHEN 'not-allowed' THEN 'N' END AS b_variants,
    CAST(n.estimated_value / v.units_per_eur AS decimal(24, 2)) AS value_euro,
    coalesce(
        CAST(
            coalesce(n.estimated_value, n.estimated_value_low, n.estimated_value_high) / v.units_per_eur
            AS decimal(24, 2)
        ),
        CAST(l.sum_estimate_eur AS decimal(24, 2))
    ) AS value_euro_fin_1,
    CAST(NULL AS decimal(24, 2)) AS value_euro_fin_2,
    CASE l.has_options WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_options,
    CASE coalesce(l.is_eu_funded, n.is_eu_funded) WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_eu_funds,
    CASE l.is_renewable WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_renewals,
    CASE
        WHEN l.duration_unit = 'MONTH' THEN CAST(l.duration_value AS decimal(18, 6))
        WHEN l.duration_unit = 'YEAR' THEN CAST(l.duration_value * 12 AS decimal(18, 6))
        WHEN l.duration_unit = 'WEEK' THEN CAST(l.duration_value * 7 / 30 AS decimal(18, 6))
        WHEN l.duration_unit = 'DAY' THEN CAST(l.duration_value / 30 AS decimal(18, 6))
        WHEN l.end_date >= l.start_date
            THEN CAST(CAST(date_diff('day', l.start_date, l.end_date) + 1 AS decimal(18, 6)) / 30 AS decimal(18, 6))
    END AS duration,
    l.start_date AS contract_start,
    l.end_date AS contract_completion,
    CASE n.procedure_type
        WHEN 'open' THEN 'OPE'
        WHEN 'restricted' THEN 'RES'
        WHEN 'neg-w-call' THEN 'NEC'
        WHEN 'neg-wo-call' THEN CASE WHEN n.procedure_type_raw IN ('A', 'F', 'V') THEN 'AWP' ELSE 'NOC' END
        WHEN 'comp-dial' THEN 'COD'
        WHEN 'innovation' THEN 'INP'
    END AS top_type,
    CASE n.is_accelerated WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_accelerated,
    CASE WHEN l.candidates_min = l.candidates_max THEN l.candidates_min END AS env_operators,
    CASE WHEN l.candidates_min = l.candidates_max THEN NULL ELSE l.candidates_min END AS env_min_operators,
    CASE WHEN l.candidates_min = l.candidates_max THEN NULL ELSE l.candidates_max END AS env_max_operators,
    coalesce(c.code, w.code) AS crit_code,
    coalesce(c.price_weight, w.price_weight) AS crit_price_weight,
    coalesce(c.names, w.names) AS crit_criteria,
    coalesce(c.weights, w.weights) AS crit_weights,
    CASE n.is_electronic_auction WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_electronic_auction,
    coalesce(l.submission_deadline_date, n.submission_deadline_date) AS dt_applications,
    CASE WHEN q.official_count >= 24 THEN 'Y' WHEN q.language_count > 0 THEN 'N' END AS b_language_any_ec,
    q.official AS admin_languages_tender,
    q.other AS admin_other_languages_tender,
    CASE l.is_recurrent WHEN true THEN 'Y' WHEN false THEN 'N' END AS b_recurrent_procurement
FROM calls n
LEFT JOIN described_lots l ON l.year = n.year AND l.notice_id = n.notice_id
LEFT JOIN lot_languages q ON q.year = n.year AND q.notice_id = n.notice_id AND q.lot_ordinal = l.lot_ordinal
LEFT JOIN criteria_of_lots c ON c.year = n.year AND c.notice_id = n.notice_id AND c.lot_ordinal = l.lot_ordinal
LEFT JOIN criteria_of_lots w ON w.year = n.year AND w.notice_id = n.notice_id AND w.lot_ordinal = 0
LEFT JOIN buyers b ON b.year = n.year AND b.notice_id = n.notice_id
LEFT JOIN future_awards a ON a.year = n.year AND a.notice_id = n.notice_id
LEFT JOIN corrections x ON x.corrected = n.notice_id
LEFT JOIN corrections y ON y.corrected = n.version_id
LEFT JOIN exchange_rates v ON v.currency = n.estimated_value_currency AND v.rate_date = n.publication_date
LEFT JOIN ted_csv_codes f ON f.code = n.form_number AND f.list = 'form'
LEFT JOIN ted_csv_codes g ON g.code = n.buyer_country AND g.list = 'country'
LEFT JOIN ted_csv_codes t ON t.code = b.legal_type AND t.list = 'buyer'
LEFT JOIN ted_csv_codes m ON m.code = b.main_activity AND m.list = 'activity'
