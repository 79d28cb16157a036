{{ config(materialized='view') }}

with corrections as (
    select distinct year, notice_id from {{ source('lake', 'changes') }} where kind = 'corrigendum'
)

select
    n.year,
    n.buyer_name,
    n.buyer_country,
    sum(case when c.notice_id is null then 1 else 0 end) as notice_count,
    sum(case when c.notice_id is null then 0 else 1 end) as correction_count
from {{ source('lake', 'notices') }} as n
left join corrections as c on c.year = n.year and c.notice_id = n.notice_id
where n.buyer_name is not null
group by n.year, n.buyer_name, n.buyer_country
