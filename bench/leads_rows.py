"""
A million leads as they might have come in over two years: a tenth merged, recent ones still open, older ones
converted or not, every second name the same, and one name that nobody has had for long.
"""

from uuid import UUID

DAYS = 730
STAFF = [UUID(int=n) for n in range(1, 21)]

USERS = """
INSERT INTO users (id, email, name, role, password_hash, created_at)
SELECT id, id || '@plumbline.test', 'Staff', 'MANAGER', '-', %(now)s FROM unnest(%(ids)s::uuid[]) AS id
"""

# The latest have the lowest n. What is younger than a week is NEW; spam is spread evenly.
LEADS = f"""
WITH drawn AS (
    SELECT n, random() AS a, random() AS b, random() AS c, random() AS d, random() AS e,
           %(now)s::timestamptz - n * (interval '{DAYS} days' / %(count)s) AS at
    FROM generate_series(0, %(count)s - 1) AS n
)
INSERT INTO leads (id, status, source, name, phone, email, content, quote, merged_into, assigned_to,
                   first_contact_at, consent_version, consent_at, correlation_id, created_at)
SELECT md5('lead' || n)::uuid,
       CASE WHEN a < 0.05 THEN 'SPAM' WHEN n < %(count)s / 100 THEN 'NEW' WHEN b < 0.3 THEN 'CONVERTED'
            WHEN b < 0.6 THEN 'CANCELLED' ELSE 'CONTACTED' END,
       CASE WHEN c < 0.5 THEN 'CONTACT_FORM' WHEN c < 0.9 THEN 'QUOTE_FORM' ELSE 'FURNITURE_QUOTE' END,
       CASE WHEN n >= %(count)s * 0.9 AND a < 0.5 THEN 'Lâu Rồi' ELSE
           (ARRAY['Nguyễn', 'Nguyễn', 'Nguyễn', 'Nguyễn', 'Trần', 'Lê', 'Phạm', 'Bùi'])[1 + floor(d * 8)::int]
           || ' ' || (ARRAY['Thị', 'Văn', 'Minh', 'Ngọc', 'Hữu'])[1 + floor(e * 5)::int] || ' '
           || (ARRAY['Hoa', 'An', 'Bình', 'Cường', 'Dũng', 'Giang', 'Hà', 'Khánh', 'Lan', 'Mai', 'Nam',
      'Oanh', 'Phúc', 'Quân', 'Sơn', 'Tâm', 'Uyên', 'Vy', 'Yến', 'Xuân'])[1 + floor(b * 20)::int]
       END,
       '+849' || lpad(n::text, 8, '0'),
       CASE WHEN c < 0.6 THEN 'khach' || n || '@' || (ARRAY['gmail.com', 'example.test'])[1 + n %% 2] END,
       'Tôi muốn sửa lại nhà bếp, khoảng ' || n %% 60 || ' mét vuông, trong tháng tới.',
       CASE WHEN c >= 0.5 THEN '{{"total": {{"amount": "12500000", "currency": "VND"}}}}'::jsonb END,
       CASE WHEN n %% 10 = 0 AND n > 0 THEN md5('lead' || n - 1)::uuid END,
       (%(ids)s::uuid[])[1 + floor(e * 20)::int],
       CASE WHEN n >= %(count)s / 100 THEN at + d * interval '1 hour' END,
       '1', at, 'bench-' || n, at
FROM drawn
"""
