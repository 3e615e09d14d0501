"""The catalogue in SQL."""

from uuid import UUID

from chalicelib.platform.postgres import Database, Row

_CATEGORIES = """
SELECT id, name, description, coefficient FROM service_categories ORDER BY position, name
"""
_MATERIALS = """
SELECT id, category_id, name, unit, price FROM materials
WHERE %(category_id)s::uuid IS NULL OR category_id IS NULL OR category_id = %(category_id)s
ORDER BY position, name
"""

# Everything that a calculator quote is computed from, as one jsonb value with exact numbers as text:
# for `SELECT (…) AS price_inputs` in a use case's own statement. Takes category_id and material_ids.
PRICE_INPUTS = """
SELECT jsonb_build_object(
    'category', (
        SELECT jsonb_build_object('id', id, 'name', name, 'formula', formula, 'coefficient',
        coefficient::text)
        FROM service_categories WHERE id = %(category_id)s
    ),
    'unitPrices', (SELECT coalesce(jsonb_object_agg(tag, amount::text), '{}') FROM unit_prices),
    'materials', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'unit', unit, 'price',
        price::text)
                                  ORDER BY position, name), '[]')
        FROM materials
        WHERE id = ANY(%(material_ids)s::uuid[]) AND (category_id IS NULL OR category_id = %(category_id)s)
    )
)
"""


def list_categories(database: Database) -> list[Row]:
    """Every service category in the order in which it is shown."""
    return database.rows(_CATEGORIES)


def list_materials(database: Database, category_id: UUID | None) -> list[Row]:
    """The materials that go with *category_id*, or all of them."""
    return database.rows(_MATERIALS, {"category_id": category_id})
