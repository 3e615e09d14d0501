"""
The demo data of `make run`: six service categories, their unit prices, 31 materials, and an account of each
role. Idempotent.

`MIGRATION_DATABASE_URL=postgresql://… DEMO_PASSWORD=… python -m local.demo_data`. Ids are derived from names,
so links stay valid.
"""

import os
import uuid
from datetime import UTC, datetime

import psycopg

from chalicelib.accounts.passwords import hash_of, is_right
from local.demo_contractors import seed_contractors
from local.demo_furniture import seed_furniture
from local.demo_regions import seed_regions, seed_settings

_NAMESPACE = uuid.UUID("6f1c1c34-7a55-4d0e-9a2c-1d1b6f6f0a01")

# name, description, formula over AREA and unit prices, coefficient
_CATEGORIES = (
    ("Sơn nhà", "Sơn tường trong và ngoài nhà", "AREA * PAINT_LABOUR + AREA * PREPARATION", "1.0"),
    ("Lát sàn", "Lát gạch, sàn gỗ và sàn nhựa", "AREA * FLOOR_LABOUR", "1.05"),
    (
        "Cải tạo phòng tắm",
        "Chống thấm, ốp lát, thiết bị",
        "AREA * (TILE_LABOUR + WATERPROOFING) + PLUMBING",
        "1.2",
    ),
    ("Cải tạo nhà bếp", "Tủ bếp, mặt đá, điện nước", "AREA * KITCHEN_LABOUR + PLUMBING + WIRING", "1.15"),
    ("Trần thạch cao", "Trần phẳng và trần giật cấp", "AREA * CEILING_LABOUR", "1.0"),
    (
        "Hoàn thiện trọn gói",
        "Từ xây thô đến bàn giao",
        "AREA * (TURNKEY_LABOUR + PREPARATION) + WIRING + PLUMBING",
        "1.1",
    ),
)

_UNIT_PRICES = (
    ("PAINT_LABOUR", "Nhân công sơn, m²", 45_000),
    ("PREPARATION", "Xử lý bề mặt, m²", 20_000),
    ("FLOOR_LABOUR", "Nhân công lát sàn, m²", 120_000),
    ("TILE_LABOUR", "Nhân công ốp lát, m²", 180_000),
    ("WATERPROOFING", "Chống thấm, m²", 150_000),
    ("PLUMBING", "Điện nước trọn gói", 6_500_000),
    ("WIRING", "Đi dây điện trọn gói", 4_800_000),
    ("KITCHEN_LABOUR", "Nhân công bếp, m²", 650_000),
    ("CEILING_LABOUR", "Nhân công trần, m²", 165_000),
    ("TURNKEY_LABOUR", "Nhân công trọn gói, m²", 1_350_000),
)

# category (None: with every one), name, unit, price
_MATERIALS: tuple[tuple[str | None, str, str, int], ...] = (
    ("Sơn nhà", "Sơn nội thất cao cấp", "m2", 38_000),
    ("Sơn nhà", "Sơn ngoại thất chống bám bẩn", "m2", 52_000),
    ("Sơn nhà", "Sơn lót kháng kiềm", "m2", 18_000),
    ("Sơn nhà", "Bột trét tường", "m2", 12_000),
    ("Sơn nhà", "Sơn chống nấm mốc", "m2", 44_000),
    ("Lát sàn", "Gạch porcelain 60×60", "m2", 245_000),
    ("Lát sàn", "Gạch giả gỗ 15×80", "m2", 320_000),
    ("Lát sàn", "Sàn gỗ công nghiệp 12 mm", "m2", 390_000),
    ("Lát sàn", "Sàn nhựa SPC 5 mm", "m2", 285_000),
    ("Lát sàn", "Sàn gỗ sồi tự nhiên", "m2", 1_150_000),
    ("Lát sàn", "Len chân tường", "set", 850_000),
    ("Cải tạo phòng tắm", "Gạch ốp 30×60", "m2", 210_000),
    ("Cải tạo phòng tắm", "Màng chống thấm hai lớp", "m2", 95_000),
    ("Cải tạo phòng tắm", "Bồn cầu một khối", "piece", 4_900_000),
    ("Cải tạo phòng tắm", "Lavabo đặt bàn", "piece", 2_300_000),
    ("Cải tạo phòng tắm", "Sen cây nhiệt độ", "piece", 5_600_000),
    ("Cải tạo phòng tắm", "Vách kính tắm 10 mm", "set", 6_200_000),
    ("Cải tạo nhà bếp", "Tủ bếp MDF chống ẩm", "set", 24_500_000),
    ("Cải tạo nhà bếp", "Tủ bếp gỗ óc chó", "set", 68_000_000),
    ("Cải tạo nhà bếp", "Mặt đá granite", "set", 7_800_000),
    ("Cải tạo nhà bếp", "Mặt đá thạch anh", "set", 13_500_000),
    ("Cải tạo nhà bếp", "Chậu rửa hai hố", "piece", 3_400_000),
    ("Trần thạch cao", "Tấm chống ẩm", "m2", 68_000),
    ("Trần thạch cao", "Tấm tiêu âm", "m2", 135_000),
    ("Trần thạch cao", "Khung xương chìm", "m2", 74_000),
    ("Hoàn thiện trọn gói", "Gói cửa gỗ công nghiệp", "set", 32_000_000),
    ("Hoàn thiện trọn gói", "Gói cửa nhôm kính", "set", 46_000_000),
    ("Hoàn thiện trọn gói", "Gói thiết bị điện", "set", 18_500_000),
    (None, "Vệ sinh công nghiệp sau thi công", "m2", 15_000),
    (None, "Vận chuyển và dọn xà bần", "set", 2_500_000),
    (None, "Che phủ nội thất", "set", 900_000),
)

# address, name, phone, role, language, each new lead by mail too
_ACCOUNTS = (
    ("admin@plumbline.test", "Lê Minh An", None, "ADMIN", "en", False),
    ("manager@plumbline.test", "Phạm Thu Hà", "+84900000002", "MANAGER", "vi", True),
    ("contractor@plumbline.test", "Trần Văn Bình", "+84900000003", "CONTRACTOR", "vi", False),
    ("homeowner@plumbline.test", "Nguyễn Thị Hoa", "+84900000004", "HOMEOWNER", "vi", False),
)


def _id_of(kind: str, name: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{kind}/{name}")


def seed(url: str, password: str) -> None:
    """
    Bring the demo catalogue into the database at *url*, and accounts with *password*.

    What stands there already is left as it is, but for a password that is another one; of the catalogue
    what staff deleted stays deleted.
    """
    _seed_catalogue(url)
    _seed_accounts(url, password)
    seed_contractors(url)


def _seed_accounts(url: str, password: str) -> None:
    now = datetime.now(UTC)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        hashes: dict[str, str] = dict(cursor.execute("SELECT email, password_hash FROM users").fetchall())
        for email, *fields in _ACCOUNTS:
            if is_right(password, hashes.get(email)):
                continue
            cursor.execute(
                "INSERT INTO users (id, email, name, phone, role, locale, wants_lead_mail, password_hash,"
                " confirmed_at, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (email) DO UPDATE SET password_hash = excluded.password_hash,"
                " confirmed_at = coalesce(users.confirmed_at, excluded.confirmed_at)",
                [_id_of("account", email), email, *fields, hash_of(password), now, now],
            )


def _seed_catalogue(url: str) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        seed_regions(connection)
        seed_settings(connection)
        seed_furniture(connection)
        if cursor.execute("SELECT 1 FROM service_categories LIMIT 1").fetchone() is not None:
            return
        cursor.executemany(
            "INSERT INTO unit_prices (tag, name, amount) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            _UNIT_PRICES,
        )
        cursor.executemany(
            "INSERT INTO service_categories (id, name, description, formula, coefficient, position)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(_id_of("category", row[0]), *row, position) for position, row in enumerate(_CATEGORIES)],
        )
        cursor.executemany(
            "INSERT INTO materials (id, category_id, name, unit, price, position)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (_id_of("material", row[1]), row[0] and _id_of("category", row[0]), *row[1:], position)
                for position, row in enumerate(_MATERIALS)
            ],
        )


if __name__ == "__main__":
    seed(os.environ["MIGRATION_DATABASE_URL"], os.environ["DEMO_PASSWORD"])
