{#-
  Years that an incremental model has to build: those of the lake that it lacks, and those of which the lake has read a
  package again since. As a text for IN (…), so that Athena reads the partitions of these years and no others.
-#}
{% macro due_years() -%}
  {%- set packages = source('lake', 'packages') -%}
  {%- if not execute -%}
    null
  {%- else -%}
    {%- set question -%}
      select lake.year
      from (select year, max(extracted_at) as as_of from {{ packages }} group by year) as lake
      {%- if is_incremental() %}
      left join (select year, max(lake_as_of) as as_of from {{ this }} group by year) as built on built.year = lake.year
      where built.as_of is null or built.as_of < lake.as_of
      {%- endif %}
      order by lake.year
    {%- endset -%}
    {{ run_query(question).columns[0].values() | join(', ') or 'null' }}
  {%- endif -%}
{%- endmacro %}
