"""Demo furniture and what its quotes cost beside it; part of `local.demo_data`."""

import uuid

import psycopg

_NAMESPACE = uuid.UUID("2f0d2b0a-64c1-4c39-8d1f-4b3b0b2f9a11")

# name, description, unit, unit price, fit-in type, fit-in value
_PRODUCTS = (
    ("Tủ bếp dưới MDF chống ẩm", "Thùng và cánh MDF phủ melamine", "LINEAR", 2_000_000, "PERCENTAGE", 5),
    ("Tủ bếp trên MDF chống ẩm", "Cao 80 cm, bản lề giảm chấn", "LINEAR", 1_800_000, "PERCENTAGE", 5),
    ("Tủ bếp gỗ sồi", "Gỗ sồi Mỹ, sơn PU", "LINEAR", 4_600_000, "PERCENTAGE", 6),
    ("Mặt đá thạch anh", "Dày 20 mm, vát cạnh", "LINEAR", 2_900_000, "FIXED", 400_000),
    ("Tủ quần áo cánh lùa", "MDF lõi xanh, ray giảm chấn", "M2", 2_650_000, "PERCENTAGE", 4),
    ("Tủ quần áo cánh kính", "Khung nhôm, kính cường lực", "M2", 3_450_000, "PERCENTAGE", 5),
    ("Vách ngăn lam gỗ", "Lam gỗ tần bì", "M2", 1_950_000, "FIXED", 250_000),
    ("Vách ốp đầu giường", "Nỉ bọc mút", "M2", 1_350_000, "FIXED", 200_000),
    ("Kệ ti vi treo", "Sâu 35 cm, hộc kéo", "LINEAR", 1_650_000, "FIXED", 150_000),
    ("Kệ sách âm tường", "MDF sơn 2K", "M2", 2_100_000, "PERCENTAGE", 3),
    ("Tủ giày", "Cánh lật, sâu 25 cm", "LINEAR", 1_450_000, "FIXED", 120_000),
    ("Bàn làm việc liền kệ", "Mặt gỗ cao su", "LINEAR", 1_750_000, "FIXED", 180_000),
    ("Tủ lavabo", "Nhựa PVC chống nước", "LINEAR", 2_350_000, "FIXED", 300_000),
    ("Giường bục", "MDF lõi xanh, có ngăn kéo", "M2", 2_250_000, "FIXED", 350_000),
)
# name, type, value
_FEES = (
    ("Vận chuyển và bốc xếp", "FIXED", 500_000),
    ("Khảo sát và bản vẽ", "PERCENTAGE", 3),
)


def seed_furniture(connection: psycopg.Connection) -> None:
    """Bring products and fees where there are no products."""
    with connection.cursor() as cursor:
        if cursor.execute("SELECT 1 FROM furniture_products LIMIT 1").fetchone() is not None:
            return
        cursor.executemany(
            "INSERT INTO furniture_products (id, name, description, unit, unit_price, fit_in_type,"
            " fit_in_value, position) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(uuid.uuid5(_NAMESPACE, row[0]), *row, place) for place, row in enumerate(_PRODUCTS)],
        )
        cursor.executemany(
            "INSERT INTO furniture_fees (id, name, type, value, position) VALUES (%s, %s, %s, %s, %s)",
            [(uuid.uuid5(_NAMESPACE, row[0]), *row, place) for place, row in enumerate(_FEES)],
        )
