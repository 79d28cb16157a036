{#-
  dbt deletes the files of a table before it builds it anew. A model named as a table of the lake and built into the
  lake's database would have dbt delete what the merge has published, past all SQL. So this ends every run that would
  build something there, by the target or by a model's own schema; tests and docs build nothing.
-#}
{% macro the_lake() -%}
  {{ return(var('lake', target.schema | replace('_sandbox', ''))) }}
{%- endmacro %}

{% macro refuse_the_lake() %}
  {%- if execute and flags.WHICH not in ['test', 'generate', 'compile', 'list', 'show'] -%}
    {%- set lake = the_lake() -%}
    {%- set builds = ['model', 'seed', 'snapshot'] -%}
    {%- set within = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in builds and node.schema | lower == lake | lower -%}
      {%- do within.append(node.name) -%}
    {%- endfor -%}
    {%- if within or target.schema | lower == lake | lower -%}
      {%- do exceptions.raise_compiler_error(
        lake ~ ' is the database of the lake, which its merge alone writes: dbt would delete the files below its tables. '
        ~ 'Expected another schema for ' ~ (within | join(', ') or 'the target ' ~ target.name)
        ~ '. Build into the sandbox: schema: ' ~ lake ~ '_sandbox in profiles.yml, and no schema of its own for a model'
      ) -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}
