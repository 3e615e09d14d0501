"""Demo regions, Vietnam's eight with their 63 provinces (codes: ISO 3166-2:VN), and public settings."""

import json
import uuid

import psycopg

_NAMESPACE = uuid.UUID("9d7d7e57-93a3-4f0b-9c5e-0d6b8a5c7e21")

# Code and name of each region, then of its provinces.
_REGIONS = """
NW Tây Bắc Bộ
    71 Điện Biên, 14 Hòa Bình, 01 Lai Châu, 02 Lào Cai, 05 Sơn La, 06 Yên Bái
NE Đông Bắc Bộ
    54 Bắc Giang, 53 Bắc Kạn, 04 Cao Bằng, 03 Hà Giang, 09 Lạng Sơn, 68 Phú Thọ, 13 Quảng Ninh,
    69 Thái Nguyên, 07 Tuyên Quang
RRD Đồng bằng sông Hồng
    HN Hà Nội, HP Hải Phòng, 56 Bắc Ninh, 63 Hà Nam, 61 Hải Dương, 66 Hưng Yên, 67 Nam Định,
    18 Ninh Bình, 20 Thái Bình, 70 Vĩnh Phúc
NCC Bắc Trung Bộ
    23 Hà Tĩnh, 22 Nghệ An, 24 Quảng Bình, 25 Quảng Trị, 21 Thanh Hóa, 26 Thừa Thiên Huế
SCC Duyên hải Nam Trung Bộ
    DN Đà Nẵng, 31 Bình Định, 40 Bình Thuận, 34 Khánh Hòa, 36 Ninh Thuận, 32 Phú Yên, 27 Quảng Nam,
    29 Quảng Ngãi
CH Tây Nguyên
    33 Đắk Lắk, 72 Đắk Nông, 30 Gia Lai, 28 Kon Tum, 35 Lâm Đồng
SE Đông Nam Bộ
    SG Thành phố Hồ Chí Minh, 43 Bà Rịa - Vũng Tàu, 57 Bình Dương, 58 Bình Phước, 39 Đồng Nai,
    37 Tây Ninh
MRD Đồng bằng sông Cửu Long
    CT Cần Thơ, 44 An Giang, 55 Bạc Liêu, 50 Bến Tre, 59 Cà Mau, 45 Đồng Tháp, 73 Hậu Giang,
    47 Kiên Giang, 41 Long An, 52 Sóc Trăng, 46 Tiền Giang, 51 Trà Vinh, 49 Vĩnh Long
"""
_SETTINGS = {
    "companyPhone": "028 7300 1234",
    "serviceHours": "Thứ Hai đến thứ Bảy, 8:00 đến 18:00",
    "consentText": "Tôi đồng ý để Plumbline dùng thông tin này để liên hệ và báo giá cho tôi.",
}


def seed_regions(connection: psycopg.Connection) -> None:
    """Bring the regions where there are none."""
    rows: list[tuple[uuid.UUID, uuid.UUID | None, str, str, int]] = []
    parent = None
    for line in _REGIONS.strip().splitlines():
        if not line.startswith(" "):
            parent = None
        for entry in line.strip().rstrip(",").split(", "):
            code, _, name = entry.partition(" ")
            whole = code if parent is None else f"VN-{code}"
            rows.append((_id_of(whole), parent, whole, name, len(rows)))
        parent = parent or rows[-1][0]
    with connection.cursor() as cursor:
        if cursor.execute("SELECT 1 FROM regions LIMIT 1").fetchone() is None:
            cursor.executemany(
                "INSERT INTO regions (id, parent_id, code, name, position) VALUES (%s, %s, %s, %s, %s)", rows
            )


def seed_settings(connection: psycopg.Connection) -> None:
    """Fill in the settings that nobody has filled in yet."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE settings SET value = %s::jsonb WHERE key = %s AND value = '\"\"'",
            [(json.dumps(value, ensure_ascii=False), key) for key, value in _SETTINGS.items()],
        )


def _id_of(code: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, code)
