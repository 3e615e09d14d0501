"""
Forty demo contractors with their projects, reviews and bids, and one ranking of them.

Who they are and how well they work follows from their place in the list; only the dates depend on when they
are brought in, so that they look alive. Contractor 1 is the account contractor@plumbline.test.
"""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from chalicelib.platform.postgres import Database
from chalicelib.rankings.service import LOCK, calculate_under
from chalicelib.resilience.store import issue_fence

_Row = tuple[Any, ...]
_NAMESPACE = uuid.UUID("b0d4f0a8-3f0e-4a53-8f6d-4f6c0e4b7a11")
_ACCOUNT = "contractor@plumbline.test"
_PROOFS = (("identity", 0.9), ("licence", 0.6), ("insurance", 0.4))  # each with the share that has it
_REVIEWED, _VERIFIED = 0.7, 0.85

# Name and region (ISO 3166-2:VN), in the order of their numbers.
_CONTRACTORS = """
Xây dựng Trần Văn Bình, VN-SG      Nội thất Hoàng Gia, VN-HN          Sơn nhà Minh Phát, VN-SG
Kiến trúc Xanh Việt, VN-DN         Hoàn thiện Đại Tín, VN-HN          Chống thấm Thành Công, VN-SG
Nhà bếp An Khang, VN-HP            Sàn gỗ Trường Sơn, VN-HN           Thạch cao Hưng Thịnh, VN-SG
Điện nước Phúc Lộc, VN-CT          Xây dựng Nam Cường, VN-57          Gạch ốp Bảo An, VN-DN
Sửa nhà Tâm Đức, VN-SG             Nội thất Mộc Lan, VN-HN            Trang trí Khánh Linh, VN-34
Hoàn thiện Việt Hưng, VN-HP        Sơn Đông Á, VN-39                  Phòng tắm Hải Đăng, VN-DN
Xây dựng Phú Quý, VN-SG            Kiến tạo Sài Gòn, VN-SG            Nhà đẹp Thăng Long, VN-HN
Cải tạo Gia Bảo, VN-HN             Bếp Việt Thắng, VN-26              Thi công Quang Minh, VN-22
Sàn nhựa Thiên Phú, VN-57          Xây dựng Lạc Hồng, VN-43           Chống thấm Sao Mai, VN-HP
Trần đẹp Đức Anh, VN-HN            Nội thất Bạch Dương, VN-35         Sửa chữa Tấn Phát, VN-SG
Điện nước Hòa Bình, VN-21          Kiến trúc Mái Ấm, VN-CT            Ốp lát Tiến Đạt, VN-SG
Hoàn thiện Ngọc Châu, VN-66        Sơn nhà Cầu Vồng, VN-HN            Xây dựng Hồng Hà, VN-HN
Nhà phố Thuận Thành, VN-39         Phòng tắm Thanh Trì, VN-HN         Cải tạo Phương Nam, VN-CT
Thợ giỏi Nhật Tân, VN-HN
"""


def seed_contractors(url: str) -> None:
    """Bring the contractors into the database at *url* where there are none, and rank them once."""
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT FROM contractors LIMIT 1").fetchone() is not None:
            return
        _insert(connection, datetime.now(UTC))
    database = Database(url)
    try:
        calculate_under(database, issue_fence(database, LOCK))
    finally:
        database.close()


def _names() -> Iterator[tuple[str, str]]:
    for line in _CONTRACTORS.strip().splitlines():
        for entry in line.split("  "):
            if entry.strip():
                name, _, region = entry.strip().rpartition(", ")
                yield name, region


def _share(*of: object) -> float:
    """A number in [0, 1) that depends on *of* alone."""
    digest = hashlib.sha256("/".join(map(str, of)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _insert(connection: psycopg.Connection, now: datetime) -> None:
    categories = connection.execute("SELECT id FROM service_categories ORDER BY position, name").fetchall()
    account = connection.execute("SELECT id FROM users WHERE email = %s", [_ACCOUNT]).fetchone()
    contractors, projects, reviews, bids = (list[_Row]() for _ in range(4))
    for number, (name, region) in enumerate(_names(), start=1):
        contractor_id = uuid.uuid5(_NAMESPACE, f"contractor/{number}")
        joined = now - timedelta(days=200 + int(1800 * _share("joined", number)))
        proofs = [joined if _share("proof", number, kind) < often else None for kind, often in _PROOFS]
        category = categories[number % len(categories)][0] if categories else None
        user_id = account[0] if account and number == 1 else None
        contractors.append((contractor_id, user_id, name, category, region, *proofs, joined))
        for project in range(2 + int(58 * _share("projects", number) ** 2)):
            ended = joined + (now - joined) * _share("ended", number, project)
            projects.append((_id("project", number, project), contractor_id, ended))
            if project == 0 or _share("reviewed", number, project) < _REVIEWED:
                rating = min(5, max(1, round(4.9 - 2.5 * _share("rating", number, project) * _flaw(number))))
                is_verified = _share("verified", number, project) < _VERIFIED
                reviews.append((_id("review", number, project), contractor_id, rating, is_verified, ended))
        projects.append((_id("project", number, "open"), contractor_id, None))
        for bid in range(3 + int(20 * _share("bids", number))):
            invited = joined + (now - joined) * _share("invited", number, bid)
            replied = invited + timedelta(hours=40 * _share("pace", number) * _share("reply", number, bid))
            is_answered = _share("answered", number, bid) > _flaw(number) / 2 and replied < now
            bids.append((_id("bid", number, bid), contractor_id, invited, replied if is_answered else None))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO contractors (id, user_id, name, category_id, region, identity_verified_at,"
            " licence_verified_at, insurance_verified_at, joined_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            contractors,
        )
        cursor.executemany(
            "INSERT INTO projects (id, contractor_id, completed_at) VALUES (%s, %s, %s)", projects
        )
        cursor.executemany(
            "INSERT INTO reviews (id, contractor_id, rating, is_verified, created_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            reviews,
        )
        cursor.executemany(
            "INSERT INTO bids (id, contractor_id, invited_at, replied_at) VALUES (%s, %s, %s, %s)", bids
        )


def _id(kind: str, number: int, of: object) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{kind}/{number}/{of}")


def _flaw(number: int) -> float:
    """What is wanting in a contractor's work, 0 to 1."""
    return _share("flaw", number)
