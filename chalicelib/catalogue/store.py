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
_PRODUCTS = """
SELECT id, name, description, unit, unit_price, fit_in_type, fit_in_value FROM furniture_products
ORDER BY position, name, id
"""
_REGIONS = "SELECT id, parent_id, code, name FROM regions ORDER BY position, name, id"
_PUBLIC_SETTINGS = "SELECT key, type, value FROM settings WHERE is_public ORDER BY key"

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
# The same for a furniture quote. Takes product_ids.
FURNITURE_INPUTS = """
SELECT jsonb_build_object(
    'products', (
        SELECT coalesce(jsonb_object_agg(id, jsonb_build_object(
            'name', name, 'unit', unit, 'unitPrice', unit_price::text,
            'fitInType', fit_in_type, 'fitInValue', fit_in_value::text
        )), '{}')
        FROM furniture_products WHERE id = ANY(%(product_ids)s::uuid[])
    ),
    'fees', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'type', type, 'value', value::text)
                                  ORDER BY position, name, id), '[]')
        FROM furniture_fees
    )
)
"""


def list_categories(database: Database) -> list[Row]:
    """Every service category in the order in which it is shown."""
    return database.rows(_CATEGORIES)


def list_materials(database: Database, category_id: UUID | None) -> list[Row]:
    """The materials that go with *category_id*, or all of them."""
    return database.rows(_MATERIALS, {"category_id": category_id})


def list_products(database: Database) -> list[Row]:
    """Every piece of furniture in the order in which it is shown."""
    return database.rows(_PRODUCTS)


def list_regions(database: Database) -> list[Row]:
    """The regions of both levels in the order in which they are shown."""
    return database.rows(_REGIONS)


def list_public_settings(database: Database) -> list[Row]:
    """The settings that everybody may know."""
    return database.rows(_PUBLIC_SETTINGS)
