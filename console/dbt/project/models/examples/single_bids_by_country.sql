-- Outcomes with a winner whose number of tenders is published; the rest say nothing of competition.
select
    r.year,
    n.buyer_country,
    count(*) as outcome_count,
    sum(case when r.tenders_received = 1 then 1 else 0 end) as single_bid_count,
    round(100.0 * sum(case when r.tenders_received = 1 then 1 else 0 end) / count(*), 1) as single_bid_percent
from {{ source('lake', 'lot_results') }} as r
join {{ source('lake', 'notices') }} as n on n.year = r.year and n.notice_id = r.notice_id
where r.status = 'selec-w' and r.tenders_received > 0
group by r.year, n.buyer_country
