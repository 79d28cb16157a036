"""Mend: templates may hold saved queries of Athena, alarms on a formula, and budgets.

Unmended, a template with one of them is refused. A saved query is made. An alarm on a formula is made but never judged
(it stays at INSUFFICIENT_DATA), and a budget does nothing, as the embedded account has no bill.
"""

import json
from typing import Any

from console.aws.mends.guard import check, hook


def apply() -> None:
    """Put the mend in place."""
    from ministack.services import athena
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS
    check({"create", "update", "delete"} <= handlers["AWS::Athena::WorkGroup"].keys(), "handlers of resource types")
    for kind in ("AWS::Athena::NamedQuery", "AWS::Budgets::Budget"):
        check(kind not in handlers, f"no handler of its own for {kind}")
    create_query = hook(athena, "_create_named_query", "data")
    delete_query = hook(athena, "_delete_named_query", "data")

    def create_saved(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        number = json.loads(create_query(props)[2])["NamedQueryId"]
        return number, {"NamedQueryId": number}

    def update_saved(number: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Any:
        # Athena replaces a saved query whose text changes; here it keeps its number.
        athena._named_queries[number] |= new
        return number, {"NamedQueryId": number}

    def delete_saved(number: str, props: dict[str, Any]) -> None:
        delete_query({"NamedQueryId": number})

    def create_budget(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        return f"{stack_name}-{logical_id}", {}

    def update_budget(name: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Any:
        return name, {}

    alarm_record = hook(provisioners, "_cw_metric_alarm_record", "name props")

    def record_of_formula(name: str, props: dict[str, Any]) -> Any:
        if not props.get("Metrics"):
            return alarm_record(name, props)
        nothing_writes_it = {"Namespace": "CcaTedEmbedded", "MetricName": "formula"}
        kept = {key: value for key, value in props.items() if key != "Metrics"}
        return alarm_record(name, kept | nothing_writes_it)

    provisioners._cw_metric_alarm_record = record_of_formula
    handlers["AWS::Athena::NamedQuery"] = {"create": create_saved, "update": update_saved, "delete": delete_saved}
    handlers["AWS::Budgets::Budget"] = {
        "create": create_budget,
        "update": update_budget,
        "delete": lambda name, props: None,
    }
