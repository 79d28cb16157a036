{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['year']) }}

-- Only the years that the lake has changed since the last run are read and written again.
{% set years = due_years() %}

with read_until as (
    select year, max(extracted_at) as lake_as_of
    from {{ source('lake', 'packages') }}
    where year in ({{ years }})
    group by year
),

spend as (
    select
        c.year,
        n.buyer_name,
        n.buyer_country,
        substr(n.cpv_main, 1, 2) as cpv_division,
        c.value_currency,
        count(*) as contract_count,
        sum(c.value) as total_value
    from {{ source('lake', 'contracts') }} as c
    join {{ source('lake', 'notices') }} as n on n.year = c.year and n.notice_id = c.notice_id
    -- Values that are withheld, stand for none, or are a framework's ceiling would not add up to what is spent.
    where c.year in ({{ years }})
        and c.value > 0
        and coalesce(c.is_value_withheld, false) = false
        and coalesce(c.is_value_token, false) = false
        and coalesce(c.is_framework, n.is_framework, false) = false
    group by c.year, n.buyer_name, n.buyer_country, substr(n.cpv_main, 1, 2), c.value_currency
)

-- The partition column comes last: Athena wants it so.
select
    spend.buyer_name,
    spend.buyer_country,
    spend.cpv_division,
    spend.value_currency,
    spend.contract_count,
    spend.total_value,
    read_until.lake_as_of,
    spend.year
from spend
join read_until on read_until.year = spend.year
