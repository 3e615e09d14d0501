"""The catalogue in SQL, and how often what is kept of it was made stale."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chalicelib.platform.postgres import Database, Row, Transaction

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

_MAKE_STALE = """
INSERT INTO cache_invalidations AS known (namespace, changes)
SELECT namespace, 1 FROM unnest(%s::text[]) AS namespace ORDER BY namespace
ON CONFLICT (namespace) DO UPDATE SET changes = known.changes + 1
RETURNING namespace, changes
"""
_UNTOLD = "SELECT namespace, changes FROM cache_invalidations WHERE told < changes"
# Locked in the order in which `_MAKE_STALE` does, so that the two never wait for each other.
_TOLD = """
UPDATE cache_invalidations AS known SET told = behind.changes
FROM (
    SELECT entry.namespace, seen.changes
    FROM unnest(%(namespaces)s::text[], %(changes)s::bigint[]) AS seen (namespace, changes)
    JOIN cache_invalidations AS entry ON entry.namespace = seen.namespace AND entry.told < seen.changes
    ORDER BY entry.namespace FOR UPDATE OF entry
) AS behind
WHERE known.namespace = behind.namespace AND known.told < behind.changes
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


def make_stale(transaction: Transaction, namespaces: Sequence[str]) -> dict[str, int]:
    """Note, with the change itself, that *namespaces* are stale; returns their numbers of changes."""
    return _by_namespace(transaction.rows(_MAKE_STALE, [list(namespaces)]))


def find_untold(database: Database) -> dict[str, int]:
    """The namespaces of which the cache does not know yet, each with its number of changes."""
    return _by_namespace(database.rows(_UNTOLD))


def mark_told(database: Database, told: Mapping[str, int]) -> None:
    """The cache knows of so many changes of each; of what came meanwhile it does not."""
    database.rows(_TOLD, {"namespaces": list(told), "changes": list(told.values())})


def _by_namespace(rows: list[Row]) -> dict[str, int]:
    return {row["namespace"]: row["changes"] for row in rows}
