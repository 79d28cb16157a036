{#- Rows that name a row of another table by several columns, which that table lacks; a NULL names nothing. -#}
{% test refers_to(model, to, columns) %}
select {% for column in columns %}child.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
from {{ model }} as child
left join (select distinct {{ columns | join(', ') }} from {{ to }}) as parent
  on {% for column in columns %}parent.{{ column }} = child.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
where parent.{{ columns[0] }} is null
{%- for column in columns %}
  and child.{{ column }} is not null
{%- endfor %}
{% endtest %}
