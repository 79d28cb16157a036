{{ config(materialized='view') }}
select a.notice_id, a.value, a.year, coalesce(c.country_name, a.buyer_country, 'none') as country_name
from {{ source('lake', 'contract_awards') }} a
left join {{ ref('countries') }} c on c.code = a.buyer_country
