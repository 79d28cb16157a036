{#- Items of a list that are none of the accepted ones: accepted_values for a column that is a list. -#}
{% test accepted_items(model, column_name, values) %}
select item, count(*) as n
from {{ model }}
cross join unnest({{ column_name }}) as u (item)
where item not in ({% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %})
group by item
{% endtest %}
