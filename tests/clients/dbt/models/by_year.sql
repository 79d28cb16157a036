{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['year']) }}
select count(*) as notices, max(notice_id) as last_notice_id, year from {{ source('lake', 'notices') }}
group by year
