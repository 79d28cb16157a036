{{ config(materialized='table', format='parquet', write_compression='snappy') }}
select coalesce(c.country_name, n.buyer_country, 'none') as country_name, count(*) as notices, min(c.member_since) as member_since
from {{ source('lake', 'notices') }} n
left join {{ ref('countries') }} c on c.code = n.buyer_country
group by 1
