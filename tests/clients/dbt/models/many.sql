{{ config(materialized='table', partitioned_by=['part']) }}
select 'a' as code, n as part from unnest(sequence(1, 120)) as t(n)
