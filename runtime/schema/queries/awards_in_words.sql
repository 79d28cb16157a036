-- title: Awards in words
-- description: Contracts and their value in euro by year, country, procedure and CPV division, all by name: it shows how
--   the names of the view codes are joined. A code that has no name shows itself.
SELECT
    a.year,
    coalesce(country.label, a.buyer_country) AS buyer_country,
    coalesce(procedure.label, a.procedure_type) AS procedure_type,
    coalesce(division.label, a.cpv_division) AS cpv_division,
    count(*) AS contract_count,
    sum(a.value_eur) AS value_eur
FROM contract_awards a
LEFT JOIN codes country ON country.list = 'country' AND country.code = a.buyer_country
LEFT JOIN codes procedure ON procedure.list = 'procedure_type' AND procedure.code = a.procedure_type
LEFT JOIN codes division ON division.list = 'cpv_division' AND division.code = a.cpv_division
WHERE a.winner_ordinal = 1
GROUP BY
    a.year, coalesce(country.label, a.buyer_country), coalesce(procedure.label, a.procedure_type),
    coalesce(division.label, a.cpv_division)
ORDER BY a.year DESC, value_eur DESC, buyer_country, procedure_type, cpv_division
LIMIT 1000
