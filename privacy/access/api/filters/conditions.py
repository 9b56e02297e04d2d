"""SCIM filters and orders as SQL. Names come from the schema, values are parameters: nothing of a request becomes SQL text.

Every condition is true or false, never NULL, so that `not` means what RFC 7644 says. What cannot be said in SQL raises
NotInSql, and is evaluated in Python over pieces of the table.
"""

# ruff: noqa: S608 - the text is put together from constants and the schema's own names; see above

from datetime import datetime
from typing import Any

from scim2_models import InvalidFilterException, Reference, Resource, ScimFilter
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    Not,
    Present,
    ValuePath,
    coerce_value,
)
from scim2_models.path.expressions import LogicalOperator

from privacy.access.api.filters.attributes import (
    SCIM_USERS,
    NotInSql,
    Sql,
    Table,
    array_of,
    form_of,
    is_a,
    json_path,
    names_of,
    scalar,
)

LONGEST_FILTER = 4_000  # characters
MOST_CONDITIONS = 60
_ORDERS = {CompareOperator.gt: ">", CompareOperator.ge: ">=", CompareOperator.lt: "<", CompareOperator.le: "<="}


def check_size(text: str) -> None:
    """Refuse a filter before it is read where nobody could mean it. Raises InvalidFilter."""
    if len(text) > LONGEST_FILTER:
        raise InvalidFilterException(detail=f"The filter is too long: {LONGEST_FILTER} characters at most.")


def to_sql(found: "ScimFilter[Any]", model: type[Resource[Any]], table: Table) -> Sql:
    """The filter as a condition on the table. Raises NotInSql, InvalidFilter."""
    if _conditions(found.ast) > MOST_CONDITIONS:
        raise InvalidFilterException(detail=f"The filter has too many conditions: {MOST_CONDITIONS} at most.")
    bound: ScimFilter[Any] = ScimFilter[model](str(found))  # type: ignore[valid-type]
    return _Translator(bound, table).visit(bound.ast)


def order_sql(binding: AttributeBinding | None, table: Table) -> Sql:
    """What a resource is ordered by: NULL where it has no value. Raises NotInSql."""
    if binding is None:
        return Sql("NULL::text")
    names = names_of(binding)
    if binding.is_multivalued:
        if names[0] in table.lists or binding.sub_field_name is None:
            raise NotInSql
        array = array_of(table, names[:-1])
        entry = (
            f"(SELECT e.entry->>'{names[-1]}' FROM jsonb_array_elements({array}) WITH ORDINALITY AS e(entry, place)"
            " ORDER BY (e.entry->'primary' = 'true'::jsonb) IS NOT TRUE, e.place LIMIT 1)"
        )
        return _ordered(binding, entry)
    return _ordered(binding, scalar(table, names))


def _ordered(binding: AttributeBinding, value: str) -> Sql:
    if is_a(binding, bool):
        return Sql(f"({value})::boolean")
    if is_a(binding, datetime):
        return Sql(value)
    return Sql(f'{form_of(binding, value)} COLLATE "C"')


def _conditions(node: FilterNode) -> int:
    if isinstance(node, Not):
        return _conditions(node.expr)
    if isinstance(node, LogicalExpr):
        return sum(_conditions(term) for term in node.terms)
    return 1 + _conditions(node.val_filter) if isinstance(node, ValuePath) else 1


class _Translator(FilterVisitor[Sql]):
    """inside: the list that a value selection looks into, while its conditions are translated."""

    def __init__(self, bound: "ScimFilter[Any]", table: Table, inside: AttrPath | None = None) -> None:
        self.bound, self.table, self.inside = bound, table, inside

    def visit_not(self, node: Not) -> Sql:
        inner = self.visit(node.expr)
        return Sql(f"(NOT {inner.text})", inner.params)

    def visit_logical_expr(self, node: LogicalExpr) -> Sql:
        terms = [self.visit(term) for term in node.terms]
        word = " AND " if node.op == LogicalOperator.and_ else " OR "
        return Sql(f"({word.join(term.text for term in terms)})", tuple(p for term in terms for p in term.params))

    def visit_comparison(self, node: Comparison) -> Sql:
        binding = self._binding(node.attr_path, comparing=True)
        if binding is None:
            return Sql("FALSE")
        value = coerce_value(binding, node.value, node.op)
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            raise InvalidFilterException(detail="The filter holds half of a character.")
        if value is not None and _is_complex(binding):
            raise InvalidFilterException(detail="An attribute with parts is compared by one of them (RFC 7644, 3.4.2.2).")
        if self.inside is not None:
            return _compare(binding, self._entry(binding), node.op, value)
        if not binding.is_multivalued:
            return _compare(binding, scalar(self.table, names_of(binding)), node.op, value)
        entry = _compare(binding, self._entry(binding), node.op, value)
        none = _compare(binding, "NULL::text", node.op, value)
        source = self._source(binding)
        if node.op == CompareOperator.ne:
            some = Sql(f"NOT EXISTS (SELECT 1 FROM {source} e WHERE NOT {entry.text})", entry.params)
        else:
            some = Sql(f"EXISTS (SELECT 1 FROM {source} e WHERE {entry.text})", entry.params)
        return Sql(
            f"(CASE WHEN EXISTS (SELECT 1 FROM {source} e) THEN {some.text} ELSE {none.text} END)", some.params + none.params
        )

    def visit_present(self, node: Present) -> Sql:
        binding = self._binding(node.attr_path)
        if binding is None:
            return Sql("FALSE")
        if self.inside is not None:
            return _present(binding, self._entry(binding))
        names = names_of(binding)
        if binding.is_multivalued:
            source = self._source(binding)
            if binding.sub_field_name is None:
                return Sql(f"EXISTS (SELECT 1 FROM {source} e)")
            inner = _present(binding, self._entry(binding))
            return Sql(f"EXISTS (SELECT 1 FROM {source} e WHERE {inner.text})")
        if names not in self.table.columns and _is_complex(binding):
            if names == ("meta",):
                return Sql("TRUE")
            value = f"({self.table.resource}#>'{json_path(names)}')"
            kept = f"(CASE WHEN jsonb_typeof{value} = 'object' THEN {value} ELSE '{{}}'::jsonb END)"
            return Sql(f"EXISTS (SELECT 1 FROM jsonb_each_text({kept}) AS part WHERE part.value <> '')")
        return _present(binding, scalar(self.table, names))

    def visit_value_path(self, node: ValuePath) -> Sql:
        binding = self._binding(node.attr_path)
        if binding is None:
            return Sql("FALSE")
        if not _is_complex(binding):
            raise NotInSql
        inner = _Translator(self.bound, self.table, inside=node.attr_path).visit(node.val_filter)
        return Sql(f"EXISTS (SELECT 1 FROM {self._source(binding)} e WHERE {inner.text})", inner.params)

    def _binding(self, path: AttrPath, *, comparing: bool = False) -> AttributeBinding | None:
        if self.inside is not None:
            if path.uri or path.sub_attr:
                raise NotInSql
            path = AttrPath(self.inside.attr, path.attr, self.inside.uri)
        resolve = self.bound.resolve_comparison if comparing else self.bound.resolve
        binding = resolve(path, strict=False)
        if binding is not None and is_a(binding, bytes):
            raise NotInSql
        return binding

    def _source(self, binding: AttributeBinding) -> str:
        names = names_of(binding)
        head = names if binding.sub_field_name is None else names[:-1]
        if head[-1] in self.table.lists:
            return self.table.lists[head[-1]][0]
        if not _is_complex_head(binding):
            raise NotInSql
        return f"jsonb_array_elements({array_of(self.table, head)})"

    def _entry(self, binding: AttributeBinding) -> str:
        """The value of a sub-attribute of one entry, which SQL calls e."""
        names = names_of(binding)
        if binding.sub_field_name is None:
            raise NotInSql
        if names[-2] in self.table.lists:
            return self.table.lists[names[-2]][1][names[-1]]
        return f"(e.value->>'{names[-1]}')"


def _is_complex(binding: AttributeBinding) -> bool:
    return binding.sub_field_name is None and _is_complex_head(binding)


def _is_complex_head(binding: AttributeBinding) -> bool:
    head = binding.field_type
    return isinstance(head, type) and hasattr(head, "model_fields") and not issubclass(head, Reference)


def _present(binding: AttributeBinding, value: str) -> Sql:
    if is_a(binding, datetime):
        return Sql(f"({value} IS NOT NULL)")
    return Sql(f"COALESCE({value} <> '', FALSE)")


def _compare(binding: AttributeBinding, value: str, op: CompareOperator, operand: Any) -> Sql:
    """One comparison, as the library itself compares: nothing is equal to a missing value but null."""
    if operand is None:
        said = {CompareOperator.eq: f"({value} IS NULL)", CompareOperator.ne: f"({value} IS NOT NULL)"}
        return Sql(said.get(op, "FALSE"))
    if is_a(binding, bool):
        return _equal(f"({value})::boolean", op, operand)
    if is_a(binding, datetime):
        if not isinstance(operand, datetime) or op in (CompareOperator.co, CompareOperator.sw, CompareOperator.ew):
            return Sql("FALSE")
        if operand.tzinfo is None:
            raise InvalidFilterException(detail="An instant has a time zone: 2026-01-31T12:00:00Z.")
        if value == "NULL::text":
            value = "NULL::timestamptz"
        return _equal(value, op, operand)
    try:
        wanted = binding.comparable(str(operand))
    except ValueError:
        return Sql("TRUE" if op == CompareOperator.ne else "FALSE")
    form = form_of(binding, value)
    match op:
        case CompareOperator.co:
            return Sql(f"COALESCE(strpos({form}, %s) > 0, FALSE)", (wanted,))
        case CompareOperator.sw:
            return Sql(f"COALESCE(starts_with({form}, %s), FALSE)", (wanted,))
        case CompareOperator.ew:
            return Sql(f"COALESCE(right({form}, length(%s)) = %s, FALSE)", (wanted, wanted))
    if op == CompareOperator.eq and value in (f"{SCIM_USERS}.external_id", f"{SCIM_USERS}.user_name"):
        return Sql(f"({form} = %s)", (wanted,))
    return _equal(f'{form} COLLATE "C"', op, wanted)


def _equal(value: str, op: CompareOperator, operand: Any) -> Sql:
    if op == CompareOperator.eq:
        return Sql(f"COALESCE({value} = %s, FALSE)", (operand,))
    if op == CompareOperator.ne:
        return Sql(f"COALESCE({value} <> %s, TRUE)", (operand,))
    return Sql(f"COALESCE({value} {_ORDERS[op]} %s, FALSE)", (operand,))
